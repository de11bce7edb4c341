import { describe, expect, it } from 'vitest';
import { faultKind } from '../../simulator/faults/table.js';
import { FAULT_NAMES, FAULTS, type FaultName } from '../../simulator/index.js';
import { CosemError, UncertainError } from '../../src/base/errors.js';
import type { Meter } from '../../src/index.js';
import { FieldLine } from '../support/field-line.js';

/** Every fault that the virtual meter has, whatever is added to the table, in what people do most. */

const PATIENCE = 60_000;
/** Whatever happens ends within this time: an exchange, patience, another exchange, and the disconnection. */
const LONGEST = 15 * 60_000;

type Deed = (meter: Meter, field: FieldLine) => Promise<unknown>;

const DEEDS: Readonly<Record<string, Deed>> = {
  read: async (meter) => (await meter.get(meter.data('0.0.96.1.0.255').value)).value,
  'profile read': async (meter) => {
    const rows = await meter.profile('1.0.99.2.0.255').rows();
    return rows.map(({ values }) => values.map(({ text }) => text).join(' '));
  },
  'relay action': async (meter) => (await meter.relay().disconnect()).state,
};

/** As the table shows it, always, and by chance where it can. */
function waysOf(name: FaultName): string[] {
  const { example, each } = faultKind(name);
  const always = example.split('@')[0] as string;
  return each === undefined ? [always] : [...new Set([always, example, `${always}@30%`])];
}

const right = new Map<string, unknown>();

async function rightly(deed: string): Promise<unknown> {
  if (!right.has(deed)) {
    const field = new FieldLine();
    const outcome = field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        const found = await (DEEDS[deed] as Deed)(meter, field);
        await meter.close();
        return found;
      })(),
    );
    right.set(deed, await outcome);
  }
  return right.get(deed);
}

it('the table has faults of the line and of the answers', () => {
  expect(FAULT_NAMES.length).toBeGreaterThanOrEqual(17);
  expect(Object.keys(FAULTS)).toEqual(FAULT_NAMES);
});

describe.each(FAULT_NAMES)('%s', (name) => {
  it.each(Object.keys(DEEDS))(
    '%s: right, or a clear error, in bounded time; the meter is usable afterwards',
    async (deed) => {
      const field = new FieldLine();
      const wanted = await rightly(deed);
      // Before this clock runs: what runs in another clock's time stands still in its own.
      const usable = await rightly('read');
      for (const fault of waysOf(name)) {
        await field.clock.run(endures(field, fault, deed, { wanted, usable }), 2 * LONGEST);
      }
    },
  );
});

async function endures(
  field: FieldLine,
  fault: string,
  deed: string,
  { wanted, usable }: { readonly wanted: unknown; readonly usable: unknown },
): Promise<void> {
  const { clock } = field;
  field.rewire({});
  const start = clock.now();
  const meter = await field.open('utility', { patience: PATIENCE });
  const added = field.meter.faults.add(fault);
  const outcome = await (DEEDS[deed] as Deed)(meter, field).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await meter.close();
  if ('value' in outcome) expect(outcome.value, fault).toEqual(wanted);
  else {
    expect(outcome.error, fault).toBeInstanceOf(CosemError);
    const { message, hint } = outcome.error as CosemError;
    expect(message.length, fault).toBeGreaterThan(10);
    if (outcome.error instanceof UncertainError) expect(hint, fault).toMatch(/twice|repeat/);
  }
  expect(clock.now() - start, fault).toBeLessThan(LONGEST);
  field.meter.faults.remove(added);
  // Nobody is kept out by what went wrong once silence and restarts are over.
  await new Promise<void>((resolve) => field.at(60_000, resolve));
  const switched = await field.switchings();
  expect(switched, fault).toBeLessThanOrEqual(1);
  if (deed === 'relay action' && 'value' in outcome) expect(switched, fault).toBe(1);
  field.rewire({});
  const again = await field.open('utility');
  expect(await (DEEDS.read as Deed)(again, field), fault).toEqual(usable);
  if (switched > 0) await again.relay().reconnect();
  await again.close();
  if (!field.meter.connected) field.meter.pressButton();
}
