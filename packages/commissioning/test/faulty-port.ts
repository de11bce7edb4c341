import { LinkError } from '../../../src/base/errors.js';
import type { MeterPort } from '../src/meter-port.js';

/**
 * A port whose probe is pulled at a call: before the meter has heard it, or after, when only the answer is lost. From then on nothing
 * answers.
 */
export function pulledAt(port: MeterPort, call: number, heard: boolean): MeterPort & { readonly calls: number } {
  let calls = 0;
  let gone = false;
  const pulled = () => new LinkError('transport', 'the probe was pulled');
  return new Proxy(port, {
    get(target, name) {
      if (name === 'calls') return calls;
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        if (gone) throw pulled();
        gone = calls++ === call;
        if (gone && !heard) throw pulled();
        const answer = await method.apply(target, args);
        if (gone) throw pulled();
        return answer;
      };
    },
  }) as MeterPort & { readonly calls: number };
}
