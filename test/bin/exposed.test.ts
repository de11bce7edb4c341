import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ran } from './ran.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-exposed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = '000102030405060708090A0B0C0D0E0F';
/** Nobody answers there: what is told is told before. */
const NOWHERE = ['--tcp', '127.0.0.1:1', '--timeout', '0.1', '--patience', '0'];
const PUSH = '0F0000000100020209060000600101FF0C0141';

const run = (line: readonly string[], env: Record<string, string> = {}) =>
  ran(line, { XDG_STATE_HOME: folder, ...env });

/** Its lines of warning. */
const warnings = (err: string) => err.split('\n').filter((line) => /others on this computer/.test(line));

describe('a secret on the command line', () => {
  it.each([
    [['decode', PUSH, '--ek', KEY, '--ak', KEY], '--ek, --ak', 'COSEM_EK, COSEM_AK'],
    [['decode', PUSH, '--ek', KEY, '--dedicated-key', KEY], '--ek, --dedicated-key', 'COSEM_EK, COSEM_DEDICATED_KEY'],
    [['read', 'all', ...NOWHERE, '--password', 'abcd1234'], '--password', 'COSEM_PASSWORD'],
    [['read', 'all', ...NOWHERE, `--secret=${KEY}`], '--secret', 'COSEM_SECRET'],
    [['readout', '--tcp', '127.0.0.1:1', '--read', '1.8.0', '--password', 'abcd1234'], '--password', 'COSEM_PASSWORD'],
    [['keys', 'change', ...NOWHERE, '--kek', KEY, '--new-ek', KEY], '--new-ek, --kek', 'COSEM_NEW_EK, COSEM_KEK'],
  ])('is told once, in the language of the run, on stderr, and not repeated: %j', async (line, names, variables) => {
    for (const json of [[], ['--json']]) {
      const { out, err } = await run([...line, ...json]);
      const [warning, ...more] = warnings(err);
      expect(more).toEqual([]);
      expect(warning).toContain(names);
      expect(warning).toContain(variables);
      expect(warning).not.toMatch(/कमांड लाइन/);
      expect(out).not.toContain('others on this computer');
      expect(out + err).not.toMatch(/00010203|abcd1234/);
    }
  });

  it.each([
    [['decode', PUSH], { COSEM_EK: KEY, COSEM_AK: KEY }],
    [['decode', PUSH, '--title', '0000000000000000', '--dedicated-key', 'random'], {}],
    [['keys', 'change', '--new-ek', 'random', '--new-password=random', ...NOWHERE], {}],
    [['read', 'all', ...NOWHERE], {}],
  ])('is none where it is in the environment, made up, or not there: %j', async (line, env) => {
    expect(warnings((await run(line, env)).err)).toEqual([]);
  });

  it('is none in the demonstration', async () => {
    const { exit, err } = await run(['demo']);
    expect([exit, warnings(err)]).toEqual([0, []]);
  }, 180_000);
});

describe.skipIf(process.platform === 'win32')('a file with keys', () => {
  const file = join(folder, 'the meter.json');
  const connections = {
    public: { tcp: '127.0.0.1:1', timeout: 0.1, patience: 0 },
    reader: { tcp: '127.0.0.1:1', timeout: 0.1, patience: 0, client: 32, password: 'abcd1234' },
    made: { tcp: '127.0.0.1:1', timeout: 0.1, patience: 0, 'dedicated-key': 'random' },
  };
  const read = (name: string) => ['read', 'all', '--config', file, '--connection', name];
  const put = (mode: number) => {
    writeFileSync(file, JSON.stringify({ connections }));
    chmodSync(file, mode);
  };

  it.each([0o644, 0o640, 0o660, 0o604])('is named once with what to do when its mode is %o', async (mode) => {
    put(mode);
    const { err } = await run(read('reader'));
    const [warning, ...more] = warnings(err);
    expect(more).toEqual([]);
    expect(warning).toContain(`${file}, which holds keys: chmod 600 '${file}'`);
    const { err: hindi } = await run([...read('reader'), '--language', 'hi']);
    expect(hindi).toMatch(/^cosem: .*कुंजियाँ.*chmod 600/);
    expect(warnings(hindi)).toEqual([]);
  });

  it('is not when it is its owner’s alone, nor for a connection that has no secret', async () => {
    put(0o600);
    expect(warnings((await run(read('reader'))).err)).toEqual([]);
    put(0o644);
    for (const name of ['public', 'made']) expect(warnings((await run(read(name))).err)).toEqual([]);
  });

  it('is told of in doctor, which reads the settings again and again, once', async () => {
    put(0o644);
    expect(warnings((await run(['doctor', '--config', file, '--connection', 'reader'])).err)).toHaveLength(1);
  });

  it('is a key file, and a file with the passphrase, too', async () => {
    put(0o644);
    const changed = await run([
      'keys',
      'change',
      '--new-password',
      'random',
      '--config',
      file,
      '--connection',
      'reader',
    ]);
    expect(warnings(changed.err)).toHaveLength(1);
    const passphrase = join(folder, 'passphrase');
    writeFileSync(passphrase, 'correct horse', { mode: 0o644 });
    const work = join(folder, 'work');
    mkdirSync(join(work, 'orders'), { recursive: true });
    writeFileSync(join(work, 'keys.json'), '{}', { mode: 0o644 });
    const listed = await run(['index', 'list', '--folder', work, '--passphrase-file', passphrase]);
    expect(warnings(listed.err)).toEqual([
      expect.stringContaining(`chmod 600 ${join(work, 'keys.json')}`),
      expect.stringContaining(`chmod 600 ${passphrase}`),
    ]);
  });
});
