/** Case 1 from end to end: a meter whose date-times have a wrong day of week, through the command. */
import { expect, test } from 'vitest';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import type { Data } from '../../src/codec/data.js';
import { octets, u16, u32 } from '../../src/codec/make.js';
import { rowTime, ServedMeter, type ServedMeterOptions } from '../support/served-meter.js';
import { commandsOn } from '../support/served-tcp.js';

const LOAD = '1.0.99.1.0.255';
const CLOCK = '8:0.0.1.0.0.255';
const SHOWN = '2026-01-01 05:30:00 +05:30';
/** As people in India write it, for those who read no JSON. */
const READ = '01-01-2026 05:30:00 +05:30';

/** Widespread meters send 0 on Sundays, others are a day off; 1 January 2026 is a Thursday. */
const FORMS = [0, 5, 200].flatMap((dayOfWeek) =>
  (['octet-string', 'date-time'] as const).map((type) => [dayOfWeek, type] as const),
);

function stamp(i: number, dayOfWeek: number, type: 'octet-string' | 'date-time'): Data {
  const value = rowTime(i, { dayOfWeek }).toBytes();
  return type === 'octet-string' ? octets(value) : { type, value };
}

function meterOf(dayOfWeek: number, type: 'octet-string' | 'date-time', options: ServedMeterOptions = {}) {
  return new ServedMeter({
    rows: Array.from({ length: 4 }, (_, i) => [stamp(i, dayOfWeek, type), u32(10 + i), u16(1)]),
    attributes: { [`${CLOCK}:2`]: stamp(0, dayOfWeek, type) },
    ...options,
  });
}

/** Hears every question without its selection. */
function deaf(request: Uint8Array): Uint8Array {
  if (request[0] !== 0xc0 || request[1] !== 1) return request;
  const apdu = decodeApdu(request);
  if (apdu.type !== 'get-request-normal' || apdu.attribute.selection === undefined) return request;
  const { selection: _, ...attribute } = apdu.attribute;
  return encodeApdu({ ...apdu, attribute });
}

const RANGE = `profile ${LOAD} --from 2026-01-01T00:15Z --to 2026-01-01T00:30Z`;

test.each(FORMS)('day of week %d as %s: clock, attribute, profile, text and JSON', async (dayOfWeek, type) => {
  const results = await commandsOn(meterOf(dayOfWeek, type), [
    'read clock',
    `get ${CLOCK}:2`,
    `profile ${LOAD}`,
    'read clock --json',
    `get ${CLOCK}:2 --json`,
    `profile ${LOAD} --json`,
  ]);
  for (const [i, { exit, out }] of results.entries()) {
    expect([exit, out]).toEqual([0, expect.stringContaining(i === 0 ? READ : SHOWN)]);
  }
  for (const { out } of results.slice(0, 3)) expect(out).not.toContain('07EA0101');
});

test.each(FORMS)('day of week %d as %s: the rows of a range, however the meter selects', async (dayOfWeek, type) => {
  for (const [options, hears] of [
    [{}, undefined],
    [{ refuseSelection: true }, undefined],
    [{}, deaf],
  ] as const) {
    const served = meterOf(dayOfWeek, type, options);
    if (hears !== undefined) served.hears = hears;
    for (const { exit, out } of await commandsOn(served, [RANGE, `${RANGE} --json`])) {
      expect(exit).toBe(0);
      expect(out).toContain('05:45:00');
      expect(out).toContain('06:00:00');
      expect(out).not.toContain('05:30:00');
      expect(out).not.toContain('06:15:00');
    }
  }
});
