import type { Exchange } from '../contracts/procedure.js';

/** What a procedure yields when a payload was a stale answer or a notification: send nothing, give me the next one. */
export const WAIT_ON: Exchange = { apdu: new Uint8Array(0), reply: true };

/** {@link WAIT_ON} with the reason why the payload was put aside. */
export function waitOn(aside: string): Exchange {
  return { ...WAIT_ON, aside };
}
