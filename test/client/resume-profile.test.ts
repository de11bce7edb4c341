import { describe, expect, it } from 'vitest';
import type { ProfileRow } from '../../src/client/profile-row.js';
import type { ProfileProgress } from '../../src/client/row-collector.js';
import { FieldLine } from '../support/field-line.js';

describe('a profile whose line breaks', () => {
  it.each([
    ['all', {}, true],
    ['the last rows', { last: 600 }, true],
    ['a range of time', { from: new Date(Date.UTC(2026, 10, 1)), to: new Date(Date.UTC(2026, 10, 20)) }, true],
    ['rows by number', { fromEntry: 100, toEntry: 700 }, true],
    ['all, and nobody follows them', {}, false],
    ['the last rows, and nobody follows them', { last: 600 }, false],
  ])('goes on behind the last whole row: %s', { timeout: 180_000 }, async (_, selection, followed) => {
    const texts = (rows: readonly { readonly values: readonly { readonly text: string }[] }[]) =>
      rows.map(({ values }) => values.map(({ text }) => text).join(' '));
    const read = async (breaks: boolean) => {
      const field = new FieldLine();
      const told: string[] = [];
      let [sent, progress] = [0, 0];
      const rows = await field.clock.run(
        (async () => {
          const meter = await field.open('reader', {
            trace: (event) => {
              if (event.type === 'octets' && event.direction === 'received') sent += event.bytes.length;
            },
          });
          const profile = meter.profile('1.0.99.1.0.255');
          await profile.columns();
          const begun = sent;
          const following = {
            onRow: (row: ProfileRow) => told.push(...texts([row])),
            onProgress: ({ rows: whole, ofRows }: ProfileProgress) => {
              progress = Math.max(progress, whole);
              expect(ofRows).toBeGreaterThanOrEqual(whole);
            },
          };
          const reading = profile.rows(selection, followed ? following : {});
          if (breaks) {
            field.at(8000, () => field.line.unplug('a'));
            field.at(9500, () => field.line.plug('a'));
            field.at(20_000, () => field.meter.faults.add('silence=15s'));
          }
          const found = await reading;
          sent -= begun;
          await meter.close();
          return found;
        })(),
      );
      expect(field.resumptions.length).toBe(breaks ? 2 : 0);
      expect(told).toEqual(followed ? texts(rows) : []);
      expect(progress).toBe(followed ? rows.length : 0);
      return { rows: texts(rows), sent };
    };
    const [whole, broken] = [await read(false), await read(true)];
    expect(broken.rows).toEqual(whole.rows);
    expect(whole.rows.length).toBeGreaterThan(500);
    // Two associations and a few blocks more, not the rows before the break again.
    expect(broken.sent - whole.sent).toBeLessThan(7000);
  });
});
