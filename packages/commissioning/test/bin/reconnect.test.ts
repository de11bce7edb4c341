/** `cosem reconnect` and `cosem payment-mode` as people start them, against a virtual meter on loopback. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeConfig } from '../../../../bin/config.js';
import { configOf } from '../../../../bin/simulate/connections.js';
import { createMeter, openOptionsOf } from '../../../../simulator/index.js';
import { open, systemClock } from '../../../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../../../src/node.js';
import { type Ran, ran } from '../../../../test/bin/ran.js';
import { createWorkspace } from '../../src/platform/workspace.js';
import { orderJson, SERIAL } from '../bench.js';

const root = mkdtempSync(join(tmpdir(), 'cosem-reconnect-'));
const folder = join(root, 'lucknow');
const PASSPHRASE = 'four words and more';
const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 7, serial: SERIAL });
let listener: Listener;

beforeAll(async () => {
  listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    meter.attach(transport, { framing: 'wrapper' }).catch(() => undefined);
  });
  const paths = createWorkspace(folder, {
    name: 'R. Sharma',
    passphrase: PASSPHRASE,
    work: { n: 2 ** 14, r: 1, p: 1 },
  });
  const place = { type: 'tcp', host: '127.0.0.1', port: listener.port! } as const;
  writeConfig(join(folder, 'meters.json'), configOf(meter, place, 'wrapper'));
  const { network: _, position: __, oldMeter: ___, newMeter: ____, sanctionedLoad: _____, ...base } = orderJson();
  const common = { ...base, meter: { serial: SERIAL, profile: 'is15959/D1' } };
  const write = (order: { id: string }) => writeFileSync(join(paths.orders, `${order.id}.json`), JSON.stringify(order));
  write({ ...common, id: 'RC-1', kind: 'reconnection', reconnect: { close: 'own-credit' } } as never);
  write({ ...common, id: 'PM-1', kind: 'payment-mode', to: 'postpaid' } as never);
});
afterAll(async () => {
  await listener.close();
  meter.stop();
  rmSync(root, { recursive: true });
});

const run = (line: string, env: Record<string, string> = {}): Promise<Ran> =>
  ran(line, { COSEM_FOLDER: folder, COSEM_PASSPHRASE: PASSPHRASE, XDG_STATE_HOME: join(root, 'state'), ...env });
const connection = () => `--config ${join(folder, 'meters.json')} --connection utility`;

/** Cut by order and recharged since. */
async function darken(): Promise<void> {
  await using utility = await open(await meter.line({ framing: 'wrapper' }), {
    framing: 'wrapper',
    ...openOptionsOf(meter, 'utility'),
  });
  await utility.set(utility.disconnectControl().controlMode, 4);
  await utility.relay().disconnect();
  meter.controls.recharge(50_000);
}

describe('cosem reconnect', { timeout: 120_000 }, () => {
  test('without an order looks and closes nothing, in words of both languages', async () => {
    await darken();
    const told = await run(`reconnect ${connection()} --json`);
    expect(told).toMatchObject({ exit: 0 });
    expect(told.io.document()).toMatchObject({
      verdict: { id: 'recharged-not-closed' },
      closing: { order: 'closes', byCredit: true, barriers: [] },
      closed: null,
    });
    const hindi = await run(`reconnect ${connection()} --language hi`);
    expect(hindi.out).toContain('रिचार्ज');
    expect(hindi.out.replace(/\b(dBm|MCB|V|A|W|cosem)\b|₹/g, '')).not.toMatch(/[a-z]{3,}/i);
    expect(hindi.out).not.toMatch(/undefined|\{|ज्ञात नहीं\)/);
  });

  test('another meter than the named one is told, and nothing is offered', async () => {
    const told = await run(`reconnect ${connection()} --expect 99999999 --yes --json`);
    expect(told.io.document()).toMatchObject({ verdict: { id: 'wrong-meter' }, closed: null });
  });

  test('without an order and with Yes the own credit closes, read back, once, and nothing is signed', async () => {
    await darken();
    const done = await run(`reconnect ${connection()} --yes --json`);
    expect(done).toMatchObject({ exit: 0 });
    expect(done.io.document()).toMatchObject({ verdict: { id: 'recharged-not-closed' }, closed: true });
    const again = await run(`reconnect ${connection()} --yes --json`);
    expect(again.io.document()).toMatchObject({ closed: null });
    expect(readdirSync(join(folder, 'certificates'))).toEqual([]);
    await darken();
  });

  test('an order of another kind is named', async () => {
    const told = await run('reconnect PM-1');
    expect(told.exit).toBe(2);
    expect(told.err).toContain('cosem payment-mode PM-1');
  });

  test('nobody to be asked, and no --yes: the supply stays as it is', async () => {
    const told = await run('reconnect RC-1');
    expect(told.exit).toBe(2);
    expect(told.err).toContain('--yes');
    const now = await run(`reconnect ${connection()} --json`);
    expect(now.io.document()).toMatchObject({ closing: { order: 'closes' } });
  });

  test('with an order closes, proves, signs, and does nothing a second time', async () => {
    const done = await run('reconnect RC-1 --yes');
    expect(done).toMatchObject({ exit: 0 });
    expect(done.out).toContain('The relay is closed, read back from the meter');
    const again = await run('reconnect RC-1 --yes --json');
    expect(again.io.document()).toMatchObject({ done: true, certificate: [] });
    const checked = await run(
      `verify ${join(folder, 'certificates', 'RC-1.pdf')} --trust ${join(folder, 'trusted-signers.json')}`,
    );
    expect(checked).toMatchObject({ exit: 0 });
    expect(checked.out).toContain('The recharge reached the meter');
    const html = readFileSync(join(folder, 'certificates', 'RC-1.html'), 'utf8');
    expect(html).toContain('बिजली जोड़ने का अभिलेख');
  });
});

describe('cosem payment-mode', { timeout: 120_000 }, () => {
  test('changes, proves, signs', async () => {
    const done = await run('payment-mode PM-1 --yes --language hi');
    expect(done).toMatchObject({ exit: 0 });
    expect(done.out).toContain('पोस्टपेड किया गया');
    expect(done.out).toContain('मीटरिंग मोड केवल आयात');
    expect(done.out).not.toMatch(/undefined|\{/);
    const checked = await run(`verify ${folder} --trust ${join(folder, 'trusted-signers.json')} --json`);
    expect(checked.io.document()).toMatchObject({ verdict: 'valid', chain: { records: 2, problems: [] } });
  });
});
