/** Who holds the keys of one client of the virtual meter does not open the association of another, by whatever mechanism. */
import { describe, expect, it } from 'vitest';
import { openOptionsOf, UTILITY_MECHANISMS, type UtilityMechanism } from '../../simulator/index.js';
import { CosemError } from '../../src/base/errors.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import type { OpenOptions } from '../../src/index.js';
import { Bench } from '../simulator/support.js';

const RELAY = '0.0.96.3.10.255';
const NAMES = ['reader', 'utility', 'firmware'] as const;
const MECHANISMS = Object.keys(UTILITY_MECHANISMS) as UtilityMechanism[];

/** Tries all that the holder of one connection has against the client of another. */
async function tries(bench: Bench, holder: string, victim: string, authentication: OpenOptions['authentication']) {
  const { client, security: of } = openOptionsOf(bench.meter, victim);
  const { security, secret, password } = openOptionsOf(bench.meter, holder);
  const known = (secret ?? password) as Uint8Array;
  const meter = await bench.open(victim, {
    client,
    ...(authentication === undefined ? {} : { authentication }),
    password: known,
    secret: known,
    security: { ...security!, policy: of!.policy },
  });
  await meter.call(meter.object(DisconnectControlV0, RELAY).remoteDisconnect);
}

describe.each(MECHANISMS)('a meter whose utility proves itself by %s', (mechanism) => {
  it('is opened by each client with its own, and its relay by utility alone', async () => {
    const bench = new Bench({ mechanism });
    for (const name of NAMES) await (await bench.open(name)).close();
    const utility = await bench.open('utility');
    await utility.call(utility.object(DisconnectControlV0, RELAY).remoteDisconnect);
    expect(bench.meter.face().relay?.state).toBe('disconnected');
  });

  for (const holder of NAMES) {
    for (const victim of NAMES.filter((name) => name !== holder)) {
      it(`does not let ${holder} in as ${victim}`, async () => {
        for (const authentication of ['lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256'] as const) {
          const bench = new Bench({ mechanism });
          await expect(tries(bench, holder, victim, authentication)).rejects.toThrow(CosemError);
          expect(bench.meter.face().relay?.state).toBe('connected');
        }
      });
    }
  }

  it('no client has another mechanism than its own', async () => {
    for (const authentication of MECHANISMS.filter((name) => name !== mechanism)) {
      const bench = new Bench({ mechanism });
      await expect(bench.open('utility', { authentication })).rejects.toThrow('authentication-mechanism');
    }
  });

  it('no two clients that are opened have one key', () => {
    const { meter } = new Bench({ mechanism });
    const keys = NAMES.map((name) => openOptionsOf(meter, name).security?.encryptionKey.join());
    expect(new Set(keys).size).toBe(NAMES.length);
  });
});
