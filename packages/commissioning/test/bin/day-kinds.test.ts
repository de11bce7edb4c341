import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeConfig } from '../../../../bin/config.js';
import { main } from '../../../../bin/program.js';
import { configOf } from '../../../../bin/simulate/connections.js';
import { createMeter } from '../../../../simulator/index.js';
import { systemClock } from '../../../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../../../src/node.js';
import { FakeIo } from '../../../../test/bin/fake-io.js';
import { ran } from '../../../../test/bin/ran.js';
import { createWorkspace } from '../../src/platform/workspace.js';
import { orderJson, SERIAL } from '../bench.js';

/** `cosem day` with orders of other kinds than installation, at a terminal and a virtual meter on TCP. */

const folder = mkdtempSync(join(tmpdir(), 'cosem-day-kinds-'));
const PASSPHRASE = 'four words and more';
const made = { clock: systemClock, crypto: nodeCrypto, seed: 7, installed: Date.UTC(2026, 0, 1) } as const;
const meter = createMeter('is15959-1ph', { ...made, serial: SERIAL });
const CHECK = '20000099';
const checkMeter = createMeter('is15959-1ph', { ...made, serial: CHECK });
const listeners: Listener[] = [];

beforeAll(async () => {
  const paths = createWorkspace(folder, {
    name: 'R. Sharma',
    passphrase: PASSPHRASE,
    work: { n: 2 ** 14, r: 1, p: 1 },
  });
  for (const [one, file] of [
    [meter, 'meters.json'],
    [checkMeter, 'check.json'],
  ] as const) {
    const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
      one.attach(transport, { framing: 'wrapper' }).catch(() => undefined);
    });
    listeners.push(listener);
    const place = { type: 'tcp', host: '127.0.0.1', port: listener.port! } as const;
    writeConfig(join(folder, file), configOf(one, place, 'wrapper'));
  }
  const { network: _, position: __, oldMeter: ___, newMeter: ____, sanctionedLoad: _____, ...base } = orderJson();
  const common = { ...base, meter: { serial: SERIAL, profile: 'is15959/D1' } };
  const write = (order: object, id: string) => {
    writeFileSync(join(paths.orders, `${id}.json`), JSON.stringify({ ...common, ...order, id }));
  };
  const keys = { config: 'check.json', connection: 'utility' };
  const check = { serial: CHECK, profile: 'is15959/D1', accuracy: '0.5S', keys };
  write({ kind: 'meter-comparison', checkMeter: check, hours: 24 }, 'A-1');
  write({ kind: 'payment-mode', to: 'postpaid' }, 'B-1');
  write({ kind: 'reconnection', reconnect: { close: 'ordered' } }, 'C-1');
  const survey = { ...base, keys: undefined, kind: 'survey', sanctionedLoad: 2000, id: 'D-1' };
  writeFileSync(join(paths.orders, 'D-1.json'), JSON.stringify(survey));
});
afterAll(async () => {
  for (const listener of listeners) await listener.close();
  meter.stop();
  checkMeter.stop();
  rmSync(folder, { recursive: true });
});

/** The command on a terminal of 80 columns and 24 lines. */
function terminal(line: string) {
  const io = new FakeIo({ XDG_STATE_HOME: join(folder, 'counters') });
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const move = () => true;
  const screen = { isTTY: true, columns: 80, rows: 24, cursorTo: move, clearLine: move, moveCursor: move };
  Object.assign(io, { stdin });
  Object.assign(io.stderr, screen);
  Object.assign(io.stdout, screen);
  const ended = main(line.split(' '), io);
  const answer = async (question: RegExp, typed: string) => {
    await Promise.race([
      io.stderr.until(question),
      ended.then((exit) => Promise.reject(new Error(`ended with ${exit}: ${io.stderr.text}\n${io.stdout.text}`))),
    ]);
    io.stderr.text = '';
    stdin.write(typed);
  };
  return { io, ended, answer };
}

describe('cosem day with orders of each kind', { timeout: 120_000 }, () => {
  test('a visit that was interrupted is taken up again, each kind goes its own way, and the report has all', async () => {
    const first = terminal(`day --folder ${folder} --language en`);
    await first.answer(/Passphrase of the keys/, `${PASSPHRASE}\r`);
    await first.answer(/Number of the order/, '1\r');
    await first.answer(/Put the probe to the check meter 20000099/, 'y');
    await first.answer(/Accuracy class on the name plate of meter 10000042/, '\r');
    await first.answer(/Number of the order/, '2\r');
    // In the midst of the change of mode: Ctrl-C.
    await first.answer(/postpaid/, '\u0003');
    expect(await first.ended).toBe(130);
    expect(first.io.stdout.text).toContain('Both meters agree within their accuracy classes');
    expect(first.io.stdout.text + first.io.stderr.text).not.toMatch(/undefined|\{/);

    const again = terminal(`day --folder ${folder} --language en`);
    await again.answer(/Passphrase of the keys/, `${PASSPHRASE}\r`);
    await again.answer(/Number of the order/, '2\r');
    await again.answer(/postpaid/, 'y');
    await again.answer(/Number of the order/, '3\r');
    await again.answer(/Number of the order/, '4\r');
    await again.io.stdout.until(/Survey D-1[\s\S]*identity card/);
    again.io.interrupt();
    expect(await again.ended).toBe(130);

    const told = await ran('day --json', { COSEM_FOLDER: folder });
    expect((told.io.document() as { orders: object[] }).orders).toMatchObject([
      { order: 'A-1', status: 'done' },
      { order: 'B-1', status: 'done' },
      { order: 'C-1', status: 'done' },
      { order: 'D-1', status: 'open' },
    ]);
    for (const [id, format] of [
      ['A-1', 'cosem-meter-comparison-record-1'],
      ['B-1', 'cosem-payment-mode-record-1'],
      ['C-1', 'cosem-reconnection-record-1'],
    ] as const) {
      expect(readFileSync(join(folder, 'certificates', `${id}.json`), 'utf8')).toContain(format);
    }
    const report = await ran('day report --json', { COSEM_FOLDER: folder });
    expect((report.io.document() as { orders: object[] }).orders).toMatchObject([
      { order: 'A-1', kind: { en: 'meter comparison' }, outcome: 'done' },
      { order: 'B-1', kind: { en: 'payment mode' }, outcome: 'done' },
      { order: 'C-1', kind: { en: 'reconnection' }, outcome: 'done' },
      { order: 'D-1', kind: { en: 'survey' }, outcome: 'open' },
    ]);
    const bundle = await ran(`day hand-over ${join(folder, 'day.zip')} --yes --json`, {
      COSEM_FOLDER: folder,
      COSEM_PASSPHRASE: PASSPHRASE,
    });
    const paths = (bundle.io.document() as { files: { path: string }[] }).files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['certificates/B-1.pdf', 'certificates/C-1.pdf']));
  });
});
