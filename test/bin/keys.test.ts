import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BENCH_SECRETS } from '../../simulator/index.js';
import { toHex } from '../../src/index.js';
import { FileCounterStore } from '../../src/node.js';
import { toLatin1 } from '../../src/protocol.js';
import { ran, type Simulated, simulated } from './ran.js';

/** `cosem keys` against a virtual meter in this process, over a socket. */

const folder = mkdtempSync(join(tmpdir(), 'cosem-keys-'));
const config = join(folder, 'meter.json');
const COSEM_KEK = `hex:${toHex(BENCH_SECRETS.masterKey)}`;
let meter: Simulated;

beforeAll(async () => {
  meter = await simulated('--write-config', config, '--seed', '7');
});
afterAll(async () => {
  await meter.stop();
  rmSync(folder, { recursive: true });
});

async function run(line: string, env: Record<string, string> = {}) {
  const result = await ran(`${line} --config ${config}`, { XDG_STATE_HOME: join(folder, 'state'), ...env });
  const all = result.out + result.err;
  // Whatever happened, no key was shown.
  for (const connection of Object.values(connections())) {
    for (const name of ['ek', 'ak', 'secret', 'password']) {
      const value = connection[name] ?? (connection.pending as Record<string, string> | undefined)?.[name];
      if (typeof value === 'string') expect(all).not.toContain(value.replace(/^(hex|text):/, ''));
    }
  }
  return result;
}

function connections(): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(config, 'utf8')).connections;
}

const reads = async (connection: string) => (await run(`get 1:0.0.96.1.0.255:2 --connection ${connection}`)).exit;

