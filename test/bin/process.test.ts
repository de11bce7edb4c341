import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type PtyPair, ptyPair } from '../../bin/pty-pair.js';
import { hasSocat } from '../support/pty.js';

/** The built command as people start it: `npm test` builds it first. */

const command = resolve(import.meta.dirname, '../../dist/bin/cosem.js');
const built = existsSync(command);
const folder = mkdtempSync(join(tmpdir(), 'cosem-process-'));
const env = { ...process.env, XDG_STATE_HOME: join(folder, 'state') };
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running command: `until` waits for words, `done` for its end. */
function start(line: string) {
  const child = spawn(process.execPath, [command, ...line.split(' ')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let [out, err] = ['', ''];
  const watchers = new Set<() => void>();
  const watched = () => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.on('data', (chunk) => {
    out += chunk;
    watched();
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
    watched();
  });
  const done = new Promise<Result>((end) => child.once('close', (code) => end({ code, out, err })));
  const until = (words: string) =>
    new Promise<string>((found, failed) => {
      const look = () => (out.includes(words) || err.includes(words) ? found(out) : undefined);
      watchers.add(look);
      void done.then(() => failed(new Error(`ended without '${words}': ${err}`)));
      look();
    });
  return { child, done, until };
}

describe.skipIf(!built)('the built command', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(await start('--version').done).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('simulate stops cleanly on %s', async (signal) => {
    const { child, done, until } = start('simulate --tcp 127.0.0.1:0 --json');
    await until('"event":"ready"');
    child.kill(signal);
    expect(await done).toMatchObject({ code: 0, err: 'The meter has stopped.\n' });
  });

  it('ends at once when its reader has seen enough', async () => {
    const { child, done } = start('--help');
    child.stdout?.destroy();
    expect((await done).code).toBe(0);
  });

  it('exits with the code of its failure', async () => {
    expect((await start('read --tcp 127.0.0.1:1').done).code).toBe(3);
    expect((await start('read').done).code).toBe(2);
    expect((await start('decode 7EA0').done).code).toBe(5);
  });

  it('demo says which line it reads over', async () => {
    const { code, out } = await start('demo').done;
    expect(code).toBe(0);
    expect(out).toContain(hasSocat ? 'pseudo-terminals made by socat' : 'in-process line');
    for (const title of ['Energy', 'Prepayment', 'Relay']) expect(out).toMatch(new RegExp(`^${title}$`, 'm'));
    expect(out).toMatch(/Active energy import +\d+(\.\d+)? +kWh/);
  });
});

describe.skipIf(!built || !hasSocat)('over a pseudo-terminal pair', () => {
  let pair: PtyPair | undefined;
  afterEach(() => pair?.close());

  it('every client reads all, one after the other', async () => {
    pair = await ptyPair();
    const config = join(folder, 'pty.json');
    const meter = start(`simulate --serial ${pair?.meter} --baud 9600 --write-config ${config} --json`);
    await meter.until('"event":"ready"');
    const names = ['public', 'reader', 'utility', 'utility-dedicated'];
    for (const name of names) {
      const read = `read all --json --serial ${pair?.reader} --baud 9600 --config ${config} --connection ${name}`;
      const { code, out, err } = await start(read).done;
      expect({ name, code, err }).toEqual({ name, code: 0, err: '' });
      expect(JSON.parse(out).readings.length).toBeGreaterThan(30);
    }
    meter.child.kill('SIGINT');
    expect((await meter.done).code).toBe(0);
  });

  it('signs on by mode E, and says so in the trace', async () => {
    pair = await ptyPair();
    const config = join(folder, 'mode-e.json');
    const meter = start(`simulate --serial ${pair?.meter} --framing mode-e --write-config ${config} --json`);
    await meter.until('"event":"ready"');
    const { code, err } = await start(`read relay --trace --serial ${pair?.reader} --config ${config}`).done;
    expect(code).toBe(0);
    expect(err).toContain('sent "/?!\\r\\n", sign-on of mode E');
    expect(err).toContain('SNRM');
    expect(err).not.toContain('garbage');
  });

  it('a port that goes away while the meter is served or read is one sentence and exit code 3', async () => {
    pair = await ptyPair();
    const config = join(folder, 'gone.json');
    const meter = start(`simulate --serial ${pair?.meter} --write-config ${config} --json`);
    await meter.until('"event":"ready"');
    const read = start(
      `profile 1.0.99.1.0.255 --trace --patience 1 --serial ${pair?.reader} --config ${config} --connection reader`,
    );
    await read.until('get-request-next');
    pair?.close();
    const served = await meter.done;
    expect(served.code).toBe(3);
    expect(served.err).toMatch(/^cosem: serial .+: the port is gone .*\n {7}hint: /m);
    const { code, err } = await read.done;
    expect(code).toBe(3);
    expect(err).toMatch(
      /^cosem: The port .+ disappeared while it was used\.\n {7}serial .+: the port is gone .*\n {7}hint: /m,
    );
  });
});
