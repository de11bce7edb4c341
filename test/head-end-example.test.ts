import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { builtExample } from './support/example.js';
import { said } from './support/said.js';

interface Line {
  readonly name: string;
  readonly error?: string;
  readonly energy: readonly { readonly name: string; readonly unit: string }[];
  readonly blocks: readonly { readonly end: string; readonly energy: string }[];
}

/** Imports the built package by its name, as users do: `npm test` builds first. */
const built = existsSync(resolve(import.meta.dirname, '../dist/src/index.js'));

describe.skipIf(!built)('examples/head-end (needs `npm run build`)', () => {
  it('reads a town, and says in the end what failed', async () => {
    await using example = await builtExample('head-end');
    const cwd = example.folder;
    const town = spawn(process.execPath, [example.program('town'), '10', 'meters.json'], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await said(town.stdout, /lists them/);
      const failed = await promisify(execFile)(process.execPath, [example.program('head-end')], { cwd }).catch(
        (error: unknown) => error,
      );
      const { code, stderr } = failed as { code: number; stderr: string };
      expect([code, stderr]).toEqual([1, expect.stringContaining('11 meters in')]);
      // The wrong key, the tag that never holds, and the one where nobody listens.
      expect(stderr).toMatch(/1 × association: .*deciphering-error.*check encryption key.*\n {4}10000004$/m);
      expect(stderr).toMatch(/1 × security: .*\n {4}10000008$/m);
      expect(stderr).toMatch(/1 × link: .*\n {4}moved away$/m);
      const lines = readFileSync(join(cwd, 'result.jsonl'), 'utf8').trimEnd().split('\n');
      const all = lines.map((line) => JSON.parse(line) as Line);
      const meters = all.filter(({ error }) => error === undefined);
      expect(all).toHaveLength(11);
      expect(meters.map(({ name }) => name).sort()).toEqual(
        [1, 2, 3, 5, 6, 7, 9, 10].map((n) => String(10_000_000 + n)),
      );
      for (const { energy, blocks } of meters) {
        expect(energy[0]).toMatchObject({ name: 'Active energy import', unit: 'Wh' });
        expect(blocks).toHaveLength(48);
        expect(blocks[0]).toMatchObject({
          energy: expect.stringMatching(/ Wh$/),
          voltage: expect.stringMatching(/ V$/),
        });
      }
    } finally {
      const exit = once(town, 'exit');
      town.kill();
      expect(await exit).toEqual([0, null]);
    }
  });

  it.each([
    ['no list', undefined, /meters\.json/],
    [
      'a list without keys',
      '[{ "name": "a", "host": "b", "port": 1, "server": 1 }]',
      /meter 1 of the list: "secret" is no text/,
    ],
  ])('%s: a sentence and no stack trace', async (_, list, words) => {
    await using example = await builtExample('head-end');
    if (list !== undefined) writeFileSync(join(example.folder, 'meters.json'), list);
    const running = promisify(execFile)(process.execPath, [example.program('head-end')], { cwd: example.folder });
    const { code, stderr } = (await running.catch((error: unknown) => error)) as { code: number; stderr: string };
    expect([code, stderr]).toEqual([1, expect.stringMatching(words)]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
