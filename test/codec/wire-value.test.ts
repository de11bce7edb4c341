import { describe, expect, it } from 'vitest';
import { StateError } from '../../src/base/errors.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { dataFromJson, dataToJson } from '../../src/codec/json.js';
import {
  arrayOf,
  compactArrayValue,
  f64,
  i64,
  octets,
  structureOf,
  u16,
  u32,
  u64,
  visible,
} from '../../src/codec/make.js';
import { ServedMeter } from '../support/served-meter.js';

/** What a program would write that takes a tagged value for a number. */
const asNumber = (data: unknown) => data as number;

describe('a Data that is taken for a number or a text', () => {
  const made: readonly Data[] = [
    u32(123456),
    u64(5n),
    f64(1.5),
    visible('12'),
    structureOf([u16(1)]),
    arrayOf([u16(1)]),
    compactArrayValue({ type: 'long-unsigned' }, [u16(1)]),
  ];
  it.each([...made, ...made.map((data) => decodeData(encodeData(data)))])('%j throws and names the way', (data) => {
    for (const lie of [
      () => Number(data),
      () => asNumber(data) > 5,
      () => asNumber(data) + 1,
      () => `${data as unknown as string}`,
    ]) {
      expect(lie).toThrow(StateError);
      expect(lie).toThrow(
        expect.objectContaining({ hint: expect.stringMatching(/meter\.reading\(\).*Decimal\.of\(data, scaler\)/) }),
      );
    }
  });

  it('each element of what a meter sent too', () => {
    const sent = decodeData(
      encodeData(structureOf([u32(1), u16(2), octets(new Uint8Array(3)), i64(4n), arrayOf([u16(5)])])),
    );
    const elements = sent.value as readonly Data[];
    expect(elements).toHaveLength(5);
    for (const element of elements) expect(() => Number(element)).toThrow(StateError);
  });

  it('the value of a register, as meter.get gives it: it was NaN', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open({ framing: 'wrapper' }));
    const data = await served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value));
    expect(() => Number(data)).toThrow('a Data of type double-long-unsigned becomes no number and no text by itself');
    expect(data).toEqual({ type: 'double-long-unsigned', value: 123456 });
    await served.clock.run(meter.close());
  });
});

describe('a Data in JSON.stringify', () => {
  it('is what dataFromJson reads, 64 bits and octets included', () => {
    const data = structureOf([
      u64(18446744073709551615n),
      octets(Uint8Array.of(1, 0xff)),
      f64(Number.NaN),
      arrayOf([u16(5)]),
      compactArrayValue({ type: 'long64' }, [i64(-1n)]),
      // One that was made by hand, without a maker.
      { type: 'long64', value: 7n },
    ]);
    for (const one of [data, decodeData(encodeData(data))]) {
      const json = JSON.parse(JSON.stringify(one));
      expect(dataFromJson(json)).toEqual(data);
      const whole = dataToJson(one) as { readonly structure: readonly object[] };
      expect(json.structure.slice(0, 4)).toEqual(whole.structure.slice(0, 4));
    }
  });
});
