/**
 * The DLMS conformance test against the three-phase virtual meter: the HDLC suite frame by frame, the APPL suite over HDLC. The themes
 * are those that the bare link and the bare server pass too.
 */
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { addLlc } from '../../src/link/hdlc-llc.js';
import { nameOf } from '../link/harness.js';
import {
  AARE,
  AARQ,
  EXECUTIONS,
  expectExecutions,
  hasRecording,
  make,
  play,
  playRecording,
  themes,
} from '../link/hdlc-themes.js';
import { applThemes } from '../server/appl-themes.js';
import { Bench, PROBE, UTILITY } from '../server/bench.js';
import { MeterOnLine, MeterUnderTest } from './conformance-side.js';

const OBJECT_LIST = fromHex('C001C1000F0000280000FF0200');

/** Whatever was done to it, the meter opens the public association as ever, and answers the probe. */
function expectAlive(meter: MeterOnLine): void {
  const exchange = (frame: Uint8Array) => meter.put(frame, meter.now + 1000);
  exchange(make('DISC'));
  expect(exchange(make('SNRM')).map(nameOf)).toEqual(['UA']);
  const [aare] = exchange(make('I0.0', addLlc(AARQ, 'command')));
  expect(toHex(aare!)).toContain(toHex(AARE));
  const [answer] = exchange(make('I1.1', addLlc(PROBE, 'command')));
  expect(toHex(answer!)).toContain('C401C10009060000280000FF');
}

describe('HDLC suite', () => {
  test.each(Object.entries(themes))('%s', (_, steps) => {
    const meter = new MeterOnLine();
    play(meter, steps);
    expectAlive(meter);
  });

  test.each(EXECUTIONS)('the APDU of %s is executed %i times', (name, times) => {
    expectExecutions(new MeterOnLine(), name, times);
  });

  test.skipIf(!hasRecording)('the recorded run: each frame is answered as the reference meter did', () => {
    const meter = new MeterOnLine();
    expect(playRecording(meter)).toBe(96);
    expectAlive(meter);
  });
});

describe('APPL suite', () => {
  applThemes(() => new Bench(new MeterUnderTest()));
});

test('OPEN_1 of a meter that sends long answers in the blocks of GET, as the reference meter does', () => {
  const bench = new Bench(new MeterUnderTest({ quirks: ['get-blocks'] }));
  bench.open(UTILITY);
  // 161 objects in 13 blocks, as seen there, or a few more or less.
  let answer = bench.ask(UTILITY, OBJECT_LIST);
  for (let block = 1; ; block++) {
    const number = block.toString(16).padStart(8, '0').toUpperCase();
    expect(answer.slice(0, 6)).toBe('C402C1');
    expect(answer.slice(8, 16)).toBe(number);
    if (answer.slice(6, 8) === '01') {
      expect(block).toBeGreaterThan(8);
      break;
    }
    answer = bench.ask(UTILITY, fromHex(`C002C1${number}`));
  }
  expect(bench.alive(UTILITY)).toBe(true);
});
