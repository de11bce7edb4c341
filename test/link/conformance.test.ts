import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { events, pass, sent } from './harness.js';
import {
  AARE,
  AARQ,
  EXECUTIONS,
  expectExecutions,
  hasRecording,
  INACTIVITY_TIMEOUT,
  INTER_OCTET_TIMEOUT,
  LOWER,
  MAX_INFO,
  play,
  playRecording,
  themes,
} from './hdlc-themes.js';

/** A server as the bench had it; it answers an AARQ with the AARE, as an association would. */
class Bench {
  readonly link = new HdlcLink('server', {
    devices: [1],
    lower: LOWER,
    interOctetTimeout: INTER_OCTET_TIMEOUT,
    inactivityTimeout: INACTIVITY_TIMEOUT,
    parameters: { maxInfoTransmit: MAX_INFO, maxInfoReceive: MAX_INFO },
  });
  readonly payloads: string[] = [];
  now = 0;

  put(bytes: Uint8Array, at: number): Uint8Array[] {
    const answers: Uint8Array[] = [];
    const answer = (now: number) => {
      for (const event of events(this.link)) {
        if (event.type !== 'payload') continue;
        this.payloads.push(toHex(event.bytes));
        if (toHex(event.bytes) === toHex(AARQ)) this.link.send(AARE, now);
      }
      answers.push(...sent(this.link));
    };
    pass(this.link, this.now, at, answer);
    expect(answers, 'nothing is said unasked').toEqual([]);
    this.now = at;
    this.link.receive(bytes, at);
    answer(at);
    return answers;
  }
}

describe('HDLC conformance themes', () => {
  test.each(Object.entries(themes))('%s', (_, steps) => {
    play(new Bench(), steps);
  });

  test.each(EXECUTIONS)('the APDU of %s is executed %i times', (name, times) => {
    expectExecutions(new Bench(), name, times);
  });
});

test.skipIf(!hasRecording)('the recorded run: our server answers each frame as the meter did', () => {
  const frames = playRecording(new Bench());
  console.log(`conformance run: ${frames} of ${frames} frames answered as the meter did`);
  expect(frames).toBe(96);
});
