import { afterAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { Reader, Writer } from '../../src/base/cursor.js';
import { DecodeError } from '../../src/base/errors.js';
import { decodeData, encodeData, readData } from '../../src/codec/axdr.js';
import { readCompactData } from '../../src/codec/compact.js';
import { CosemDate, CosemDateTime, CosemTime, DEVIATION_UNSPECIFIED, UNSPECIFIED } from '../../src/codec/datetime.js';
import { decodeColumns } from '../../src/codec/profile.js';
import { dataFromVector, dataToVector, haveVectors, type Json, loadVectors, type Vector } from '../support/vectors.js';

/** What each operation makes of its octets, in the vectors' convention, and how the value goes back to octets. */
interface Operation {
  decode(bytes: Uint8Array, vector: Vector): Json;
  encode?(expected: Json, bytes: Uint8Array): Uint8Array;
}

const operations: Readonly<Record<string, Operation>> = {
  decode: {
    decode: (bytes) => dataToVector(decodeData(bytes)),
    encode: (expected) => encodeData(dataFromVector(expected)),
  },
  'decode-length': {
    decode: (bytes) => ({ length: new Reader(bytes).length() }),
    encode: (expected) => new Writer().length((expected as { length: number }).length).finish(),
  },
  'decode-date-time': {
    decode: (bytes, { kind }) => {
      const value = CosemDateTime.fromBytes(bytes, kind !== 'positive');
      return { ...dateToVector(value), ...timeToVector(value), ...zoneToVector(value) };
    },
    encode: (_, bytes) => CosemDateTime.fromBytes(bytes).toBytes(),
  },
  'decode-date': {
    decode: (bytes) => dateToVector(CosemDate.fromBytes(bytes, true)),
    encode: (_, bytes) => CosemDate.fromBytes(bytes).toBytes(),
  },
  'decode-time': {
    decode: (bytes) => timeToVector(CosemTime.fromBytes(bytes, true)),
    encode: (_, bytes) => CosemTime.fromBytes(bytes).toBytes(),
  },
  'decode-compact-data': {
    decode: (bytes, { context }) =>
      dataToVector(readCompactData(fromHex(context?.['template-description'] as string), bytes)),
  },
  'interpret-profile-buffer': { decode: profileRows },
  'decode-get-data-result-list': { decode: resultList, encode: resultListOctets },
};

describe.skipIf(!haveVectors)('A-XDR vectors', () => {
  const vectors = loadVectors('axdr');
  let passed = 0;
  afterAll(() => console.log(`axdr vectors: ${passed} of ${vectors.length} passed`));

  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => {
    const operation = operations[vector.operation] as Operation;
    const bytes = fromHex(vector.hex as string);
    if (vector.error) {
      const error = thrownBy(() => operation.decode(bytes, vector));
      expect(error).toBeInstanceOf(DecodeError);
      expect((error as DecodeError).reason).toBe(vector.error.category);
    } else {
      expect(operation.decode(bytes, vector)).toEqual(vector.expected);
      if (vector.roundtrip) {
        expect(toHex((operation.encode as NonNullable<Operation['encode']>)(vector.expected as Json, bytes))).toBe(
          vector.hex,
        );
      }
    }
    passed++;
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

function given(value: number, unspecified: number = UNSPECIFIED): number | null {
  return value === unspecified ? null : value;
}

function dateToVector(date: CosemDate | CosemDateTime): Record<string, Json> {
  const months: Record<number, string> = { 253: 'daylight-savings-end', 254: 'daylight-savings-begin' };
  const days: Record<number, string> = { 253: 'second-last-day', 254: 'last-day' };
  return {
    year: given(date.year, 0xffff),
    month: months[date.month] ?? given(date.month),
    'day-of-month': days[date.dayOfMonth] ?? given(date.dayOfMonth),
    'day-of-week': given(date.dayOfWeek),
  };
}

function timeToVector(time: CosemTime | CosemDateTime): Record<string, Json> {
  return {
    hour: given(time.hour),
    minute: given(time.minute),
    second: given(time.second),
    hundredths: given(time.hundredths),
  };
}

function zoneToVector(value: CosemDateTime): Record<string, Json> {
  const status = new Set(value.statusNames());
  return {
    deviation: given(value.deviation, DEVIATION_UNSPECIFIED),
    'clock-status':
      value.status === UNSPECIFIED
        ? null
        : {
            raw: toHex(Uint8Array.of(value.status)),
            'invalid-value': status.has('invalidValue'),
            'doubtful-value': status.has('doubtfulValue'),
            'different-clock-base': status.has('differentClockBase'),
            'invalid-clock-status': status.has('invalidClockStatus'),
            'daylight-saving-active': status.has('daylightSavingActive'),
          },
    utc: value.toDate()?.toISOString().replace('.000Z', 'Z') ?? null,
  };
}

function profileRows(bytes: Uint8Array, { context }: Vector): Json {
  const { rows, columns } = decodeColumns(bytes, ['clock', 'number', 'number', 'number'], {
    capturePeriod: context?.['capture-period-s'] as number,
  });
  const [times, status, imported, exported] = columns;
  return {
    rows: Array.from({ length: rows }, (_, row) => ({
      utc: new Date(times.millis[row] as number).toISOString().replace('.000Z', 'Z'),
      status: status[row] as number,
      '1-0:1.8.0.255': imported[row] as number,
      '1-0:2.8.0.255': exported[row] as number,
    })),
  };
}

function resultList(bytes: Uint8Array): Json {
  const r = new Reader(bytes);
  const results: Json[] = [];
  for (let count = r.length(); count > 0; count--) {
    expect(r.u8()).toBe(0);
    results.push({ data: dataToVector(readData(r)) });
  }
  r.done();
  return results;
}

function resultListOctets(expected: Json): Uint8Array {
  const results = expected as { data: Json }[];
  const w = new Writer().length(results.length);
  for (const { data } of results) w.u8(0).bytes(encodeData(dataFromVector(data)));
  return w.finish();
}
