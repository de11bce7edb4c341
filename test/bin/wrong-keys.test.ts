/** Keys that are wrong, through the command: a virtual meter whose two keys differ, and what `cosem doctor` and `cosem get` say. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeter, type VirtualMeter } from '../../simulator/index.js';
import { fromHex, systemClock } from '../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../src/node.js';
import { ran } from './ran.js';

const EK = '000102030405060708090A0B0C0D0E0F';
const AK = 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF';
const OTHER = '00112233445566778899AABBCCDDEEFF';
const folder = mkdtempSync(join(tmpdir(), 'cosem-wrong-keys-'));
const meters: VirtualMeter[] = [];
const listeners: Listener[] = [];
let port: number;
let sameKey: number;

async function serve(authenticationKey: string): Promise<number> {
  const secrets = { encryptionKey: fromHex(EK), authenticationKey: fromHex(authenticationKey) };
  const meter = createMeter('is15959-1ph', { clock: systemClock, seed: 7, crypto: nodeCrypto, secrets });
  meters.push(meter);
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    void meter.attach(transport, { framing: 'wrapper' });
  });
  listeners.push(listener);
  return listener.port;
}

beforeAll(async () => {
  port = await serve(AK);
  sameKey = await serve(EK);
});
afterAll(async () => {
  for (const listener of listeners) await listener.close();
  rmSync(folder, { recursive: true });
});

let runs = 0;
const cosem = (line: string, to = port) =>
  ran(`${line} --tcp 127.0.0.1:${to}`, { XDG_STATE_HOME: join(folder, `state-${runs++}`) });

const utility = (ek: string, ak: string) =>
  `--client 48 --auth hls2 --secret text:COSEM-BENCH-HLS1 --companion is15959 --title 4D4D4D0000BC614E --ek ${ek} --ak ${ak}`;

describe('cosem doctor', () => {
  it('finds nothing where the keys are right', async () => {
    expect(await cosem(`doctor ${utility(EK, AK)}`)).toMatchObject({
      exit: 0,
      out: expect.stringContaining('Everything works'),
    });
    expect((await cosem(`doctor ${utility(EK, EK)}`, sameKey)).exit).toBe(0);
  });

  it.each<[string, string, string, boolean, number, string]>([
    ['the keys exchanged', AK, EK, false, 5, 'The two keys are exchanged'],
    ['a wrong EK', OTHER, AK, false, 4, 'The encryption key or the authentication key is wrong'],
    ['a wrong AK', EK, OTHER, false, 4, 'The encryption key or the authentication key is wrong'],
    ['a wrong EK of a meter with one key for both', OTHER, EK, true, 4, 'The encryption key (EK, GUEK) is wrong'],
    ['a wrong AK of a meter with one key for both', EK, OTHER, true, 5, 'The authentication key (AK, GAK) is wrong'],
  ])('%s', async (_, ek, ak, same, exit, sentence) => {
    const said = await cosem(`doctor ${utility(ek, ak)}`, same ? sameKey : port);
    expect([said.exit, said.out]).toEqual([exit, expect.stringContaining(sentence)]);
    expect(said.out + said.err).not.toMatch(/0011223344|00010203|D0D1D2/i);
  });

  it('a meter that names another title than it ciphers with', async () => {
    const lying = await serve(AK);
    meters.at(-1)?.faults.add('wrong-title');
    const said = await cosem(`doctor ${utility(EK, AK)}`, lying);
    expect([said.exit, said.out]).toEqual([
      4,
      expect.stringMatching(/could not prove itself, or what it sent cannot be deciphered/),
    ]);
  });
});
