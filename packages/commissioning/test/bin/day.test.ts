import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeConfig } from '../../../../bin/config.js';
import { main } from '../../../../bin/program.js';
import { configOf } from '../../../../bin/simulate/connections.js';
import { createMeter } from '../../../../simulator/index.js';
import { systemClock } from '../../../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../../../src/node.js';
import { FakeIo } from '../../../../test/bin/fake-io.js';
import { ran } from '../../../../test/bin/ran.js';
import { provisionCode } from '../../src/otp.js';
import { createWorkspace, readTrustedSigners } from '../../src/platform/workspace.js';
import { verifyChain } from '../../src/record/chain.js';
import { OneTimeCode } from '../../src/verification.js';
import { CODE, orderJson, SERIAL } from '../bench.js';

/** `cosem day` as an installer works with it: a terminal, a virtual meter on TCP, and a second order that is put off. */

const folder = mkdtempSync(join(tmpdir(), 'cosem-day-'));
const PASSPHRASE = 'four words and more';
const AADHAAR = '987654321012';
const WORK = { n: 2 ** 14, r: 1, p: 1 };
const DAY = 86_400_000;
const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 7, serial: SERIAL });
let listener: Listener;

beforeAll(async () => {
  listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    meter.attach(transport, { framing: 'wrapper' }).catch(() => undefined);
  });
  const paths = createWorkspace(folder, { name: 'R. Sharma', passphrase: PASSPHRASE, work: WORK });
  const place = { type: 'tcp', host: '127.0.0.1', port: listener.port! } as const;
  writeConfig(join(folder, 'meters.json'), configOf(meter, place, 'wrapper'));
  const expires = new Date(Date.now() + DAY).toISOString();
  const otp = provisionCode('1', OneTimeCode.parse(CODE), new Uint8Array(16), expires, WORK);
  writeFileSync(join(paths.orders, 'WO-1.json'), JSON.stringify(orderJson({ otp })));
  const other = { number: '1100220034', name: '=Ramesh', address: '13 Gandhi Marg, Lucknow', mobile: '9812344322' };
  const second = orderJson({ id: 'WO-2', consumer: other, newMeter: { serial: 'any', profile: 'is15959/D1' } });
  writeFileSync(join(paths.orders, 'WO-2.json'), JSON.stringify(second));
  writeFileSync(join(paths.orders, 'WO-3.json'), '{"format": "cosem-work-order-1"}');
  // What cosem commission init --sample writes, and who the installer is from days before.
  writeFileSync(paths.policy, JSON.stringify({ meter: { highestStartReading: null } }));
  const letterValidUntil = new Date(Date.now() + 90 * DAY).toISOString().slice(0, 10);
  const installer = { id: 'EMP-77', name: 'R. Sharma', letter: 'AMI/2026/118', letterValidUntil };
  writeFileSync(paths.preferences, JSON.stringify({ installer }));
});
afterAll(async () => {
  await listener.close();
  meter.stop();
  rmSync(folder, { recursive: true });
});

