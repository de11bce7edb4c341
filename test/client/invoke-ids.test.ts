import { describe, expect, test } from 'vitest';
import type { Remark } from '../../src/base/remark.js';
import { type OpenOptions, open } from '../../src/index.js';
import { decodeWpdu, encodeWpdu } from '../../src/link/wrapper-link.js';
import { type Alter, altered } from '../support/altered.js';
import { ServedMeter } from '../support/served-meter.js';

/** Changes the invoke id of every response: the third octet of the APDU. */
const withId =
  (id: (asked: number, count: number) => number): Alter =>
  (chunk, count) => {
    const wpdu = decodeWpdu(chunk);
    const [tag = 0, , octet = 0] = wpdu.apdu;
    if (tag < 0xc4 || tag > 0xc7) return [chunk];
    const apdu = wpdu.apdu.slice();
    apdu[2] = (octet & 0xf0) | (id(octet & 0x0f, count) & 0x0f);
    return [encodeWpdu({ ...wpdu, apdu })];
  };

async function reading(alter: Alter, options: OpenOptions = {}) {
  const served = new ServedMeter();
  const remarks: Remark[] = [];
  const meter = await served.clock.run(
    open(altered(served.line('wrapper'), alter), {
      framing: 'wrapper',
      clock: served.clock,
      patience: 0,
      onRemark: (remark) => remarks.push(remark),
      ...options,
    }),
  );
  return { served, meter, remarks };
}

describe('answers under another invoke id', () => {
  test.each([
    ['always 0', () => 0],
    ['always 15', () => 15],
    ['one too high', (asked: number) => asked + 1],
    ['one too low', (asked: number) => asked - 1],
  ])('%s: taken where nothing else is outstanding, with one remark', async (_, id) => {
    const { served, meter, remarks } = await reading(withId(id));
    const energy = meter.register('1.0.1.8.0.255');
    const voltage = meter.register('1.0.12.7.0.255');
    for (let i = 0; i < 3; i++) {
      expect(await served.clock.run(meter.get(energy.value))).toMatchObject({ value: 123456 });
      expect(await served.clock.run(meter.get(voltage.value))).toMatchObject({ value: 2301 });
    }
    expect(remarks).toMatchObject([{ code: 'invoke-id', weight: 'detail' }]);
    await served.clock.run(meter.close());
  });

  test('a stale one before the right one is passed over', async () => {
    let stale: Uint8Array | undefined;
    const { served, meter, remarks } = await reading((chunk) => {
      const before = stale;
      stale = chunk;
      // The answer to the request before comes again, before the right one.
      return before !== undefined && decodeWpdu(before).apdu[0] === 0xc4 ? [before, chunk] : [chunk];
    });
    expect(await served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value))).toMatchObject({ value: 123456 });
    expect(await served.clock.run(meter.get(meter.register('1.0.12.7.0.255').value))).toMatchObject({ value: 2301 });
    expect(remarks).toEqual([]);
  });

  test('strict refuses it', async () => {
    const { served, meter } = await reading(
      withId((asked) => asked + 1),
      { strict: true },
    );
    await expect(served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value))).rejects.toThrow(
      /a get-response-normal to request \d+, asked was request \d+/,
    );
  });

  test('over datagrams it is never taken: an answer may come twice there', async () => {
    const { served, meter } = await reading(
      withId((asked) => asked + 1),
      { framing: 'wrapper-udp' },
    );
    await expect(served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value))).rejects.toThrow(
      /a get-response-normal to request/,
    );
  });

  test('an answer of another service is never taken', async () => {
    const { served, meter } = await reading((chunk) => {
      const wpdu = decodeWpdu(chunk);
      if (wpdu.apdu[0] !== 0xc4) return [chunk];
      // SET response, success, under another id.
      const id = ((wpdu.apdu[2] ?? 0) & 0xf0) | (((wpdu.apdu[2] ?? 0) + 1) & 0x0f);
      return [encodeWpdu({ ...wpdu, apdu: Uint8Array.of(0xc5, 1, id, 0) })];
    });
    await expect(served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value))).rejects.toThrow(
      /a set-response-normal to request/,
    );
  });
});
