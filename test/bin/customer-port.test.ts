/** `cosem simulate --customer-port`: the port is read over a real socket, and wrong options are told. */

import { expect, it } from 'vitest';
import { BENCH_SECRETS } from '../../simulator/index.js';
import { followPort, type ReceivedPush } from '../../src/index.js';
import { tcp } from '../../src/node.js';
import { ran, type Simulated, simulated } from './ran.js';

interface Ready {
  readonly meter: { readonly systemTitle: string };
  readonly customerPort: { readonly at: string; readonly form: string };
}

function readyOf({ io }: Simulated): Ready {
  return JSON.parse(io.stdout.text.split('\n').find((line) => line.includes('"ready"')) ?? '') as Ready;
}

async function first(place: string, encryption: Uint8Array): Promise<ReceivedPush | undefined> {
  const [host = '', port] = place.split(':');
  const keys = { encryption };
  for await (const push of followPort(tcp(host, Number(port)), { keys, acceptUnauthenticated: true })) return push;
  return undefined;
}

it('sends telegrams to whoever connects', async () => {
  const meter = await simulated('--customer-port', '127.0.0.1:0', '--seed', '7');
  const { at, form } = readyOf(meter).customerPort;
  const pushes = await Promise.all([first(at, BENCH_SECRETS.displayKey), first(at, BENCH_SECRETS.displayKey)]);
  for (const push of pushes) {
    expect(push?.readings.map(({ logicalName }) => logicalName)).toContain('1.0.1.8.1.255');
    expect(push?.protection).toBe('none');
  }
  expect(form).toBe('p1');
  await meter.stop();
});

it('ciphers under the key of the display, or the one that is given', async () => {
  const key = '000102030405060708090A0B0C0D0E0F';
  for (const [options, encryption] of [
    [[], BENCH_SECRETS.displayKey],
    [['--customer-ek', key], Uint8Array.from({ length: 16 }, (_, i) => i)],
  ] as const) {
    const port = ['--customer-port', '127.0.0.1:0', '--customer-form', 'mbus-at', ...options];
    const meter = await simulated(...port, '--seed', '7');
    const { customerPort, meter: of } = readyOf(meter);
    const { at } = customerPort;
    const push = await first(at, encryption);
    expect([push?.protection, push?.sender]).toEqual(['encryption', of.systemTitle]);
    await meter.stop();
  }
});

it.each([
  ['--customer-form p1', 'a customer port where?'],
  ['--customer-port 127.0.0.1:0 --customer-form p2', "--customer-form 'p2' is unknown"],
  ['--customer-port 127.0.0.1:0 --customer-ek 0001', '--customer-ek has 4 octets'],
  ['--customer-port 127.0.0.1:0 --customer-ek 000102030405060708090A0B0C0D0E0F', 'the port p1 has no keys'],
  ['--customer-port 127.0.0.1:0 --customer-form p1-lu --customer-ak 0001', '--customer-ak'],
  ['--customer-port 127.0.0.1:0 --fleet 3 --gateway', 'a fleet has no customer port'],
])('simulate %s: a sentence', async (words, sentence) => {
  const { exit, err } = await ran(`simulate --tcp 127.0.0.1:0 ${words}`, {});
  expect([exit, err]).toEqual([2, expect.stringContaining(sentence)]);
});
