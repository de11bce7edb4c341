/** What `npm run bench` prints of economy on the line holds: virtual time, so no machine is too slow for it. */
import { expect, test } from 'vitest';
import { LINE_CASES, meets } from '../../bench/line.js';

test.each(LINE_CASES.map((one) => [one.name, one] as const))('%s', async (_, one) => {
  const cost = await one.run();
  expect(cost.octets).toBeGreaterThan(cost.payload);
  expect(cost.share).toBeLessThan(1);
  // The line is never idle: nobody waits for a timer.
  expect(cost.seconds).toBeLessThan((cost.octets * 10 * 1.001) / 9600);
  expect(meets(one, cost), JSON.stringify(cost)).toBe(true);
});
