import { conformanceBits } from '../apdu/conformance.js';
import { AccessError } from '../base/errors.js';
import { associationOf, type Companion, objectTitle } from '../companion/companion.js';

/** How the meter was opened that refused. */
export interface Refused {
  /** The SAP of the client that asked. */
  readonly client: number;
  /** The companion specification of the meter. */
  readonly companion: Companion;
  /** Whether requests are ciphered: some meters answer a key or a counter that they do not take in the same way. */
  readonly ciphered: boolean;
}

/** set and action of a conformance block. */
const MAY_CHANGE = conformanceBits(['set', 'action']);

/**
 * Makes a refusal plain that says too little: with an exception-response (`service-not-supported`) a meter says neither which object it
 * meant nor which client may do more. The error that comes back names both.
 *
 * ```ts
 * meter.get(attribute).catch((error) => { throw explainNotServed(error, { client: 16, companion: is15959, ciphered: false }); });
 * ```
 * @returns an AccessError with the same `result` and `target`; any other error as it is.
 */
export function explainNotServed(error: unknown, { client, companion, ciphered }: Refused): unknown {
  if (!(error instanceof AccessError) || error.result !== 'service-not-supported') return error;
  const { result, target } = error;
  const title = objectTitle(companion, target.split(':')[1] ?? '');
  const association = associationOf(companion, client);
  const who = association === undefined ? `client ${client}` : `client ${client} (${association.title.toLowerCase()})`;
  const onlyReads = association !== undefined && (association.conformance & MAY_CHANGE) === 0;
  const what = title === undefined ? target : `${target} (${title})`;
  return new AccessError(result, target, `${what}: the meter does not serve this to ${who}: ${result}`, {
    hint: onlyReads
      ? `${who} may only read: connect as one that may change the meter, in India the utility, client 48`
      : `another client may do it${ciphered ? '; some meters answer so to an invocation counter, a key or a dedicated key that they do not take' : ''}`,
    cause: error,
  });
}
