import { describe, expect, it } from 'vitest';
import { is15959 } from '../../src/companion/is15959/is15959.js';
import { CosemDateTime, type Data, ProfileRow, Reading, StateError } from '../../src/index.js';
import {
  eventOf,
  inWordsOf,
  type LineStore,
  RowLog,
  type RowLogHeader,
  scalerUnitIn,
  selectionBehind,
} from '../../src/tools.js';

const HEADER: RowLogHeader = { profile: '1.0.99.1.0.255', meter: '4142', columns: ['8:0.0.1.0.0.255:2'] };

/** Lines in memory. */
class Lines implements LineStore {
  readonly name = 'rows.jsonl';
  lines: string[] = [];

  append(line: string): void {
    this.lines.push(line);
  }
}

function reading(data: Data, parts: Partial<ConstructorParameters<typeof Reading>[0]> = {}): Reading {
  return new Reading({ classId: 3, logicalName: '1.0.1.8.0.255', attributeId: 2, name: 'energy', data, ...parts });
}

const rowOf = (value: number, time?: CosemDateTime) =>
  new ProfileRow(time, [reading({ type: 'double-long-unsigned', value })]);
const at = (hour: number) =>
  new CosemDateTime({ year: 2026, month: 11, dayOfMonth: 23, hour, minute: 0, second: 0, hundredths: 0 });

describe('a log of rows', () => {
  it('gives back what was added, and adds what came before only once', () => {
    const lines = new Lines();
    const first = new RowLog(lines, HEADER);
    expect([first.add(rowOf(1)), first.add(rowOf(1)), first.add(rowOf(2))]).toEqual([true, true, true]);
    const again = new RowLog(
      { name: lines.name, lines: [...lines.lines], append: (line) => lines.append(line) },
      HEADER,
    );
    expect(again.rows.map(([value]) => value?.value)).toEqual([1, 1, 2]);
    // Two rows of 1 were there; a third one is new.
    expect([1, 1, 2, 1].map((value) => again.add(rowOf(value)))).toEqual([false, false, false, true]);
    expect(lines.lines).toHaveLength(5);
  });

  it.each<[string, Partial<RowLogHeader>]>([
    ['profile', { profile: '1.0.99.2.0.255' }],
    ['meter', { meter: null }],
    ['columns', { columns: [] }],
  ])('of another %s is refused, and nothing is added', (what, other) => {
    const lines = new Lines();
    new RowLog(lines, { ...HEADER, ...other });
    const before = [...lines.lines];
    expect(() => new RowLog(lines, HEADER)).toThrow(`rows.jsonl is not a file of rows of this ${what}`);
    expect(lines.lines).toEqual(before);
  });

  it.each(['null', '7', 'a shopping list', '[]'])('is told from a file that begins with %s', (line) => {
    const lines = new Lines();
    lines.append(line);
    expect(() => new RowLog(lines, HEADER)).toThrow(StateError);
  });

  it('with a row that cannot be read is refused', () => {
    const lines = new Lines();
    new RowLog(lines, HEADER);
    lines.append('[{"colour": 7}]');
    expect(() => new RowLog(lines, HEADER)).toThrow('holds a row that cannot be read');
  });
});

describe('what is left behind rows that are here', () => {
  const to = new Date(Date.UTC(2026, 10, 24));

  it('begins at the last of them where their times rise', () => {
    expect(selectionBehind([], { last: 3 })).toEqual({ last: 3 });
    expect(selectionBehind([rowOf(1, at(1)), rowOf(2, at(2))], { from: to, to })).toEqual({ from: at(2), to });
    expect(selectionBehind([rowOf(1, at(1)), rowOf(2, at(2))], { last: 3 })).toEqual({ from: at(2) });
  });

  it('is all where the newest come first', () => {
    expect(selectionBehind([rowOf(2, at(2)), rowOf(1, at(1))], { to })).toEqual({ to });
  });

  it('cannot be told without times', () => {
    expect(() => selectionBehind([rowOf(1)], {})).toThrow('bear no time');
  });
});

describe('what a captured value means', () => {
  it('an event of a log, by its code', () => {
    const code = (value: number, parts = {}) =>
      reading({ type: 'long-unsigned', value }, { classId: 1, logicalName: '0.0.96.11.0.255', ...parts });
    const known = is15959.event(1) ?? { code: 0 };
    expect(known.code).toBe(1);
    expect(eventOf(is15959, [], code(known.code))).toMatchObject({ code: known.code });
    expect(eventOf(is15959, [], code(known.code, { classId: 3 }))).toBeUndefined();
    expect(eventOf(is15959, [], code(known.code, { logicalName: '0.0.96.12.0.255' }))).toBeUndefined();
    expect(
      eventOf(is15959, [], reading({ type: 'null-data', value: null }, { classId: 1, logicalName: '0.0.96.11.0.255' })),
    ).toBeUndefined();
  });

  it('scaler and unit, in a row of a scaler profile', () => {
    const data: Data = {
      type: 'structure',
      value: [
        { type: 'integer', value: -2 },
        { type: 'enum', value: 30 },
      ],
    };
    expect(scalerUnitIn(reading(data, { attributeId: 3 }))).toEqual({ scaler: -2, unit: 'Wh' });
    expect(scalerUnitIn(reading(data))).toBeUndefined();
    expect(scalerUnitIn(reading({ type: 'structure', value: [] }, { attributeId: 3 }))).toBeUndefined();
  });

  it('money of a prepaid meter, as `readings` has it', () => {
    const spec = is15959.readings
      .flatMap(({ readings }) => readings)
      .find(({ presentation }) => typeof presentation === 'object' && 'currency' in presentation);
    const { classId, logicalName, attributeId } = spec?.attribute ?? { classId: 0, logicalName: '', attributeId: 0 };
    const plain = reading({ type: 'double-long', value: 12_345 }, { classId, logicalName, attributeId });
    expect(plain.currency).toBeUndefined();
    expect(inWordsOf(is15959, plain).currency).toBe('INR');
    expect(inWordsOf(is15959, reading({ type: 'double-long', value: 1 })).currency).toBeUndefined();
  });
});
