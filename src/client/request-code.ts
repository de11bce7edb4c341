import { lazily } from '../base/clock.js';
import type { Procedure } from '../contracts/procedure.js';

const NOTHING = new Uint8Array(0);

/**
 * Code of procedures, loaded in the turn of the first of them: later ones keep their order, and are made at once when it is there.
 * @returns makes a procedure from the code.
 */
export function requestCode<C>(load: () => Promise<C>): <T>(make: (code: C) => Procedure<T>) => Procedure<T> {
  let code: C | undefined;
  const loaded = lazily(async () => {
    code = await load();
  });
  return function* procedure(make) {
    if (code === undefined) yield { apdu: NOTHING, reply: false, until: loaded() };
    return yield* make(code as C);
  };
}
