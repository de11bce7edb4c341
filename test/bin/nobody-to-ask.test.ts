import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ran } from './ran.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-nobody-'));
const config = join(folder, 'meters.json');
const image = join(folder, 'image.bin');
writeFileSync(
  config,
  JSON.stringify({ connections: { far: { serial: '/dev/not-here', auth: 'lls', password: 'old' } } }),
);
writeFileSync(image, new Uint8Array(100));
afterAll(() => rmSync(folder, { recursive: true }));

/** An order of each command that changes a meter, as far as nobody has to be asked for it. */
const ORDERS: Readonly<Record<string, readonly string[]>> = {
  'set.ts': ['set 1:0.0.96.13.0.255:2 visible-string=news', 'set 1:0.0.96.13.0.255:2 news'],
  'call.ts': ['call 70:0.0.96.3.10.255:1'],
  'relay.ts': ['relay connect', 'relay disconnect'],
  'clock.ts': ['clock sync'],
  'firmware.ts': [`firmware ${image} --id X`],
  'keys.ts': ['keys change --new-password random'],
};

const run = (line: string) => ran(`${line} --config ${config} --connection far`, { XDG_STATE_HOME: folder });

test.each(Object.values(ORDERS).flat())('%s without --yes is refused before the meter is opened', async (line) => {
  const { exit, err } = await run(line);
  expect(err).toContain('this changes the meter, and nobody is here to be asked');
  expect(err).toContain('add --yes');
  expect(exit).toBe(2);
  // Said beforehand, or only looked at, the meter is opened: it is not there.
  for (const flag of ['--yes', '--dry-run']) expect(await run(`${line} ${flag}`)).toMatchObject({ exit: 3 });
});

test('what only looks asks nobody', async () => {
  for (const line of ['clock', 'clock show', 'relay', 'relay status', 'get 8:0.0.1.0.0.255:2'])
    expect(await run(line)).toMatchObject({ exit: 3 });
});

test('every command that takes --yes stands here', () => {
  const commands = resolve(import.meta.dirname, '../../bin/commands');
  const taking = readdirSync(commands).filter((file) =>
    readFileSync(join(commands, file), 'utf8').includes('addChangeOptions('),
  );
  expect(Object.keys(ORDERS).sort()).toEqual(taking.sort());
});
