/**
 * What the client's own process pays for a GET over TCP, in processor time: clear, ciphered, and the AES-GCM calls of a ciphered one. These are made
 * between clear GETs, where a ciphered one makes them too: in a loop of their own, everything they need would stand in the caches. The meter runs in a
 * process of its own, so that nothing of it is counted.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tcp as connect, nodeCrypto } from '../src/node.js';
import { cpuOf, median, type Row } from './harness.js';
import { ANSWER_LENGTH, ENERGY, openMeter, REQUEST_LENGTH } from './meter.js';

/** Short rounds, and many of them, one how after the other: a busy machine then slows all alike. */
const COUNT = 300;
const ROUNDS = 61;
/** What all but the cryptography of a ciphered GET may cost: half as much again as its raw calls. */
const SHARE = 1.5;

export async function cost(): Promise<Row[]> {
  const child = fork(new URL('./tcp-server.js', import.meta.url));
  try {
    const [ports] = (await once(child, 'message')) as [{ meter: number }];
    const open = (how: 'clear' | 'ciphered') => openMeter(connect('127.0.0.1', ports.meter), how);
    const meters = { clear: await open('clear'), ciphered: await open('ciphered') };
    const gets = async (how: keyof typeof meters, between: () => void = () => {}) => {
      const meter = meters[how];
      const energy = meter.register(ENERGY);
      for (let i = 0; i < COUNT; i++) {
        await meter.get(energy.value);
        between();
      }
    };
    const costs = { clear: [] as number[], ciphered: [] as number[], raw: [] as number[], ratio: [] as number[] };
    for (let round = -10; round < ROUNDS; round++) {
      const clear = await cpuOf(() => gets('clear'), COUNT);
      const ciphered = await cpuOf(() => gets('ciphered'), COUNT);
      const raw = (await cpuOf(() => gets('clear', rawCalls), COUNT)) - clear;
      // The first rounds warm up.
      if (round < 0) continue;
      costs.clear.push(clear);
      costs.ciphered.push(ciphered);
      costs.raw.push(raw);
      costs.ratio.push(ciphered / (clear + SHARE * raw));
    }
    await meters.clear.close();
    await meters.ciphered.close();
    const ratio = median(costs.ratio);
    const us = (values: readonly number[]) => `${median(values).toFixed(1)} µs`;
    return [
      {
        name: 'processor time of a ciphered GET over TCP',
        value: us(costs.ciphered),
        reference: `clear ${us(costs.clear)} + ${SHARE} × its AES-GCM ${us(costs.raw)}`,
        ratio,
        target: '<= 1',
        ok: ratio <= 1,
      },
    ];
  } finally {
    child.disconnect();
  }
}

const key = new Uint8Array(16).fill(1);
const aad = new Uint8Array(17).fill(2);
const request = new Uint8Array(REQUEST_LENGTH);
const answer = new Uint8Array(ANSWER_LENGTH);

const sealed = nodeCrypto.gcmSeal(key, new Uint8Array(12), aad, answer);

/** The seal of a request and the opening of an answer, of the same lengths. */
function rawCalls(): void {
  const iv = new Uint8Array(12);
  nodeCrypto.gcmSeal(key, iv, aad, request);
  if (nodeCrypto.gcmOpen(key, iv, aad, sealed) === undefined) throw new Error('the answer does not open');
}
