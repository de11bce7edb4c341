/** What the command says of orders that meters answer badly, or take and do not carry out: cases 23, 24, 27 and 31. */
import { expect, test } from 'vitest';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { octets } from '../../src/codec/make.js';
import { DEVIATION, ServedMeter, type ServedMeterOptions } from '../support/served-meter.js';
import { commandsOn } from '../support/served-tcp.js';

const [SET, ACTION] = [0xc1, 0xc3];
const RELAY = '70:0.0.96.3.10.255';

const answering = (asked: number, tag: number, ...behind: number[]): ServedMeterOptions['rogue'] => {
  return (_, request) => (request[0] === asked ? Uint8Array.of(tag, 1, request[2]!, ...behind) : undefined);
};
async function run(options: ServedMeterOptions, line: string, prepare: (served: ServedMeter) => void = () => {}) {
  const served = new ServedMeter(options);
  prepare(served);
  const [result] = await commandsOn(served, [line]);
  return { served, ...result! };
}

test.each([[[0]], [[0, 1]], [[]], [[250, 0]]])(
  'relay disconnect with an answer of %j is looked at: 0',
  async (behind) => {
    const { exit, out, served } = await run({ rogue: answering(ACTION, 0xc7, ...behind) }, 'relay disconnect --yes');
    expect([exit, served.relay]).toEqual([0, false]);
    expect(out).toContain('The supply is disconnected.');
  },
);

test('relay connect of a closed relay that is disconnected by hand gives the order', async () => {
  const { exit, out, served } = await run({}, 'relay connect --yes', (served) => {
    let byHand = true;
    served.attributes.set(`${RELAY}:2`, { type: 'boolean', value: false });
    served.says = (answer, request) => {
      if (request[0] === ACTION && byHand) {
        byHand = false;
        served.attributes.clear();
      }
      return answer;
    };
  });
  expect(served.requests.some(([tag]) => tag === ACTION)).toBe(true);
  expect(out).not.toContain('already');
  expect([exit, out]).toEqual([0, expect.stringContaining('The supply is connected.')]);
});

test('relay status and disconnect do without the control mode', async () => {
  const served = new ServedMeter({ attributes: { [`${RELAY}:4`]: 3 } });
  const [status, disconnect, json] = await commandsOn(served, [
    'relay status',
    'relay disconnect --yes',
    'relay status --json',
  ]);
  expect(status).toMatchObject({ exit: 0, out: expect.stringMatching(/Control mode +not told to this client/) });
  expect(disconnect).toMatchObject({ exit: 0, out: expect.stringContaining('The supply is disconnected.') });
  expect(json!.io.document()).toMatchObject({ connected: false, state: 'disconnected', mode: null });
});

test('clock sync of a clock that keeps its time is no success', async () => {
  const { exit, out, err } = await run({ rogue: answering(SET, 0xc5, 0) }, 'clock sync --yes');
  expect(exit).toBe(4);
  expect(out).not.toContain('was set');
  expect(err).toMatch(/the meter took the time, but its clock shows .* behind/);
});

test('set reads back: what is held, what is not, what cannot be read', async () => {
  const set = 'set 1:0.0.96.13.0.255:2 visible-string=news --yes';
  const held = await run({}, set);
  expect(held).toMatchObject({ exit: 0, out: expect.stringContaining('is set to news') });
  const lied = await run({ rogue: answering(SET, 0xc5, 0) }, set, (served) => {
    Object.defineProperty(served, 'notes', { get: () => 'hello', set: () => {} });
  });
  expect(lied.exit).toBe(6);
  expect(lied.err).toContain('took news, but read back it holds hello');
  const hidden = await run({ attributes: { '1:0.0.96.13.0.255:2': 3 } }, set);
  expect(hidden).toMatchObject({ exit: 0, out: expect.stringContaining('cannot be read back (read-write-denied)') });
  const unreadable = await run({ rogue: answering(SET, 0xc5) }, `${set} --json`);
  expect([unreadable.exit, unreadable.io.document()]).toMatchObject([0, { done: true, readBack: true }]);
});

test('call says that it is not known', async () => {
  const { exit, err } = await run({ rogue: answering(ACTION, 0xc7, 0, 1) }, 'call 3:1.0.1.8.0.255:1 --yes');
  expect(exit).toBe(6);
  expect(err).toMatch(/an answer came and cannot be read.*not known whether the meter did it/);
});

test('call of a relay looks at it: done, whatever the answer, and not done', async () => {
  for (const behind of [[0], [0, 1], [250, 0]]) {
    const rogue = answering(ACTION, 0xc7, ...behind);
    const moved = await run({ rogue }, `call ${RELAY}:1 --yes`);
    expect([moved.exit, moved.served.relay]).toEqual([0, false]);
    expect(moved.out).toContain('remote disconnect: done.');
  }
  const stuck = (served: ServedMeter) => Object.defineProperty(served, 'relay', { get: () => true, set: () => {} });
  const { exit, out, err } = await run({}, `call ${RELAY}:1 --yes --json`, stuck);
  expect([exit, out]).toEqual([4, expect.not.stringContaining('"done": true')]);
  expect(err).toContain('took the order to disconnect, but the supply is still connected');
}, 40_000);

test.each([3, 10])('clock sync of a clock that is %i s behind and stays so is no success', async (seconds) => {
  const served = new ServedMeter({ rogue: answering(SET, 0xc5, 0) });
  served.attributes.set('8:0.0.1.0.0.255:2', undefined as never);
  const time = () => CosemDateTime.fromDate(new Date(Date.now() - seconds * 1000), DEVIATION);
  Object.defineProperty(served.attributes, 'get', {
    value: (target: string) => (target.startsWith('8:') ? octets(time().toBytes()) : undefined),
  });
  const [result] = await commandsOn(served, ['clock sync --yes']);
  expect(result!.exit).toBe(4);
  expect(result!.err).toMatch(/the meter took the time, but its clock shows .* behind/);
});
