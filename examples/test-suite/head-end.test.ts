import { AssociationError, Decimal, LinkError, VirtualClock } from 'cosem';
import { createMeter, openOptionsOf } from 'cosem/simulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepTime, readDay, type Site } from './head-end.ts';

const MORNING = Date.UTC(2026, 10, 23, 3, 30); // 09:00 in India
const HOUR = 3_600_000;
const ZERO = new Decimal(0n);

/**
 * A meter, its time, and how the head-end gets there: nothing in it waits in real time.
 * @param faults what goes wrong from the moment on when the meter is open.
 */
function bench({ seed = 7, faults = [] }: { seed?: number; faults?: readonly string[] } = {}) {
  const clock = new VirtualClock(MORNING);
  const virtual = createMeter('is15959-1ph', { clock, seed });
  const line = { losses: 0 };
  const site: Site = {
    connect: () => virtual.line({ framing: 'wrapper' }),
    access: {
      framing: 'wrapper',
      ...openOptionsOf(virtual, 'utility'),
      onLog: ({ event }) => {
        if (event === 'meter.lost') line.losses++;
        if (event === 'meter.opened') for (const fault of faults) virtual.faults.add(fault);
      },
    },
    clock,
  };
  return { clock, virtual, site, line };
}

describe('a day', () => {
  test('is the register and 48 half hours', async () => {
    const { clock, site } = bench();
    const { wattHours, blocks } = await clock.run(readDay(site));
    expect(wattHours.compare(ZERO)).toBe(1);
    expect(blocks).toHaveLength(48);
    expect(blocks.at(-1)?.end).toBe('2026-11-23 09:00:00 +05:30');
  });

  test('of any meter, at any time: the half hours add up to what the register rose by', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 47 }), async (seed, halfHours) => {
        const { clock, site } = bench({ seed });
        clock.advance((halfHours * HOUR) / 2);
        const before = await clock.run(readDay(site));
        clock.advance(24 * HOUR);
        const after = await clock.run(readDay(site));
        const sum = Decimal.sum(after.blocks.map(({ wattHours }) => wattHours));
        expect(sum.toString()).toBe(after.wattHours.minus(before.wattHours).toString());
        expect(new Set(after.blocks.map(({ end }) => end)).size).toBe(48);
      }),
      { numRuns: 10 },
    );
  }, 60_000);
});

test('a wrong key is refused, and says what to look at', async () => {
  const { clock, site } = bench();
  const { security } = site.access;
  if (security === undefined) throw new Error('client 48 has keys');
  const wrong = {
    ...site,
    access: { ...site.access, security: { ...security, authenticationKey: new Uint8Array(16) } },
  };
  const failed = await clock.run(readDay(wrong).catch((error: unknown) => error));
  expect(failed).toBeInstanceOf(AssociationError);
  expect(failed).toMatchObject({ diagnostic: 'deciphering-error', hint: expect.stringContaining('key') });
});

describe('a line that is lost in the middle', () => {
  test('is taken up again, and nothing is lost or doubled', async () => {
    const quiet = bench();
    const whole = await quiet.clock.run(readDay(quiet.site));
    const { clock, site, line } = bench({ faults: ['hang-up@25%'] }); // one frame in four is not sent: the connection is closed
    const { blocks } = await clock.run(readDay(site));
    expect(blocks).toEqual(whole.blocks);
    expect(line.losses).toBeGreaterThan(0); // else this test would be green for nothing
  });

  test('for good is an error, in minutes and not in hours', async () => {
    const { clock, site } = bench({ faults: ['hang-up@100%'] });
    const began = clock.now();
    expect(await clock.run(readDay(site).catch((error: unknown) => error))).toBeInstanceOf(LinkError);
    expect(clock.now() - began).toBeGreaterThan(30_000);
    expect(clock.now() - began).toBeLessThan(5 * 60_000);
  });
});

describe('the clock of a meter', () => {
  test('that is right is left alone', async () => {
    const { clock, site } = bench();
    expect(Math.abs(await clock.run(keepTime(site)))).toBeLessThan(1000);
  });

  test('that has drifted is set', async () => {
    const { clock, virtual, site } = bench();
    virtual.controls.clock({ by: 90_000 });
    expect(await clock.run(keepTime(site))).toBeGreaterThan(89_000);
    expect(Math.abs(await clock.run(keepTime(site)))).toBeLessThan(1000);
  });
});
