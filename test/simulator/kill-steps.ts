import fc from 'fast-check';
import { makeImage } from '../../simulator/index.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { DAY, HOUR } from './support.js';

const PERIODS = [300, 900, 1800, 3600] as const;
export const IMAGE_BLOCK = 64;
export const IMAGE = makeImage(nobleCrypto, {
  profile: 'is15959-1ph',
  firmware: 'COSEM-D1-9.9',
  payload: new Uint8Array(100),
});
export const IMAGE_BLOCKS = Math.ceil(IMAGE.length / IMAGE_BLOCK);

/** What somebody does. */
export type Step =
  | { readonly type: 'wait'; readonly seconds: number }
  | { readonly type: 'check' | 'button' | 'reset' | 'fresh' | 'image' | 'verify' | 'activate' }
  | { readonly type: 'relay' | 'cover'; readonly on: boolean }
  | { readonly type: 'balance' | 'recharge'; readonly paise: number }
  | { readonly type: 'block' | 'demand'; readonly seconds: (typeof PERIODS)[number] }
  | { readonly type: 'clock'; readonly shift: number }
  | { readonly type: 'firmware'; readonly block: number }
  | { readonly type: 'secret'; readonly text: string };

/** Of a meter, until it is killed at a write, or put away. */
export interface Life {
  readonly writes: number;
  readonly after: boolean;
  readonly steps: readonly Step[];
  /** Seconds until somebody starts it again. */
  readonly away: number;
}

const one = <T extends string>(...types: T[]) => fc.constantFrom(...types.map((type) => ({ type })));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('wait' as const),
    seconds: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 7200 })),
  }),
  one('check', 'button', 'reset', 'fresh', 'image', 'verify', 'activate'),
  fc.record({ type: fc.constantFrom('relay' as const, 'cover' as const), on: fc.boolean() }),
  fc.record({
    type: fc.constantFrom('balance' as const, 'recharge' as const),
    paise: fc.integer({ min: 1, max: 99_999 }),
  }),
  fc.record({ type: fc.constantFrom('block' as const, 'demand' as const), seconds: fc.constantFrom(...PERIODS) }),
  fc.record({
    type: fc.constant('clock' as const),
    shift: fc.constantFrom(0, 600_000, -600_000, HOUR, 10 * DAY),
  }),
  fc.record({ type: fc.constant('firmware' as const), block: fc.nat({ max: IMAGE_BLOCKS - 1 }) }),
  fc.record({ type: fc.constant('secret' as const), text: fc.stringMatching(/^[A-Z]{8}$/) }),
);
export const life: fc.Arbitrary<Life> = fc.record({
  writes: fc.integer({ min: 0, max: 20 }),
  after: fc.boolean(),
  steps: fc.array(step, { minLength: 2, maxLength: 7 }),
  away: fc.integer({ min: 0, max: 7200 }),
});
