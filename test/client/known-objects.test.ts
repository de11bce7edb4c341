/** What the object list, where it is known, does not show is not asked for. */
import { expect, test } from 'vitest';
import { is15959, readingsOf } from '../../src/index.js';
import { RogueMeter, textOf } from './rogue-lists.js';

test('objects that the list does not show are not asked for, and say so', async () => {
  const meter = new RogueMeter((results) => results);
  const which = readingsOf(is15959, 'instant');
  await meter.visit(async (opened) => {
    const before = (await opened.readings(which)).map(textOf);
    await opened.objects();
    const from = meter.requests.length;
    const after = await opened.readings(which);
    expect(after.map(textOf)).toEqual(before);
    const missing = after.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
    expect(missing.length).toBeGreaterThan(0);
    for (const error of missing) expect(error.message).toMatch(/was not asked for/);
    const asked = meter.requests.slice(from).map((octets) => Buffer.from(octets).toString('hex'));
    // Power factor Y is not there; voltage is.
    expect(asked.some((hex) => hex.includes('0100350700ff'))).toBe(false);
    expect(asked.some((hex) => hex.includes('01000c0700ff'))).toBe(true);
  });
});
