import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ran, type Simulated, simulated } from './ran.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-dry-run-'));
const config = join(folder, 'meter.json');
let meter: Simulated;

beforeAll(async () => {
  meter = await simulated('--write-config', config, '--seed', '7');
});
afterAll(async () => {
  await meter.stop();
  rmSync(folder, { recursive: true });
});

const run = (line: string) => ran(`${line} --config ${config} --connection utility`, { XDG_STATE_HOME: folder });

/** What the commands below would change. */
async function state(): Promise<string> {
  const outs: string[] = [];
  for (const line of ['get 1:1.0.0.8.0.255:2', 'relay status', 'get 1:0.0.96.13.0.255:2', 'get 8:0.0.1.0.0.255:3'])
    outs.push((await run(line)).out);
  return outs.join('\n');
}

describe('--dry-run', () => {
  it.each([
    [
      'set 1:1.0.0.8.0.255:2 900',
      'Would set Demand integration period, value (1:1.0.0.8.0.255:2) from 1800 to long-unsigned 900. Nothing was changed.',
    ],
    ['set 1:1.0.0.8.0.255:2 long-unsigned=900', /^Would set Demand .* from 1800 to long-unsigned 900\. Nothing/],
    ['call 70:0.0.96.3.10.255:1', /^Would call .*remote disconnect.* with integer 0\. Nothing was changed\./],
    ['relay disconnect', /^Would disconnect the supply of this meter\. Nothing was changed\.\nSupply +connected/],
    ['relay connect', /^The supply is already connected\./],
    ['clock sync', /^Would set the meter's clock, which is .*, to this machine's time\. Nothing was changed\./],
  ])('%s says what would be done, and does nothing', async (line, says) => {
    const before = await state();
    const { exit, out, err } = await run(`${line} --dry-run`);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(says);
    // It goes before --yes: whoever says both means to look.
    const { exit: both, io } = await run(`${line} --dry-run --yes --json`);
    expect(both).toBe(0);
    expect(io.document()).toMatchObject({ command: line.split(' ')[0], done: false, dryRun: true });
    expect(await state()).toBe(before);
  });

  it('is not told of what was done', async () => {
    const { io } = await run('set 1:1.0.0.8.0.255:2 1800 --yes --json');
    expect(io.document()).toMatchObject({ done: true });
    expect(io.document()).not.toHaveProperty('dryRun');
  });

  it('tells of a value that cannot be', async () => {
    const { exit, err } = await run('set 1:1.0.0.8.0.255:2 70000 --dry-run');
    expect(exit).toBe(2);
    expect(err).toContain('70000');
  });
});
