import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The parts of a portable folder that are quickly tried: `npm run bundle -- --check` makes and uses whole ones. */

interface Portable {
  readonly startScripts: (os: string, day: string) => Readonly<Record<string, string>>;
  readonly writeSums: (folder: string) => void;
  readonly faultsIn: (folder: string) => readonly string[];
}
const script = (name: string) => resolve(import.meta.dirname, '../scripts', name);
const { startScripts, writeSums, faultsIn }: Portable = await import(script('portable-scripts.js'));
const { portablePage }: { portablePage: (version: string) => string } = await import(script('portable-page.js'));

const root = mkdtempSync(join(tmpdir(), 'cosem-portable-'));
const folder = join(root, 'मेरा काम', "it's $HOME & more");
const home = join(root, 'home');

beforeAll(() => {
  mkdirSync(join(folder, 'runtime'), { recursive: true });
  mkdirSync(join(folder, 'app/node_modules/cosem/dist/bin'), { recursive: true });
  mkdirSync(join(home, 'cosem/orders'), { recursive: true });
  symlinkSync(process.execPath, join(folder, 'runtime/node'));
  const program = 'console.log(JSON.stringify([process.argv.slice(2), process.env])); process.exitCode = 4;';
  writeFileSync(join(folder, 'app/node_modules/cosem/dist/bin/cosem.js'), program);
  for (const [name, text] of Object.entries(startScripts('linux', 'commission'))) {
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
});
afterAll(() => rmSync(root, { recursive: true }));

/** Without any variable but these: no PATH, so no Node is found on it. */
function started(program: string, args: readonly string[], env: Record<string, string> = { HOME: home }, cwd = '/') {
  const { status, stdout, stderr } = spawnSync('/bin/sh', [program, ...args], {
    env: { PATH: '/bin', ...env },
    cwd,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const [words, seen] = JSON.parse(stdout) as [string[], Record<string, string>];
  return { status, words, env: seen };
}

describe.skipIf(process.platform === 'win32')('a start script', () => {
  const ARGS = ['read', 'a b', '', "c'd", '"e"', '$HOME', '*', 'आशा'];

  it('hands on every argument and the exit code, from any folder', () => {
    expect(started(join(folder, 'cosem'), ARGS)).toMatchObject({ status: 4, words: ARGS });
    expect(started('cosem', ARGS, { HOME: home }, folder)).toMatchObject({ words: ARGS });
    expect(started('./cosem', ARGS, { HOME: home }, folder)).toMatchObject({ words: ARGS });
  });

  it('is found through links', () => {
    symlinkSync(join(folder, 'cosem'), join(root, 'direct'));
    symlinkSync('direct', join(root, 'relative'));
    expect(started(join(root, 'relative'), ARGS)).toMatchObject({ status: 4, words: ARGS });
  });

  it('keeps a log beside the counters, or where COSEM_LOG says, or none', () => {
    const log = join(home, '.local/state/cosem/cosem.log');
    expect(started(join(folder, 'cosem'), []).env.COSEM_LOG).toBe(log);
    expect(existsSync(join(log, '..'))).toBe(true);
    expect(started(join(folder, 'cosem'), [], { HOME: home, XDG_STATE_HOME: root }).env.COSEM_LOG).toBe(
      join(root, 'cosem/cosem.log'),
    );
    expect(started(join(folder, 'cosem'), [], { HOME: home, COSEM_LOG: '/x y' }).env.COSEM_LOG).toBe('/x y');
    expect(started(join(folder, 'cosem'), [], { HOME: home, COSEM_LOG: '' }).env.COSEM_LOG).toBe('');
    expect(started(join(folder, 'cosem'), [], {}).env.COSEM_LOG).toBeUndefined();
  });

  it('opens the day’s list of the folder of this person', () => {
    const day = started(join(folder, 'cosem-day'), ['--language', 'hi']);
    expect(day).toMatchObject({ status: 4, words: ['commission', '--language', 'hi'] });
    expect(day.env.COSEM_FOLDER).toBe(join(home, 'cosem'));
    const named = started(join(folder, 'cosem-day'), [], { HOME: root, COSEM_FOLDER: join(home, 'cosem') });
    expect(named.env.COSEM_FOLDER).toBe(join(home, 'cosem'));
  });

  it('makes that folder first where there is none', () => {
    const { status, stdout } = spawnSync('/bin/sh', [join(folder, 'cosem-day')], {
      env: { PATH: '/bin', HOME: root },
      encoding: 'utf8',
    });
    // The program of this test refuses.
    expect(status).toBe(4);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')[0]).toEqual(['commission', 'init', join(root, 'cosem')]);
  });

  it('of Windows has the line ends of Windows, and quotes its paths', () => {
    for (const text of Object.values(startScripts('win32', 'day'))) {
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      expect(text).not.toMatch(/(?<!["=])%~dp0/);
    }
    expect(startScripts('win32', 'day')['cosem-day.cmd']).toContain('cosem.cmd" day %*');
    expect(Object.keys(startScripts('darwin', 'day'))).toEqual(['cosem', 'cosem-day.command']);
  });
});

describe('the checksums of a portable folder', () => {
  const some = join(root, 'sums');
  const make = () => {
    rmSync(some, { recursive: true, force: true });
    mkdirSync(join(some, 'app'), { recursive: true });
    writeFileSync(join(some, 'cosem'), 'start');
    writeFileSync(join(some, 'app', 'a b'), 'program');
    writeSums(some);
  };

  it('are those that sha256sum checks', () => {
    make();
    expect(faultsIn(some)).toEqual([]);
    expect(spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: some }).status).toBe(0);
    expect(readFileSync(join(some, 'SHA256SUMS'), 'utf8').split('\n')).toHaveLength(3);
  });

  it('show what was changed, is missing or came from elsewhere', () => {
    make();
    appendFileSync(join(some, 'cosem'), '!');
    rmSync(join(some, 'app', 'a b'));
    writeFileSync(join(some, 'app', 'new'), '');
    expect(faultsIn(some)).toEqual(['app/new does not belong here', 'app/a b is missing', 'cosem was changed']);
    expect(spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: some }).status).not.toBe(0);
  });
});

it('the page says the same in both languages, and loads nothing', () => {
  const page = portablePage('1.2.3');
  const [english = '', hindi = ''] = page.split('<hr>');
  const codes = (text: string) => [...text.matchAll(/<code>(.*?)<\/code>/g)].map(([, code]) => code);
  expect(codes(hindi)).toEqual(codes(english));
  expect(codes(english).length).toBeGreaterThan(20);
  for (const chip of ['10c4', '0403', '1a86', '067b', 'CP210x', 'FTDI', 'CH340', 'PL2303', 'dialout', 'COM5']) {
    expect(english).toContain(chip);
    expect(hindi).toContain(chip);
  }
  expect(page).not.toMatch(/https?:|src=/);
});
