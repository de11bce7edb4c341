/**
 * GET round trips a second in one process: client, wrapper links, meter. In clear beside bare chunks of the same sizes through the same
 * in-memory transports; ciphered against the four AES-GCM operations that a round trip cannot do without.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { memoryPair } from '../src/transport/memory.js';
import { compareAsync, type Row } from './harness.js';
import { ANSWER_LENGTH, ENERGY, openMeter, REQUEST_LENGTH, serveMeter, WRAPPER_LENGTH } from './meter.js';

/** Round trips in one call. */
const COUNT = 50;
/** The tag, and what is authenticated beside the text: security control and authentication key. */
const TAG_LENGTH = 12;
const AAD_LENGTH = 17;

async function gets(how: 'clear' | 'ciphered'): Promise<() => Promise<unknown>> {
  const [near, far] = memoryPair();
  await serveMeter(far);
  const meter = await openMeter(near, how);
  const energy = meter.register(ENERGY);
  return async () => {
    let last: unknown;
    for (let i = 0; i < COUNT; i++) last = await meter.get(energy.value);
    return last;
  };
}

async function bare(): Promise<() => Promise<unknown>> {
  const [near, far] = memoryPair();
  const request = new Uint8Array(WRAPPER_LENGTH + REQUEST_LENGTH);
  const answer = new Uint8Array(WRAPPER_LENGTH + ANSWER_LENGTH);
  let answered: (chunk: Uint8Array) => void = () => {};
  await near.open({ data: (chunk) => answered(chunk), closed: () => {} });
  await far.open({ data: () => far.write(answer), closed: () => {} });
  return async () => {
    let last: unknown;
    for (let i = 0; i < COUNT; i++) {
      last = await new Promise((resolve) => {
        answered = resolve;
        near.write(request);
      });
    }
    return last;
  };
}

/** Seals and opens the request, then the answer, with nothing around it. */
function rawGcm(): () => unknown {
  const key = new Uint8Array(16).fill(1);
  const iv = new Uint8Array(12);
  const aad = new Uint8Array(AAD_LENGTH);
  const options = { authTagLength: TAG_LENGTH } as const;
  const seal = (plain: Uint8Array): Buffer => {
    const cipher = createCipheriv('aes-128-gcm', key, iv, options);
    cipher.setAAD(aad);
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };
  const unseal = (sealed: Uint8Array): Buffer => {
    const decipher = createDecipheriv('aes-128-gcm', key, iv, options);
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_LENGTH));
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_LENGTH)), decipher.final()]);
  };
  const [request, answer] = [new Uint8Array(REQUEST_LENGTH), new Uint8Array(ANSWER_LENGTH)];
  return () => {
    let last: unknown;
    for (let i = 0; i < COUNT; i++) last = [unseal(seal(request)), unseal(seal(answer))];
    return last;
  };
}

export async function memory(): Promise<Row[]> {
  const per = { count: COUNT, unit: 'GETs' };
  return [
    await compareAsync({
      name: 'GET in memory, clear',
      against: 'bare chunks',
      work: await gets('clear'),
      reference: await bare(),
      per,
    }),
    await compareAsync({
      name: 'GET in memory, ciphered',
      against: 'raw AES-GCM',
      work: await gets('ciphered'),
      reference: rawGcm(),
      target: { atLeast: 0.3 },
      per,
    }),
  ];
}
