import { LinkError } from '../base/errors.js';
import { explainPort, PORT_GONE } from '../base/port-fault.js';

/** A LinkError for an error of a port, with a hint. `unplugged` when the port was open before. */
export function portError(error: unknown, name: string, state: 'opening' | 'unplugged' = 'opening'): LinkError {
  if (error instanceof LinkError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const known = explainPort(message);
  if (state === 'unplugged') {
    return new LinkError('transport', `${name}: ${PORT_GONE.what} (${message})`, {
      hint: PORT_GONE.hint,
      cause: error,
    });
  }
  return new LinkError('transport', `${name}: ${known?.what ?? message}`, {
    hint: known?.hint ?? '`cosem ports` lists the ports',
    cause: error,
  });
}
