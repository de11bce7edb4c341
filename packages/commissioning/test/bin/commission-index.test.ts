import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ran } from '../../../../test/bin/ran.js';
import { createVerificationService } from '../../src/platform/verification-server.js';
import { createWorkspace, Workspace } from '../../src/platform/workspace.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-index-command-'));
const PASSPHRASE = 'four words and more';
const INSTALLED = Date.UTC(2026, 0, 5, 6);

beforeAll(() => {
  createWorkspace(folder, { name: 'R. Sharma', passphrase: PASSPHRASE, work: { n: 2 ** 14, r: 1, p: 1 } });
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (line: readonly string[]) => ran(line, { COSEM_FOLDER: folder, COSEM_PASSPHRASE: PASSPHRASE });

function installation(n: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    workOrder: `WO-${n}`,
    consumer: {
      number: `110022${n}`,
      name: `Asha ${n}`,
      address: 'Gandhi Marg',
      mobileLast4: '4321',
      position: { latitude: 25.6, longitude: 85.1 },
    },
    meter: `1000004${n}`,
    feeder: 'F-11',
    transformer: 'T-204',
    pole: 'P-9',
    seals: [`S-${n}`],
    sanctionedLoad: 2000,
    installedAt: INSTALLED,
    startReadings: { time: '2026-01-05', values: [{ register: '1.0.1.8.0.255', value: '1200', unit: 'Wh' }] },
    ...changes,
  };
}

describe('cosem index', { timeout: 180_000 }, () => {
  test('imports all or none, after a dry run; lists, corrects, ends, exports and erases', async () => {
    const file = join(folder, 'in.json');
    const write = (rows: object[]) => writeFileSync(file, JSON.stringify(rows));
    write([installation(1), installation(2, { meter: '10000041' })]);
    const refused = await run(['index', 'import', file]);
    expect(refused.exit).toBe(4);
    expect(refused.out).toContain('row 2 (WO-2): Meter 10000041 already serves another consumer');
    expect(refused.out).toContain('1 of 2 rows can be taken. Nothing was written');
    write([installation(1), installation(2)]);
    expect((await run(['index', 'import', file, '--dry-run'])).out).toContain('as it was a dry run');
    expect((await run(['index', 'list'])).out).toBe('The index is empty.\n');
    expect(await run(['index', 'import', file])).toMatchObject({ exit: 0, out: '2 rows taken into the index.\n' });

    const corrected = await run([
      'index',
      'correct',
      '1',
      '--set',
      'pole=P-11',
      '--set',
      'position=25.7,85.2',
      '--reason',
      'misread at the site',
    ]);
    expect(corrected).toMatchObject({ exit: 0, out: 'Row 3 corrects row 1.\n' });
    expect((await run(['index', 'correct', '1', '--set', 'pole=P-1', '--reason', 'again'])).err).toContain(
      'a later one corrects it',
    );
    expect((await run(['index', 'correct', '3', '--set', 'poel=P-1', '--reason', 'again'])).err).toContain('pole');
    const shown = await run(['index', 'show', '10000041']);
    expect(shown.out).toContain('row 1: misread at the site');
    expect(shown.out).toContain('25.7, 85.2');
    expect(shown.out).toContain('05-01-2026 11:30');
    expect(shown.out).toContain('1.200 kWh');

    expect((await run(['index', 'end', '2', '--reading', '12,5', '--reason', 'moved out'])).exit).toBe(2);
    expect((await run(['index', 'end', '2', '--reading', '0.5', '--reason', 'moved out'])).exit).toBe(4);
    expect(await run(['index', 'end', '2', '--reading', '12.5', '--reason', 'moved out'])).toMatchObject({ exit: 0 });
    expect((await run(['index', 'list'])).out).not.toContain('10000042');
    expect((await run(['index', 'list', '--all'])).out).toContain('10000042');

    const csv = join(folder, 'out.csv');
    expect((await run(['index', 'export', '--output', csv, '--all'])).out).toBe(`2 rows written to ${csv}.\n`);
    expect(statSync(csv).mode & 0o777).toBe(0o600);
    expect(readFileSync(csv, 'utf8')).not.toContain('Asha');
    const map = JSON.parse((await run(['index', 'export', '--format', 'geojson'])).out) as { features: object[] };
    expect(map.features).toMatchObject([{ geometry: { type: 'Point', coordinates: [85.2, 25.7] } }]);
    expect(JSON.parse((await run(['index', 'export', '--format', 'json', '--personal'])).out)).toMatchObject([
      { consumer: { name: 'Asha 1' } },
    ]);

    const unasked = await run(['index', 'erase', '1100221']);
    expect(unasked.err).toContain('add --yes');
    expect(unasked.err).toContain('this changes the consumer index');
    expect(unasked.err).not.toContain('the meter');
    expect((await run(['index', 'erase', '1100221', '--yes'])).out).toContain('erased');
    expect((await run(['index', 'list', '--personal'])).out).toContain('(erased)');
    expect((await run(['index', 'erase', '9', '--yes'])).exit).toBe(2);
  });
});

describe('cosem sync', { timeout: 180_000 }, () => {
  test('says who is missing, what waits, and what the utility will never take', async () => {
    expect((await run(['sync'])).err).toContain('nobody is named who takes the records');
    {
      using workspace = await Workspace.open(folder, { passphrase: PASSPHRASE });
      workspace.outbox.add('0'.repeat(64), { no: 'record' });
    }
    const gone = await run(['sync', '--url', 'http://127.0.0.1:1']);
    expect(gone.exit).toBe(3);
    expect(gone.out).toContain('Records sent: 0, waiting: 1.');
    expect(gone.out).toContain('or at once with --now');
    const service = await createVerificationService({ send: () => {} });
    const early = await run(['sync', '--url', service.url]);
    expect(early.exit).toBe(3);
    const refused = await run(['sync', '--url', service.url, '--now']);
    await service.close();
    expect(refused.exit).toBe(4);
    expect(refused.out).toContain('somebody must look into it');
  });
});
