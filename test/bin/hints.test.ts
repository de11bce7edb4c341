/** Hints name keys and counters where they are in use, and nowhere else; what is missing of ours is said before anything is connected. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMeter } from '../../simulator/index.js';
import { fromHex, systemClock, toHex } from '../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../src/node.js';
import { WrapperLink } from '../../src/protocol.js';
import { serveLink } from '../../src/server.js';
import { ran } from './ran.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-hints-'));
let listener: Listener;
let connections = 0;
/** What the meter says to every GET under that tag: in clear, or under the global key; the invoke id of the question stands in place of II. */
let answer: string | undefined;
let tag = 0xc0;
afterEach(() => {
  answer = undefined;
});

beforeAll(async () => {
  const meter = createMeter('is15959-1ph', { clock: systemClock, seed: 7, crypto: nodeCrypto });
  listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    connections++;
    void serveLink(transport, new WrapperLink('server', { devices: [1] }), systemClock, {
      payload: ({ client, server, bytes }, now) =>
        answer !== undefined && bytes[0] === tag
          ? fromHex(answer.replace('II', toHex(bytes.subarray(2, 3))))
          : meter.handle(client, server, bytes, now),
    });
  });
});
afterAll(async () => {
  await listener.close();
  rmSync(folder, { recursive: true });
});

let runs = 0;
const cosem = (line: string) =>
  ran(`${line} --tcp 127.0.0.1:${listener.port} --patience 0 --companion is15959`, {
    XDG_STATE_HOME: join(folder, `state-${runs++}`),
  });

const GET = 'get 1:0.0.96.1.0.255:2';
const KEY = '434F53454D2D42454E43482D4755454B';
const CLEAR = '--client 16';
const CIPHERED = `--client 48 --auth hls2 --secret text:COSEM-BENCH-HLS1 --title 4D4D4D0000BC614E --ek ${KEY} --ak ${KEY}`;
const KEYS = /\bkeys?\b|counter|--ek|--ak|GUEK/i;

describe('a refusal in an association', () => {
  it('reads where nothing is wrong', async () => {
    for (const options of [CLEAR, CIPHERED]) expect((await cosem(`${GET} ${options}`)).exit).toBe(0);
  });

  it.each([
    ['hardware-fault', 'C401II0101', 'hardware-fault'],
    ['temporary-failure', 'C401II0102', 'temporary-failure'],
    ['deciphering-error', 'D80105', 'deciphering-error'],
    ['service-not-supported', 'D80102', 'service-not-supported'],
    ['operation-not-possible', 'D80101', 'operation-not-possible'],
    ['a confirmed-service-error', '0E050000', 'confirmed-service-error'],
  ])('in clear names no keys: %s', async (_, octets, result) => {
    [answer, tag] = [octets, 0xc0];
    const { exit, err } = await cosem(`${GET} ${CLEAR}`);
    expect([exit, err]).toEqual([4, expect.stringContaining(result)]);
    expect(err.replaceAll('deciphering-error', '')).not.toMatch(KEYS);
  });

  it.each([
    ['deciphering-error', 'D80105', /check encryption key, authentication key/],
    ['invocation-counter-error', 'D80106', /raise the invocation counter/],
    ['service-not-supported', 'D80102', /invocation counter, a key or a dedicated key/],
    ['a confirmed-service-error', '0E050000', /and the keys/],
  ])('under keys may name them: %s', async (_, octets, hint) => {
    [answer, tag] = [octets, 0xc8];
    const { exit, err } = await cosem(`${GET} ${CIPHERED}`);
    expect([exit, err]).toEqual([4, expect.stringMatching(hint)]);
    expect(err).not.toContain('may only read');
  });
});

describe('case 21: HLS with SHA-256 in clear', () => {
  it('wants our title and no keys: said before connecting', async () => {
    const before = connections;
    const { exit, err } = await cosem(`${GET} --client 48 --auth sha256 --secret text:0123456789ABCDEF`);
    expect([exit, err]).toEqual([2, expect.stringMatching(/sha256 needs our system title[\s\S]*--title/)]);
    expect(connections).toBe(before);
  });

  it('with --title alone it is asked for', async () => {
    const before = connections;
    const line = `${GET} --client 48 --auth sha256 --secret text:0123456789ABCDEF --title 4D4D4D0000BC614E`;
    const { exit, err } = await cosem(line);
    // This meter knows another mechanism: it says so itself.
    expect([exit, connections > before]).toEqual([4, true]);
    expect(err).not.toMatch(/needs --ek|--ek and --ak/);
  });
});
