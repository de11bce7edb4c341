import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { quirkSheets } from '../../bin/quirks.js';
import { knownQuirks } from '../../src/tools.js';
import { ran, simulated } from './ran.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-quirks-'));
afterAll(() => rmSync(folder, { recursive: true }));
const env = { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder };
const mine = { id: 'mine', title: 'mine', source: 'seen', match: { manufacturer: 'CSM' }, effects: { pause: 50 } };
const file = join(folder, 'mine.json');
writeFileSync(file, JSON.stringify([mine]));

describe('sheets of quirks', () => {
  it('come with cosem, from the folder, from a file, by name', () => {
    expect(quirkSheets({ env })).toEqual(knownQuirks);
    expect(quirkSheets({ env }, file)).toEqual([...knownQuirks, mine]);
    expect(quirkSheets({ env }, 'none')).toEqual([]);
    const own = join(folder, 'cosem', 'quirks');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'a.json'), JSON.stringify({ ...mine, id: 'own' }));
    writeFileSync(join(own, 'readme.txt'), 'nothing');
    expect(quirkSheets({ env }).map(({ id }) => id)).toEqual([...knownQuirks.map(({ id }) => id), 'own']);
    // By name it holds for every meter.
    expect(quirkSheets({ env }, 'own').at(-1)).toEqual({ ...mine, id: 'own', match: undefined });
    expect(() => quirkSheets({ env }, 'owm')).toThrow("'owm' is neither a file nor a sheet");
    rmSync(own, { recursive: true });
  });

  it('are listed and checked by a command', async () => {
    const { exit, out } = await ran('quirks', env);
    expect(exit).toBe(0);
    expect(out).toMatch(/deviation-plus-330\n {2}What +Indian meters/);
    const json = await ran(['quirks', file, '--json'], env);
    expect(json.exit).toBe(0);
    expect(json.io.document()).toMatchObject({ command: 'quirks', file, quirks: [mine] });
    const bad = join(folder, 'bad.json');
    writeFileSync(bad, JSON.stringify({ ...mine, effects: { pauze: 5 } }));
    const wrong = await ran(['quirks', bad], env);
    expect(wrong.exit).toBe(2);
    expect(wrong.err).toContain(`${bad}, sheet 'mine': there is no effect 'pauze'`);
    expect((await ran(['quirks', join(folder, 'none.json')], env)).exit).toBe(2);
  });

  it('take effect in a command: the clock of a meter with the wrong sign is right', async () => {
    const config = join(folder, 'meter.json');
    await using _ = await simulated('--write-config', config, '--quirk', 'deviation-plus-330');
    const clock = async (...more: string[]) => {
      const told = await ran(['clock', '--config', config, '--connection', 'utility', '--json', ...more], env);
      expect(told.exit).toBe(0);
      return told.io.document() as { aheadSeconds: number; time: string };
    };
    expect(Math.abs((await clock()).aheadSeconds)).toBeLessThan(3);
    expect(Math.abs((await clock('--quirks', 'none')).aheadSeconds)).toBeGreaterThan(36_000);
    const set = ['clock', 'sync', '--yes', '--config', config, '--connection', 'utility'];
    expect((await ran(set, env)).exit).toBe(0);
    const after = await clock();
    expect(Math.abs(after.aheadSeconds)).toBeLessThan(3);
    // The meter's own notation is kept.
    expect(after.time).toContain('-05:30');
  });
});
