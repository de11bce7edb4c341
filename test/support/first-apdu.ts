import type { ClientSession } from '../../src/session/client-session.js';

/** The AARQ of an association that is begun and goes no further. */
export function firstApdu(client: ClientSession): Uint8Array {
  const step = client.associate().next(new Uint8Array(0));
  if (step.done === true) throw new Error('an association begins with an AARQ');
  return step.value.apdu;
}
