/** Image transfer with a meter that does not tell all of it, or answers so that nobody can read it: cases 24, 26 and 27. */
import { expect, test } from 'vitest';
import { makeImage } from '../../simulator/index.js';
import { fromLatin1 } from '../../src/base/bytes.js';
import { AccessError, UncertainError } from '../../src/base/errors.js';
import type { Meter } from '../../src/index.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { type Image, ImageUpdate } from '../../src/tools.js';
import { Bench } from '../simulator/support.js';

const content = makeImage(nobleCrypto, {
  profile: 'is15959-1ph',
  firmware: 'COSEM-D1-2.0',
  payload: Uint8Array.from({ length: 300 }, (_, i) => i * 7),
});
const image: Image = { identification: fromLatin1('COSEM-D1-2.0'), octets: content };
const COUNT = Math.ceil(content.length / 64);

/** A meter of which some attributes are refused, and orders done whose answer is another. */
function rogue(meter: Meter, denied: readonly number[], answer?: (method: number) => Error | undefined): Meter {
  return new Proxy(meter, {
    get(target, key) {
      if (key === 'tryGet') return async (ref: Ref) => (await outcomes([ref]))[0];
      if (key === 'tryGetAll') return outcomes;
      if (key === 'call' || key === 'callAgain') {
        return async (ref: { methodId: number }, parameter: unknown) => {
          const result = await target.callAgain(ref as never, parameter as never);
          const error = answer?.(ref.methodId);
          if (error !== undefined) throw error;
          return result;
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  async function outcomes(refs: readonly Ref[]) {
    return Promise.all(
      refs.map(async (ref) => {
        if (!denied.includes(ref.attributeId)) return meter.tryGet(ref as never);
        return { ok: false, error: new AccessError('hardware-fault', `18:${ref.attributeId}`, 'denied') };
      }),
    );
  }
}
interface Ref {
  readonly attributeId: number;
}

async function updating(denied: readonly number[], answer?: (method: number) => Error | undefined) {
  const meter = await new Bench({ imageBlockSize: 64 }).open('firmware');
  return { meter, update: new ImageUpdate(rogue(meter, denied, answer)) };
}

test.each([[[3]], [[4]], [[3, 4]], [[5]], [[6]], [[3, 4, 5, 6]]])(
  'attributes %j denied: it goes on',
  async (denied) => {
    const { meter, update } = await updating(denied);
    expect(await update.transfer(image)).toEqual({ blocks: COUNT, sent: COUNT });
    await update.verify();
    expect(await update.check(image)).toMatchObject({ imageSize: content.length });
    expect(await update.activate()).toBe('active');
    await meter.close();
  },
);

test('which image it holds not told: an error of its own, and activation is for the caller to decide', async () => {
  const { meter, update } = await updating([7]);
  await update.transfer(image);
  await update.verify();
  await expect(update.check(image)).rejects.toMatchObject({ fault: 'not-told' });
  expect(await update.check(image, { acceptUnidentified: true })).toBeUndefined();
  expect(await update.activate()).toBe('active');
  await meter.close();
});

test.each([
  ['unreadable', () => new UncertainError('18', 'an answer came and cannot be read')],
  ['other-reason', () => new AccessError('other-reason', '18', 'other-reason')],
])('each order done and answered %s is looked at', async (_, error) => {
  const { meter, update } = await updating([], error);
  expect(await update.transfer(image)).toMatchObject({ blocks: COUNT });
  await update.verify();
  expect(await update.activate()).not.toBe('failed');
  expect((await meter.get(meter.data('1.0.0.2.0.255').value)).value).toBe('COSEM-D1-2.0');
  await meter.close();
});