/** The command on a terminal of 80 columns and 24 lines. */
function terminal(line: string) {
  const io = new FakeIo({ XDG_STATE_HOME: join(folder, 'counters') });
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const screen = {
    isTTY: true,
    columns: 80,
    rows: 24,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  };
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

const run = (line: string) => ran(line, { COSEM_FOLDER: folder, COSEM_PASSPHRASE: PASSPHRASE });

describe('cosem day', { timeout: 120_000 }, () => {
  test('the passphrase once, eight questions a house, back to the list, an order put off with its reason', async () => {
    const { io, ended, answer } = terminal(`day --folder ${folder} --language en`);
    await answer(/Passphrase of the keys/, `${PASSPHRASE}\r`);
    await answer(/You are R\. Sharma \(EMP-77\)/, 'y');
    const house: readonly (readonly [RegExp, string])[] = [
      [/Number of the order/, '1\r'],
      [/letter and identity card/, 'y'],
      [/OTP, six digits/, `${CODE}\r`],
      [/which kind/, '\r'],
      [/Its number/, `${AADHAAR}\r`],
      [/Old meter: serial number/, '18442.7 good, seal intact\r'],
      [/Seals \(1 or more/, 'S-100 S-101\r'],
      [/may the supply go off/, 'y'],
    ];
    expect(house).toHaveLength(8);
    for (const [question, typed] of house) await answer(question, typed);
    // No question between them: the next is the list's.
    await answer(/Number of the order/, '१\r');
    await answer(/That order is done/, '\u0015p 2\r');
    await answer(/Why is it postponed/, '\u001b[B\r');
    await answer(/More about it/, 'lock on the gate\r');
    await answer(/Number of the order/, '3\r');
    await answer(/WO-3\.json cannot be read/, '\u0015e\r');
    expect(await ended).toBe(0);
    const { text } = io.stdout;
    expect(text).toMatch(/Work order WO-1 is done/);
    expect(text).toContain('WO-2 is postponed: house locked (lock on the gate)');
    expect(text).toContain('0 open, 0 failed, 1 postponed, 1 done today');
    expect(text).toContain('The day so far: 1 done, 0 failed, 1 postponed, 0 open.');
    for (const secret of [CODE, AADHAAR, PASSPHRASE, '9812344321']) expect(text).not.toContain(secret);
    expect(JSON.stringify((await run('day --json')).io.document())).toContain('"reason":"house-locked"');
  });

  test('the report names outcome and reason in both languages, and no consumer by name', async () => {
    const done = await run('day report --language hi');
    expect(done).toMatchObject({ exit: 0, err: '' });
    expect(done.out).toContain('1 पूरे, 0 असफल, 1 स्थगित, 0 बाकी।');
    const name = readdirSync(folder).find((file) => /^day-report-.*\.csv$/.test(file))!;
    const csv = readFileSync(join(folder, name), 'utf8');
    expect(csv).toMatch(/^\uFEFFdate,order/);
    expect(csv).toMatch(/WO-1,.*,1100220033,10000042,done,\d\d:\d\d,\d\d:\d\d,,,/);
    expect(csv).toContain('postponed,,,house locked: lock on the gate,घर पर ताला: lock on the gate');
    expect(csv).not.toMatch(/Asha|Ramesh|Gandhi/);
    const pdf = readFileSync(join(folder, name.replace('csv', 'pdf')), 'latin1');
    for (const mark of ['/StructTreeRoot', '/H1', '/Lang (hi)', '/ActualText']) expect(pdf).toContain(mark);
    expect(pdf).not.toMatch(/Asha|Ramesh/);
    const never = await run('day report --date 31/02/2026');
    expect(never).toMatchObject({ exit: 2 });
  });

  test('the hand-over says what is in it, holds records that verify, and no key, code or journal', async () => {
    const file = join(folder, 'day.zip');
    const dry = await run(`day hand-over ${file} --dry-run`);
    expect(dry.out).toContain('Nothing was written.');
    expect(() => readFileSync(file)).toThrow();
    const done = await run(`day hand-over ${file} --yes`);
    expect(done.exit).toBe(0);
    expect(done.out).toContain('No keys, no passwords, no OTPs');
    const files = unzipSync(readFileSync(file));
    const texts = Object.fromEntries(
      Object.entries(files).map(([name, octets]) => [name, Buffer.from(octets).toString('latin1')]),
    );
    const names = Object.keys(files);
    expect(names).toEqual(
      expect.arrayContaining([
        'records/records.jsonl',
        'certificates/WO-1.pdf',
        'index/consumer-index.csv',
        'SHA256SUMS',
      ]),
    );
    expect(names.filter((name) => /keys|orders|journal|attempts|outbox|preferences/.test(name))).toEqual([]);
    const records = texts['records/records.jsonl']!.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toHaveLength(1);
    const secrets = [
      CODE,
      AADHAAR,
      PASSPHRASE,
      JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')).sealed ?? 'no such thing',
    ];
    for (const [name, text] of Object.entries(texts))
      for (const secret of secrets) expect(text.includes(String(secret)), name).toBe(false);
    expect(texts.SHA256SUMS!.trim().split('\n')).toHaveLength(names.length - 1);
    expect(verifyChain(records, readTrustedSigners(join(folder, 'trusted-signers.json')))).toMatchObject({
      verdict: 'valid',
    });
    expect(await run(`day hand-over ${file} --yes`)).toMatchObject({ exit: 2 });
  });

  test('an order is put off and taken up again without the list', async () => {
    const refused = await run('day postpone WO-2 --reason bored');
    expect(refused).toMatchObject({ exit: 2 });
    const other = await run('day postpone WO-2 --reason other --note x');
    expect(other.exit).not.toBe(0);
    const done = await run('day postpone WO-2 --reason unsafe --language hi');
    expect(done.out).toContain('WO-2 स्थगित: जगह सुरक्षित नहीं');
    expect(await run('day postpone WO-1 --reason unsafe')).toMatchObject({ exit: 2 });
  });
});
