import { describe, expect, it } from 'vitest';
import { FieldLine } from '../support/field-line.js';

describe('a profile whose line breaks', () => {
  it.each([
    ['all', {}],
    ['the last rows', { last: 600 }],
    ['a range of time', { from: new Date(Date.UTC(2026, 10, 1)), to: new Date(Date.UTC(2026, 10, 20)) }],
    ['rows by number', { fromEntry: 100, toEntry: 700 }],
  ])('goes on behind the last whole row: %s', { timeout: 180_000 }, async (_, selection) => {
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
          const reading = profile.rows(selection, {
            onRow: (row) => told.push(...texts([row])),
            onProgress: ({ rows: whole, ofRows }) => {
              progress = Math.max(progress, whole);
              expect(ofRows).toBeGreaterThanOrEqual(whole);
            },
          });
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
      expect(told).toEqual(texts(rows));
      expect(progress).toBe(rows.length);
      return { rows: texts(rows), sent };
    };
    const [whole, broken] = [await read(false), await read(true)];
    expect(broken.rows).toEqual(whole.rows);
    expect(whole.rows.length).toBeGreaterThan(500);
    // Two associations and a few blocks more, not the rows before the break again.
    expect(broken.sent - whole.sent).toBeLessThan(7000);
  });
});
