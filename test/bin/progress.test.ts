import { expect, test } from 'vitest';
import { imageProgress, Pace, rowsProgress } from '../../bin/progress.js';
import { VirtualClock } from '../../src/base/clock.js';

test('rows and images tell octets and the time left in one way', () => {
  const clock = new VirtualClock(0);
  const pace = new Pace(clock);
  expect(rowsProgress({ rows: 0, ofRows: 1680, octets: 0 }, pace)).toBe('0 of 1680 rows, 0 B');
  clock.advance(20_000);
  expect(rowsProgress({ rows: 336, ofRows: 1680, octets: 24_000 }, pace)).toBe(
    '336 of 1680 rows, 24.0 kB, 1 min 20 s left',
  );
  expect(rowsProgress({ rows: 3, ofRows: undefined, octets: 999 }, pace)).toBe('999 B');
  const image = { blocks: 100, ofBlocks: 500, octets: 20_000, ofOctets: 100_000, sent: 20_000 };
  expect(imageProgress(image, pace)).toBe('block 100 of 500, 20.0 kB of 100.0 kB, 1.0 kB/s, 1 min 20 s left');
});
