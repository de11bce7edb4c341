/** When a server that is disconnected (DM) is sure not to have taken what was sent, and how long an answer may trickle in. */

import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import type { HdlcClientConfig } from '../../src/link/hdlc-config.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { addLlc } from '../../src/link/hdlc-llc.js';
import { encodeParameters } from '../../src/link/hdlc-parameters.js';
import { client16, events, nameOf, octets, sent, server1 } from './harness.js';

const toClient = { to: client16, from: server1 };
const RESPONSE_TIMEOUT = 3000;
const RETRIES = 3;
/** Fits into one I frame; and one that takes two. */
const SHORT = fromHex('C301C100460000600303FF0100');
const LONG = new Uint8Array(100).fill(0xc3);
const answer = addLlc(fromHex('C701C10000'), 'response');

/** A client whose SNRM was answered. */
function connected(window = 1, config: Partial<HdlcClientConfig> = {}): HdlcLink {
  const parameters = { maxInfoTransmit: 64, maxInfoReceive: 64, windowTransmit: window, windowReceive: window };
  const link = new HdlcLink('client', {
    client: 16,
    server: 1,
    parameters,
    responseTimeout: RESPONSE_TIMEOUT,
    retries: RETRIES,
    ...config,
  });
  link.connect(0);
  sent(link);
  link.receive(octets('UA', { ...toClient, information: encodeParameters(parameters) }), 10);
  events(link);
  return link;
}

interface Meeting {
  readonly window?: number;
  readonly order: Uint8Array;
  /** What comes, by the names of the harness; `-` is silence until the time is up. */
  readonly comes: readonly string[];
  /** What the client has sent by then. */
  readonly said: readonly string[];
}

/** Sends the order; what comes ends with DM. Tells whether it is said that the order cannot have been heard. */
function unheard({ window = 1, order, comes, said }: Meeting): boolean | undefined {
  const link = connected(window);
  let now = 100;
  const names: string[] = [];
  const speak = () => names.push(...sent(link).map(nameOf));
  const wait = () => {
    const next = link.pollTimeout();
    if (next === undefined) throw new Error('nothing is waited for');
    now = Math.max(now, next);
    link.handleTimeout(now);
    speak();
  };
  link.send(order, now);
  speak();
  for (const name of comes) {
    if (name === '-') wait();
    else link.receive(octets(name, { ...toClient, ...(name.startsWith('I') ? { information: answer } : {}) }), ++now);
    speak();
  }
  expect(names).toEqual(said);
  const closed = events(link).find((event) => event.type === 'closed');
  expect(closed).toMatchObject({ cause: 'peer', reason: 'the server is disconnected (DM)' });
  return closed?.type === 'closed' ? (closed.unheard ?? false) : undefined;
}

describe('an order that is answered by DM', () => {
  test.each<[string, Meeting]>([
    ['the first time it was sent', { order: SHORT, comes: ['DM'], said: ['I0.0'] }],
    ['its last part the first time it was sent', { order: LONG, comes: ['RR1', 'DM'], said: ['I0.0+', 'I1.0'] }],
    [
      'its last part the first time, though the one before was repeated',
      { order: LONG, comes: ['-', 'RR1', 'DM'], said: ['I0.0+', 'I0.0+', 'I1.0'] },
    ],
    ['its window the first time it was sent', { window: 3, order: LONG, comes: ['DM'], said: ['I0.0p+', 'I1.0'] }],
  ])('was not taken: %s', (_, meeting) => {
    expect(unheard(meeting)).toBe(true);
  });

  test.each<[string, Meeting]>([
    ['repeated after silence', { order: SHORT, comes: ['-', 'DM'], said: ['I0.0', 'I0.0'] }],
    ['repeated twice', { order: SHORT, comes: ['-', '-', 'DM'], said: ['I0.0', 'I0.0', 'I0.0'] }],
    ['its last part repeated', { order: LONG, comes: ['RR1', '-', 'DM'], said: ['I0.0+', 'I1.0', 'I1.0'] }],
    // The answer to the first question was lost, and asked for.
    ['asked after, a window', { window: 3, order: LONG, comes: ['-', 'DM'], said: ['I0.0p+', 'I1.0', 'RR0'] }],
    [
      'a window asked after and repeated',
      { window: 3, order: LONG, comes: ['-', 'RR0', 'DM'], said: ['I0.0p+', 'I1.0', 'RR0', 'I0.0p+', 'I1.0'] },
    ],
    // Busy: the counting of questions begins anew, the repetition stays one.
    [
      'repeated, busy, and repeated when it was not busy any more',
      { order: SHORT, comes: ['-', 'RNR0', '-', 'RR0', 'DM'], said: ['I0.0', 'I0.0', 'RR0', 'I0.0'] },
    ],
    ['busy, and asked after', { order: SHORT, comes: ['RNR0', '-', 'DM'], said: ['I0.0', 'RR0'] }],
    // Taken, and its answer awaited.
    ['acknowledged, before the turn came back', { order: SHORT, comes: ['RR1p', 'DM'], said: ['I0.0'] }],
    ['acknowledged before', { order: SHORT, comes: ['RR1', '-', 'DM'], said: ['I0.0', 'RR0'] }],
  ])('may have been taken: %s', (_, meeting) => {
    expect(unheard(meeting)).toBe(false);
  });
});

/** Lets one octet after another come, so far apart, until the link is closed. @returns what was said, and when. */
function trickled(apart: number, octetOf: (i: number) => number) {
  const link = connected();
  link.send(SHORT, 0);
  const asked: string[] = [];
  let calls = 0;
  for (let i = 0, next = apart; next < 3_600_000 && calls < 10_000; calls++) {
    asked.push(...sent(link).map(nameOf));
    const closed = events(link).find((event) => event.type === 'closed');
    const due = link.pollTimeout() ?? Number.POSITIVE_INFINITY;
    if (closed !== undefined) return { asked, closed, at: next - apart, pending: link.pending() };
    if (due <= next) link.handleTimeout(due);
    else {
      link.receive(Uint8Array.of(octetOf(i++)), next);
      next += apart;
    }
  }
  throw new Error(`it does not end: ${calls} calls`);
}

describe('an answer that comes octet by octet', () => {
  // A frame of 2,000 octets, begun as an answer of ours.
  const begun = octets('I0.1', { ...toClient, information: answer });
  const long = Uint8Array.of(0x7e, 0xa7, 0xff, ...begun.subarray(3, 8));

  test.each<[string, number, (i: number) => number]>([
    ['of a frame that is announced long', 900, (i) => long[i] ?? 0x55],
    ['of no frame', 700, () => 0x55],
    ['of frames that begin and begin', 990, (i) => (i % 5 === 0 ? 0x7e : 0xa0 + (i % 5))],
  ])('for ever ends: %s', (_, apart, octetOf) => {
    const { asked, closed, at } = trickled(apart, octetOf);
    expect(closed).toMatchObject({ cause: 'timeout', reason: 'no answer to 4 questions' });
    expect(asked).toEqual(Array(1 + RETRIES).fill('I0.0'));
    // Ten times the time that an answer may take, for each question.
    expect(at).toBeLessThanOrEqual((1 + RETRIES) * 10 * RESPONSE_TIMEOUT + apart);
    expect(at).toBeGreaterThan((1 + RETRIES) * RESPONSE_TIMEOUT);
  });
});