describe('cosem keys', () => {
  it('shows our counter and that of the meter', async () => {
    const first = await run('keys counter --connection utility --json');
    expect(first.io.document()).toMatchObject({
      ours: 1,
      meters: 0,
      object: '0.0.43.1.3.255',
      client: 48,
      behind: false,
    });
    expect(await reads('utility')).toBe(0);
    const then = await run('keys counter --connection utility');
    expect(then.exit).toBe(0);
    expect(then.out).toMatch(/Our next +\d+ +.*invocation-counters\n/);
    expect(then.out).toMatch(/The meter's +[1-9]\d* +0\.0\.43\.1\.3\.255, client 48/);
  });

  it('raises our counter, asked, and never back; forgets it with a warning', async () => {
    const of = '--connection reader';
    const env = { COSEM_COUNTERS: join(folder, 'raised') };
    expect((await run(`keys raise 5000 ${of}`, env)).exit).toBe(2);
    const dry = await run(`keys raise 5000 ${of} --dry-run`, env);
    expect(dry.out).toMatch(/Would raise our invocation counter of [0-9A-F]{16}\/[0-9A-F]{8} from 1 to 5000/);
    const raised = (await run(`keys raise 5000 ${of} --yes --json`, env)).io.document();
    expect(raised).toMatchObject({ action: 'raise', done: true, before: 1, next: 5000 });
    expect((await run(`keys raise 4000 ${of} --yes --json`, env)).io.document()).toMatchObject({
      done: false,
      next: 5000,
    });
    for (const wrong of ['', '0', '-5', '4294967295', 'many'])
      expect((await run(`keys raise ${wrong} ${of} --yes`.replace('  ', ' '), env)).exit).toBe(2);
    const { entry } = raised as { entry: string };
    const unknown = await run('keys forget --entry AAAA/BBBB --yes', env);
    expect(unknown.exit).toBe(2);
    expect(unknown.err).toContain(entry);
    expect((await run(`keys forget ${of} --dry-run`, env)).exit).toBe(0);
    const forgotten = await run(`keys forget --entry ${entry} --yes`, env);
    expect(forgotten.exit).toBe(0);
    expect(forgotten.err).toContain('nonce used twice');
    expect((await run(`keys forget ${of} --yes`, env)).exit).toBe(2);
    expect((await run(`keys raise 2 ${of} --yes --json`, env)).io.document()).toMatchObject({ before: 1, next: 2 });
  });

  it('forgets what was received from a meter that lost its counter: asked, and not our own counter', async () => {
    const env = { COSEM_COUNTERS: join(folder, 'received') };
    const get = () => run('get 1:0.0.96.1.0.255:2 --connection reader', env);
    const none = await run('keys forget --received --connection reader --yes', env);
    expect(none.exit).toBe(2);
    expect(none.err).toContain('nothing was received yet');
    expect((await get()).exit).toBe(0);
    // As after a meter that began anew: what was received is above what it sends.
    const store = new FileCounterStore(env.COSEM_COUNTERS);
    const [entry = ''] = store.received.entries().keys();
    store.received.accept(entry, 0xf000_0000);
    const refused = await get();
    expect(refused.exit).toBe(5);
    expect(refused.err).toContain('the invocation counter of the meter went back');
    expect(refused.err).toContain(`cosem keys forget --received --entry ${entry}`);
    const ours = [...store.entries()];
    expect((await run('keys forget --received --connection reader --dry-run', env)).exit).toBe(0);
    expect((await run('keys forget --received --connection reader', env)).exit).toBe(2);
    expect((await get()).exit).toBe(5);
    expect((await run('keys forget --received --entry AAAA/BBBB --yes', env)).err).toContain(`one of ${entry}`);
    const forgotten = await run('keys forget --received --connection reader --yes --json', env);
    expect(forgotten.io.document()).toMatchObject({ action: 'forget', done: true, entry, before: 0xf000_0001 });
    expect(store.entries().get(ours[0]?.[0] ?? '')).toBeGreaterThanOrEqual(ours[0]?.[1] ?? 0);
    expect((await get()).exit).toBe(0);
  });

  it.each([
    ['nothing to change', 'keys change --connection utility --yes', 'change what?'],
    ['no master key', 'keys change --connection utility --new-ek random --yes', 'add --kek'],
    ['two kinds', 'keys change --connection utility --new-ek random --new-secret random --yes', 'one after the other'],
    ['no such connection', 'keys change --connection nobody --new-ek random --yes', "no connection 'nobody'"],
    ['nothing of that kind', 'keys change --connection utility --new-password random --yes', 'has no password'],
    [
      'a key from elsewhere',
      'keys change --connection utility --ek 00112233445566778899AABBCCDDEEFF --new-ek random',
      '--ek beside',
    ],
    ['a short key', 'keys change --connection utility --new-ek hex:0011 --yes', 'has 2 octets instead of 16'],
  ])('%s: says so', async (_, line, words) => {
    const before = readFileSync(config, 'utf8');
    const { exit, err } = await run(line);
    expect(exit).toBe(2);
    expect(err).toContain(words);
    expect(readFileSync(config, 'utf8')).toBe(before);
  });

  it('with --dry-run changes nothing; without --yes nobody is there to be asked', async () => {
    const before = readFileSync(config, 'utf8');
    const dry = await run('keys change --connection utility --new-ek random --dry-run', { COSEM_KEK });
    expect(dry.exit).toBe(0);
    expect(dry.out).toContain('Would change encryption key and authentication key of meter CSM0000010000007');
    const asked = await run('keys change --connection utility --new-ek random', { COSEM_KEK });
    expect(asked.exit).toBe(2);
    expect(readFileSync(config, 'utf8')).toBe(before);
    expect(await reads('utility')).toBe(0);
  });

  it('under a wrong master key: the meter refuses, the file is as it was', async () => {
    const before = connections();
    const { exit, err } = await run('keys change --connection utility --new-ek random --yes', {
      COSEM_KEK: 'text:NOT-THE-MASTER-K',
    });
    expect(exit).toBe(4);
    expect(err).toContain('Rolled back: the meter holds what it held');
    expect(err).toContain('refused what was new (other-reason)');
    expect(connections()).toEqual(before);
    expect(await reads('utility')).toBe(0);
  });

  it('changes the global keys; every connection under them is proved and written, and no other', async () => {
    const old = connections();
    const { exit, io } = await run('keys change --connection utility --new-ek random --yes --json', { COSEM_KEK });
    expect(exit).toBe(0);
    const document = io.document() as { settled: { connection: string; holds: string }[]; what: string[] };
    expect(document).toMatchObject({ done: true, what: ['encryption key', 'authentication key'] });
    expect(document.settled.map(({ connection }) => connection)).toEqual(
      expect.arrayContaining(['utility', 'utility-dedicated']),
    );
    expect(document.settled.every(({ holds }) => holds === 'new')).toBe(true);
    for (const name of ['reader', 'firmware']) expect(connections()[name]).toEqual(old[name]);
    for (const name of ['utility', 'utility-dedicated']) {
      const { ek, ak, pending } = connections()[name] as Record<string, string>;
      expect(ek).toMatch(/^hex:[0-9A-F]{32}$/i);
      expect(ak).toBe(ek);
      expect(pending).toBeUndefined();
      expect(ek).not.toBe(old[name]?.ek);
      expect(await reads(name)).toBe(0);
    }
  });

  it('changes the keys of another client, in its own security setup', async () => {
    const old = connections();
    const { exit, err } = await run('keys change --connection utility --of reader --new-ek random --yes', {
      COSEM_KEK,
    });
    expect({ exit, err }).toMatchObject({ exit: 0 });
    expect(connections().utility).toEqual(old.utility);
    expect(connections().reader?.ek).not.toBe(old.reader?.ek);
    for (const name of ['utility', 'reader', 'firmware']) expect(await reads(name)).toBe(0);
  });

  it('changes a secret of its own, and the password of another client', async () => {
    expect((await run('keys change --connection utility --new-secret random --yes')).exit).toBe(0);
    const password = await run('keys change --connection utility --of reader --new-password random --yes');
    expect(password.err).toBe('');
    expect(password.exit).toBe(0);
    expect(String(connections().reader?.password)).toMatch(/^text:[0-9a-f]{16}$/i);
    expect(connections().reader?.password).not.toContain(toLatin1(BENCH_SECRETS.lls));
    for (const name of ['utility', 'utility-dedicated', 'reader']) expect(await reads(name)).toBe(0);
  });

  it('ends a change that was cut off: what opens the meter stays', async () => {
    const content = JSON.parse(readFileSync(config, 'utf8'));
    content.connections.reader.pending = { password: 'text:NEVER-SENT' };
    writeFileSync(config, JSON.stringify(content));
    // Whoever reads in the meantime is not disturbed by it.
    expect(await reads('reader')).toBe(0);
    const again = await run('keys change --connection utility --new-secret random --yes');
    expect(again.exit).toBe(2);
    expect(again.err).toContain('cosem keys resume');
    const { exit, out } = await run('keys resume');
    expect(exit).toBe(0);
    expect(out).toContain(`Connection reader of ${config} still opens with what is old`);
    expect(connections().reader?.pending).toBeUndefined();
    expect((await run('keys resume')).out).toContain('holds no change');
  });
});
