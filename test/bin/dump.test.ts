import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ran, simulated } from './ran.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cosem-dump-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

const run = (...line: string[]) => ran(line, { XDG_STATE_HOME: folder });

const dump = (config: string, output: string, ...more: string[]) =>
  run('dump', '--output', at(output), '--config', at(config), '--rows', '5', ...more);

describe('cosem dump', () => {
  it.each(['wrapper', 'hdlc'])(
    'and cosem simulate --template give the same file again, over TCP and %s',
    async (framing) => {
      const [own, copy] = [`own-${framing}.json`, `copy-${framing}.json`];
      const files = [`first-${framing}.json`, `second-${framing}.json`] as const;
      {
        await using _ = await simulated('--framing', framing, '--seed', '5', '--write-config', at(own));
        const { exit, io, err } = await dump(own, files[0], '--all-connections', '--json');
        expect([exit, err]).toEqual([0, '']);
        expect(io.document()).toMatchObject({
          command: 'dump',
          masked: false,
          associations: [{ name: 'public' }, { name: 'reader' }, { name: 'utility' }, { name: 'firmware' }],
        });
      }
      await using server = await simulated(
        '--framing',
        framing,
        '--template',
        at(files[0]),
        '--write-config',
        at(copy),
      );
      expect(server.io.stdout.text).toContain('"connections":["public","reader","utility","firmware"]');
      const { exit, err } = await dump(copy, files[1], '--all-connections');
      expect([exit, err]).toEqual([0, '']);
      const [first, second] = files.map((name) => readFileSync(at(name), 'utf8'));
      expect(second === first).toBe(true);
      const read = await run('read', 'nameplate', '--config', at(copy), '--connection', 'reader');
      expect([read.exit, read.out]).toEqual([0, expect.stringContaining('10000005')]);
    },
  );

  it('takes the connections that are named, in their order, and masks', async () => {
    await using _ = await simulated('--seed', '34567890', '--write-config', at('masked-config.json'));
    const { exit, out, err } = await dump(
      'masked-config.json',
      'masked.json',
      '--connection',
      'reader',
      '--connection',
      'public',
      '--mask',
    );
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/as seen by reader \(\d+ objects\), public \(\d+ objects\)\.\n/);
    // The public client sees nothing that the reader does not, so in all there are as many as the reader sees.
    const [, whole, reader] = /: (\d+) objects with .* reader \((\d+) objects\)/.exec(out) ?? [];
    expect(whole).toBe(reader);
    const text = readFileSync(at('masked.json'), 'utf8');
    expect(text).not.toContain('44567890');
    expect(JSON.parse(text)).toMatchObject({ masked: true, systemTitle: '43534D3030303031' });
    const config = readFileSync(at('masked-config.json'), 'utf8');
    for (const { ek, password } of [JSON.parse(config).connections.reader]) {
      expect(text).not.toContain(ek);
      expect(text).not.toContain(password);
    }
  });

  it.each([
    [['--connection', 'a', '--all-connections', '--config', 'x'], '--connection and --all-connections at once'],
    [['--all-connections'], 'all connections of which file?'],
    [['--rows', 'some', '--tcp', 'a'], "--rows 'some' is not a whole number"],
    [['--tcp', 'a', '--connection', 'b'], "connection 'b' of which file?"],
  ])('says what is wrong: %s', async (args, message) => {
    const { exit, err } = await run('dump', '--output', at('none.json'), ...args);
    expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('wants an output', async () => {
    expect(await run('dump', '--tcp', 'a')).toMatchObject({ exit: 2, err: expect.stringContaining('--output <file>') });
  });

  it('a template that is none is named with its place', async () => {
    const { exit, err } = await run('simulate', '--template', new URL('../../package.json', import.meta.url).pathname);
    expect([exit, err]).toEqual([2, expect.stringContaining('this is no template')]);
    expect((await run('simulate', '--template', at('nothing.json'))).err).toContain(
      'cannot be read: there is no such file or folder (ENOENT)',
    );
  });
});
