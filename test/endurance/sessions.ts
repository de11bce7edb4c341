import { expect, it } from 'vitest';
import { Random } from '../../simulator/random.js';
import { AssociationError, LinkError, TimeoutError, UncertainError } from '../../src/base/errors.js';
import type { Meter, Resumption } from '../../src/index.js';
import { FieldLine } from '../support/field-line.js';

/** What the meter holds, read over a line without any fault. */
interface Truth {
  readonly serial: string;
  readonly days: readonly string[];
}

/** Sessions at one meter, one after the other, each over a line of its own: the log of the relay holds fifty entries. */
const AT_ONE_METER = 20;

const serialOf = async (meter: Meter) => JSON.stringify((await meter.get(meter.data('0.0.96.1.0.255').value)).value);
const daysOf = async (meter: Meter) =>
  (await meter.profile('1.0.99.2.0.255').rows({ last: 6 })).map(({ values }) =>
    values.map(({ text }) => text).join(' '),
  );

async function truthOf(field: FieldLine): Promise<Truth> {
  field.rewire({});
  const meter = await field.open('utility');
  const found = { serial: await serialOf(meter), days: await daysOf(meter) };
  await meter.close();
  return found;
}

interface Outcome {
  readonly resumptions: readonly Resumption[];
  readonly uncertain: number;
}

/** What a person does whose order may have been lost: looks, and orders again where it was not carried out. */
async function order(meter: Meter, action: 'disconnect' | 'reconnect'): Promise<number> {
  const relay = meter.relay();
  for (let uncertain = 0; ; uncertain++) {
    try {
      const isOff = action === 'reconnect';
      if (((await relay.status()).state === 'disconnected') === isOff) {
        const { state } = await relay[action]();
        expect(state === 'disconnected').toBe(!isOff);
      }
      return uncertain;
    } catch (error) {
      if (!(error instanceof UncertainError) || uncertain === 5) throw error;
    }
  }
}

async function session(field: FieldLine, seed: number): Promise<Outcome> {
  const random = new Random(seed);
  const noise = { bitErrorRate: 1e-4, silenceRate: 2e-4, silence: 500 + random.below(14_000) };
  const truth = await truthOf(field);
  field.rewire({ seed, echo: [random.chance(0.5), false], noise });
  const meter = await opened(field);
  expect(await serialOf(meter)).toBe(truth.serial);
  let uncertain = await order(meter, 'disconnect');
  expect(await daysOf(meter)).toEqual(truth.days);
  uncertain += await order(meter, 'reconnect');
  expect(await serialOf(meter)).toBe(truth.serial);
  await meter.close();
  // Made ready for reconnection, it waits for the button; its consumer may have pressed it already.
  if (!field.meter.connected) field.meter.pressButton();
  expect(field.meter.connected).toBe(true);
  // Off by the order and on by the button, once each, by the meter's own log.
  expect(await field.switchings()).toBe(2);
  return { resumptions: field.resumptions, uncertain };
}

/** Opening itself has no patience: a person tries again. */
async function opened(field: FieldLine): Promise<Meter> {
  for (let tries = 1; ; tries++) {
    try {
      return await field.open('utility', { patience: 300_000 });
    } catch (error) {
      const passing = error instanceof LinkError || error instanceof TimeoutError || error instanceof AssociationError;
      if (!passing || tries === 6) throw error;
    }
  }
}

/** Some of the thousand sessions: in files of their own, so that they run side by side. */
export function seededSessions(first: number, count: number): void {
  it(`sessions ${first} to ${first + count - 1}: every value right, no order repeated`, {
    timeout: 300_000,
  }, async () => {
    let [resumed, uncertain] = [0, 0];
    let field = new FieldLine({ seed: first });
    for (let seed = first; seed < first + count; seed++) {
      if ((seed - first) % AT_ONE_METER === 0) field = new FieldLine({ seed });
      const outcome = await field.clock.run(session(field, seed), 3_600_000).catch((error: unknown) => {
        throw new Error(`session ${seed}: ${String(error)}`, { cause: error });
      });
      resumed += outcome.resumptions.length;
      uncertain += outcome.uncertain;
    }
    // Otherwise nothing was tried here.
    expect(resumed).toBeGreaterThan(count / 20);
    console.log(`${count} sessions over a bad line, ${resumed} resumptions, ${uncertain} orders of unknown outcome`);
  });
}
