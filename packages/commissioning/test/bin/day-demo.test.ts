import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { latinIn } from '../../../../test/bin/latin-words.js';
import { ran } from '../../../../test/bin/ran.js';
import { hasSocat } from '../../../../test/support/pty.js';
import { HOUSES } from '../../bin/day-demo-script.js';
import { say } from '../../src/messages.js';
import { listDayOrders } from '../../src/platform/day-book.js';
import { readTrustedSigners } from '../../src/platform/workspace.js';
import { verifyRecord } from '../../src/record/record.js';

const root = mkdtempSync(join(tmpdir(), 'cosem-day-demo-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('cosem day demo', { timeout: 300_000 }, () => {
  test('a day of ten orders ends with all done but the locked house; what went wrong is in no record as anything else', async () => {
    const folder = join(root, 'day');
    const { exit, out, err } = await ran('day demo --language hi', { DEMO_DIR: folder });
    expect(exit, err).toBe(0);
    expect(out).toContain(say('hi', 'day-demo-checked', { valid: 11, count: 11 }));
    expect(out).toContain(say('hi', 'demo-taken', { count: 11 }));
    expect(out.match(/DAY-\d\d [\d.]+ सेकंड/g)).toHaveLength(9);
    if (hasSocat) expect(out).toMatch(/reader/);
    // Names are those of people; all else is said in Hindi, by the meter's line too, and nothing odd is told twice.
    const names = new Set(HOUSES.flatMap(({ name }) => name.split(' ')));
    expect(latinIn(out + err).filter((word) => !names.has(word))).toEqual([]);
    expect(out + err).not.toMatch(/(टिप्पणी.*)\n\1/);

    const orders = listDayOrders(folder);
    expect(orders.map(({ status }) => status)).toEqual([...Array(9).fill('done'), 'postponed', 'done', 'done']);
    const trusted = readTrustedSigners(join(folder, 'trusted-signers.json'));
    const certificate = (id: string) => JSON.parse(readFileSync(join(folder, 'certificates', `${id}.json`), 'utf8'));
    for (let n = 1; n <= 9; n++) expect(verifyRecord(certificate(`DAY-0${n}`), trusted).verdict).toBe('valid');

    // What was surveyed before is asked nobody again; the dark house is closed, read back and signed.
    for (const n of ['06', '07']) {
      expect(verifyRecord(certificate(`SUR-${n}`), trusted).verdict).toBe('valid');
      expect(JSON.stringify(certificate(`DAY-${n}`).signed.record)).toContain(`SUR-${n}`);
    }
    expect(certificate('DAY-08').signed.record.format).toBe('cosem-reconnection-record-1');
    expect(existsSync(join(folder, 'certificates', 'DAY-08.pdf'))).toBe(true);

    // The wrong OTP was refused, the wrong meter is in no record, and the pulled probe is told as it was.
    const journal = (id: string) => readFileSync(join(folder, 'state', `journal-${id}.log`), 'utf8');
    expect(journal('DAY-03')).toContain('"otp-wrong"');
    expect(journal('DAY-04')).toContain('"wrong-meter"');
    expect(JSON.stringify(certificate('DAY-04'))).not.toContain('10009999');
    const { relay } = certificate('DAY-05').signed.record;
    expect(relay.resumed).toBe(true);
    const [off] = relay.off;
    expect([off.opened.by, off.closed.by]).toEqual(['meter', 'meter']);
    // The supply was off while the probe was: by the meter's own log more than the second of an undisturbed test.
    expect(Date.parse(isoOf(off.closed.time)) - Date.parse(isoOf(off.opened.time))).toBeGreaterThan(2000);
    expect(certificate('DAY-01').signed.record.relay.resumed).not.toBe(true);

    const [day] = orders.flatMap((order) => ('last' in order && order.last !== undefined ? [order.last] : []));
    const name = new Date(day! + 330 * 60_000).toISOString().slice(0, 10);
    for (const file of [`day-report-${name}.pdf`, `day-report-${name}.csv`, `day-${name}.zip`]) {
      expect(existsSync(join(folder, file)), file).toBe(true);
    }
    expect(await ran(`day demo ${folder}`)).toMatchObject({ exit: 2 });
  });
});

/** `2026-12-01 17:49:07 +05:30` as meters write it. */
function isoOf(time: string): string {
  return time.replace(' ', 'T').replace(' ', '');
}
