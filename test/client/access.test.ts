/** `meter.access`: reads, writes and calls in one list, with ACCESS and without it. */
import { describe, expect, test } from 'vitest';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { CONFORMANCE } from '../../src/apdu/conformance.js';
import { StateError, UncertainError } from '../../src/base/errors.js';
import { visible } from '../../src/codec/make.js';
import { DataClass } from '../../src/cosem/classes/storage.js';
import { MemoryCounterStore, type Meter, toCall, toSet } from '../../src/index.js';
import { CLIENT_TITLE, KEYS, SECRET, ServedMeter } from '../support/served-meter.js';

const BASE = 0x409e9d;
const conformance = BASE | CONFORMANCE.access;
const GENERAL = CONFORMANCE['general-block-transfer'];
const public16 = { client: 16 } as const;
const utility = {
  client: 48,
  security: {
    counters: new MemoryCounterStore(),
    systemTitle: CLIENT_TITLE,
    encryptionKey: KEYS.encryption,
    authenticationKey: KEYS.authentication,
  },
  secret: SECRET,
  authentication: 'hls2',
} as const;
const missing = (meter: Meter) => meter.object(DataClass, '0.0.96.9.9.255').value;

async function everything(meter: Meter) {
  const clock = meter.clock();
  const notes = meter.object(DataClass, '0.0.96.13.0.255');
  const relay = meter.disconnectControl();
  return await meter.access([
    clock.status,
    toSet(notes.value, visible('new')),
    notes.value,
    missing(meter),
    toCall(relay.remoteDisconnect),
    relay.outputState,
    toSet(clock.timeZone, 60),
  ]);
}

describe.each(['hdlc', 'wrapper'] as const)('over %s', (framing) => {
  test.each([
    ['with ACCESS', conformance, 1, public16],
    ['in blocks, with ACCESS', conformance | GENERAL, 1, public16],
    ['ciphered, with ACCESS', conformance, 1, utility],
    ['without ACCESS, in lists', BASE, 6, public16],
    ['without ACCESS and lists', BASE & ~CONFORMANCE['multiple-references'], 7, public16],
  ])('%s: each item has its outcome, typed and in order', async (_, bits, requests, options) => {
    const served = new ServedMeter({ conformance: bits });
    await using meter = await served.open({ framing, ...options });
    served.requests.length = 0;
    const [status, written, notes, none, called, output, refused] = await everything(meter);
    expect([status, written, notes, called, output]).toMatchObject([
      { ok: true, value: 0 },
      { ok: true, value: undefined },
      { ok: true, value: visible('new') },
      { ok: true, value: undefined },
      { ok: true, value: false },
    ]);
    expect([none, refused]).toMatchObject([
      { ok: false, error: { result: 'object-undefined', target: '1:0.0.96.9.9.255:2' } },
      { ok: false, error: { result: 'read-write-denied', target: '8:0.0.1.0.0.255:3' } },
    ]);
    expect(served.requests).toHaveLength(requests);
    expect([served.notes, served.relay]).toEqual(['new', false]);
  });

  test('a list longer than the PDU goes in several requests, and what is too long for its answer by itself', async () => {
    const served = new ServedMeter({ conformance });
    await using meter = await served.open({ framing, ...public16 });
    const energy = meter.register('1.0.1.8.0.255').value;
    const buffer = meter.profile('1.0.99.1.0.255').object.buffer;
    served.requests.length = 0;
    const outcomes = await meter.access([...Array.from({ length: 100 }, () => energy), buffer, energy]);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(outcomes[100]).toMatchObject({ value: { type: 'array', value: { length: 96 } } });
    const kinds = served.requests.map((request) => decodeApdu(request).type);
    expect(new Set(kinds)).toEqual(new Set(['access-request', 'get-request-normal', 'get-request-next']));
  });
});

test('what follows an error is not attempted where it is not to be', async () => {
  for (const bits of [conformance, BASE]) {
    const served = new ServedMeter({ conformance: bits });
    await using meter = await served.open({ ...public16 });
    const relay = meter.disconnectControl();
    const list = [missing(meter), toCall(relay.remoteDisconnect)] as const;
    const [first, second] = await meter.access(list, { breakOnError: true });
    expect(first).toMatchObject({ ok: false, error: { result: 'object-undefined' } });
    expect(second).toMatchObject({ ok: false, error: { message: expect.stringMatching(/was not attempted/) } });
    expect(served.relay).toBe(true);
  }
});

test('a list with changes whose answer is lost leaves it uncertain, and is never sent twice', async () => {
  const served = new ServedMeter({ conformance });
  await served.clock.run(
    (async () => {
      const meter = await served.open({ ...public16, framing: 'wrapper' });
      const notes = meter.object(DataClass, '0.0.96.13.0.255').value;
      let sent = 0;
      served.says = (answer, request) => {
        if (request[0] !== 0xd9) return answer;
        sent++;
        return undefined;
      };
      const failed = await meter.access([toSet(notes, visible('x')), notes]).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(UncertainError);
      expect(failed).toMatchObject({ target: '1:0.0.96.13.0.255:2' });
      expect([served.notes, sent]).toEqual(['x', 1]);
      await meter.close();
    })(),
  );
});

test('an answer that does not fit what was asked for: uncertain where the list changes something', async () => {
  const served = new ServedMeter({ conformance });
  await using meter = await served.open({ ...public16 });
  const notes = meter.object(DataClass, '0.0.96.13.0.255').value;
  served.says = (answer) => {
    const right = answer && decodeApdu(answer);
    return right?.type === 'access-response' ? encodeApdu({ ...right, results: right.results.slice(1) }) : answer;
  };
  await expect(meter.access([toSet(notes, visible('y')), notes])).rejects.toThrow(UncertainError);
  await expect(meter.access([notes, notes])).rejects.toThrow(/does not fit what was asked for/);
});

test('a value that does not fit its attribute is refused before anything is sent', async () => {
  const served = new ServedMeter({ conformance });
  await using meter = await served.open({ ...public16 });
  served.requests.length = 0;
  await expect(meter.access([toSet(meter.clock().timeZone, 1e9)])).rejects.toThrow(StateError);
  expect(await meter.access([])).toEqual([]);
  expect(served.requests).toEqual([]);
});
