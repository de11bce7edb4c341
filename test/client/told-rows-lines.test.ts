/** Rows of a profile are told of once each, though the meter breaks off the reading of a selection in its blocks. */

import { describe, expect, it } from 'vitest';
import { AccessError, TimeoutError } from '../../src/base/errors.js';
import { FieldLine } from '../support/field-line.js';

const RANGE = { from: new Date(Date.UTC(2026, 10, 1)), to: new Date(Date.UTC(2026, 10, 20)) };
const ROWS = 913;

/** Reads while the meter has this fault: from the rows so many of which were told, until others; for good where no end is told. */
async function read(fault: string, spans: readonly (readonly [from: number, to?: number])[], selection = RANGE) {
  const field = new FieldLine();
  const told: string[] = [];
  const codes: string[] = [];
  const outcome = await field.clock.run(
    (async () => {
      const meter = await field.open('reader', { onRemark: ({ code }) => codes.push(code) });
      const profile = meter.profile('1.0.99.1.0.255');
      await profile.columns();
      const textOf = (row: { readonly values: readonly { readonly text: string }[] }) =>
        row.values.map(({ text }) => text).join(' ');
      const { faults } = field.meter;
      const rows = await profile
        .rows(selection, {
          onRow: (row) => {
            told.push(textOf(row));
            if (spans.some(([from]) => from === told.length)) {
              faults.add(fault);
              // It has struck once when this comes: the association is opened in less.
              if (!spans.some(([from, to]) => from === told.length && to === undefined)) {
                field.at(1500, () => faults.remove('all'));
              }
            }
          },
        })
        .catch((error: unknown) => error);
      faults.remove('all');
      await meter.close();
      return Array.isArray(rows) ? rows.map(textOf) : (rows as Error);
    })(),
  );
  return { told, codes, outcome, losses: field.resumptions.map(({ error }) => error) };
}

describe('rows of a selection that the meter breaks off in its blocks', () => {
  it.each([
    ['its association is dropped', 'drop-association', [100]],
    ['its association is dropped again and again', 'drop-association', [100, 300, 500, 800]],
    ['it starts anew', 'reset-in-block=2s', [100, 400, 700]],
    ['it is silent', 'silence=20s', [100, 600]],
  ])('each told once where %s', { timeout: 180_000 }, async (_, fault, at) => {
    const { told, codes, outcome, losses } = await read(
      fault,
      at.map((row) => [row, 0]),
    );
    expect(losses.length).toBe(at.length);
    expect(told).toEqual(outcome);
    expect(told.length).toBe(ROWS);
    expect(new Set(told).size).toBe(ROWS);
    // It does select: nothing else may be said of it.
    expect(codes).toEqual([]);
  });

  it.each([
    ['and does not come back', [[100]] as const, TimeoutError],
    ['more often than is put up with', Array.from({ length: 16 }, (_, i) => [50 + 50 * i, 0] as const), AccessError],
  ])('none told again where it keeps on dropping its association, %s', { timeout: 180_000 }, async (_, spans, kind) => {
    const { told, codes, outcome } = await read('drop-association', spans);
    expect(outcome).toBeInstanceOf(kind);
    expect(told.length).toBeGreaterThanOrEqual(100);
    expect(new Set(told).size).toBe(told.length);
    // Nobody may say then that it does not select.
    expect(codes).toEqual([]);
  });
});
