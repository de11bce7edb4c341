/** A whole `cosem commission` with a password or secret that the meter refuses: it goes out once, whatever is asked, diagnosed and tried behind it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeConfig } from '../../../../bin/config.js';
import { configOf } from '../../../../bin/simulate/connections.js';
import { createMeter } from '../../../../simulator/index.js';
import { systemClock, type Transport } from '../../../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../../../src/node.js';
import { type Ran, ran } from '../../../../test/bin/ran.js';
import { provisionCode } from '../../src/otp.js';
import { createWorkspace } from '../../src/platform/workspace.js';
import { OneTimeCode } from '../../src/verification.js';
import { CODE, INSTALLER, orderJson, SERIAL } from '../bench.js';

const root = mkdtempSync(join(tmpdir(), 'cosem-commission-refused-'));
const PASSPHRASE = 'four words and more';
const WORK = { n: 2 ** 14, r: 1, p: 1 };
const DAY = 86_400_000;
const AARQ = 0x60;
const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 7, serial: SERIAL });
let listener: Listener;
/** The client SAPs of the AARQs that came with authentication (calling-authentication-value, AC). */
const proving: number[] = [];

/** A line of the meter on which AARQs are noted: the wrapper has the client in octets 2 and 3, and the APDU from 8 on. */
function noted(transport: Transport): Transport {
  return {
    name: transport.name,
    open: (handler) =>
      transport.open({
        data: (chunk) => {
          if (chunk[8] === AARQ && chunk.includes(0xac, 9))
            proving.push(((chunk[2] as number) << 8) | (chunk[3] as number));
          handler.data(chunk);
        },
        closed: (error) => handler.closed(error),
      }),
    write: (octets) => transport.write(octets),
    close: () => transport.close(),
  };
}

beforeAll(async () => {
  listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    meter.attach(noted(transport), { framing: 'wrapper' }).catch(() => undefined);
  });
});
afterAll(async () => {
  await listener.close();
  meter.stop();
  rmSync(root, { recursive: true });
});

/** A folder whose connection to the meter has another password or secret than the meter. */
function folderWith(name: string, wrong: (connections: Record<string, Record<string, unknown>>) => object): string {
  const folder = join(root, name);
  const paths = createWorkspace(folder, { name: 'R. Sharma', passphrase: PASSPHRASE, work: WORK });
  const place = { type: 'tcp', host: '127.0.0.1', port: listener.port as number } as const;
  const config = configOf(meter, place, 'wrapper');
  const connections = structuredClone(config.connections) as Record<string, Record<string, unknown>>;
  writeConfig(join(folder, 'meters.json'), {
    ...config,
    connections: { ...connections, utility: wrong(connections) },
  } as never);
  const otp = provisionCode(
    '1',
    OneTimeCode.parse(CODE),
    new Uint8Array(16),
    new Date(Date.now() + DAY).toISOString(),
    WORK,
  );
  writeFileSync(join(paths.orders, 'WO-1.json'), JSON.stringify(orderJson({ otp })));
  writeFileSync(paths.policy, JSON.stringify({ meter: { highestStartReading: null } }));
  const letterValidUntil = new Date(Date.now() + 90 * DAY).toISOString().slice(0, 10);
  const answers = {
    installer: { ...INSTALLER, letterValidUntil },
    otp: 'stdin',
    documents: [{ type: 'aadhaar', number: 'env:AADHAAR' }],
    oldMeter: { serial: 'OLD-5567', finalReading: 18442.7, condition: 'good, seal intact' },
    seals: ['S-100', 'S-101'],
    supplyMayBeCut: true,
  };
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers));
  return folder;
}

function commissioned(folder: string): Promise<Ran> {
  const env = { COSEM_FOLDER: folder, COSEM_PASSPHRASE: PASSPHRASE, AADHAAR: '987654321012' };
  return ran(
    `commission WO-1 --answers ${join(folder, 'answers.json')}`,
    { ...env, XDG_STATE_HOME: join(root, 'state') },
    `${CODE}\n`,
  );
}

describe('a commissioning whose meter refuses', { timeout: 180_000 }, () => {
  test.each([
    [
      'the secret of HLS',
      48,
      ({ utility }: Record<string, object>) => ({ ...utility, secret: 'text:WrongSecretOf16!' }),
    ],
    ['the password of LLS', 32, ({ reader }: Record<string, object>) => ({ ...reader, password: 'text:WRONG-ONE' })],
  ])('%s sends it once, and once more when it is started again', async (name, client, wrong) => {
    const folder = folderWith(name.replaceAll(' ', '-'), wrong as never);
    proving.length = 0;
    const first = await commissioned(folder);
    expect(first.exit).not.toBe(0);
    expect(proving).toEqual([client]);
    expect(first.out + first.err).not.toMatch(/WrongSecretOf16|WRONG-ONE/);
    const second = await commissioned(folder);
    expect(second.exit).not.toBe(0);
    expect(proving).toEqual([client, client]);
  });
});
