import { describe, expect, test } from 'vitest';
import { concat, fromHex, fromLatin1 } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { type CosemError, LinkError, TimeoutError } from '../../src/base/errors.js';
import type { Remark } from '../../src/base/remark.js';
import { type OpenOptions, open } from '../../src/index.js';
import { decodeFrame, encodeFrame } from '../../src/link/hdlc-frame.js';
import { encodeWpdu } from '../../src/link/wrapper-link.js';
import { memoryPair } from '../../src/transport/memory.js';
import { type Alter, altered } from '../support/altered.js';
import { ServedMeter } from '../support/served-meter.js';

/** Every frame of the meter with other information in it. */
const withInformation =
  (change: (information: Uint8Array) => Uint8Array): Alter =>
  (chunk) => {
    const frame = decodeFrame(chunk);
    return frame.control.type === 'I' ? [encodeFrame({ ...frame, information: change(frame.information) })] : [chunk];
  };

function through(alter: Alter, options: OpenOptions = {}) {
  const served = new ServedMeter();
  const framing = options.framing === 'wrapper' ? 'wrapper' : 'hdlc';
  const remarks: Remark[] = [];
  const opening = open(altered(served.line(framing), alter), {
    clock: served.clock,
    patience: 0,
    onRemark: (remark) => remarks.push(remark),
    ...options,
  });
  return { served, remarks, opening };
}

const energy = async ({ served, opening }: ReturnType<typeof through>) => {
  const meter = await served.clock.run(opening);
  try {
    return await served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value));
  } finally {
    await served.clock.run(meter.close());
  }
};

const failure = async ({ served, opening }: ReturnType<typeof through>): Promise<CosemError> => {
  const reading = opening.then((meter) => meter.get(meter.register('1.0.1.8.0.255').value));
  return served.clock.run(
    reading.then(
      () => expect.unreachable(),
      (error) => error,
    ),
  );
};

const ENERGY = { type: 'double-long-unsigned', value: 123456 };

describe('what can be read is read', () => {
  test.each([
    ['twice', (information: Uint8Array) => concat(information.subarray(0, 3), information)],
    ['not at all', (information: Uint8Array) => information.slice(3)],
  ])('the LLC header comes %s', async (_, change) => {
    const t = through(withInformation(change));
    expect(await energy(t)).toEqual(ENERGY);
    expect(t.remarks.map(({ code, weight }) => [code, weight])).toEqual([['llc-header', 'detail']]);
  });

  test('case 3: it comes twice before the AARE alone', async () => {
    let first = true;
    const t = through(
      withInformation((information) => {
        const doubled = first ? concat(information.subarray(0, 3), information) : information;
        first = false;
        return doubled;
      }),
    );
    expect(await energy(t)).toEqual(ENERGY);
  });

  test.each(['E6E700', 'E6E700E6E700', 'E6E600'])('an LLC header inside the wrapper: %s', async (header) => {
    const t = through(
      (chunk) => {
        const apdu = concat(fromHex(header), chunk.subarray(8));
        return [concat(chunk.subarray(0, 6), Uint8Array.of(apdu.length >> 8, apdu.length & 0xff), apdu)];
      },
      { framing: 'wrapper' },
    );
    expect(await energy(t)).toEqual(ENERGY);
    expect(t.remarks.map(({ code, weight }) => [code, weight])).toEqual([['llc-header', 'detail']]);
  });

  test('case 29: a modem writes before and between', async () => {
    const t = through(
      (chunk, count) => (count === 0 ? [fromLatin1('\r\nLOGIN OK\r\n'), chunk] : [concat(fromHex('00'), chunk)]),
      { framing: 'wrapper' },
    );
    expect(await energy(t)).toEqual(ENERGY);
    expect(t.remarks).toMatchObject([{ code: 'outside-wrapper', weight: 'note' }]);
    expect(t.remarks[0]?.text).toContain('"\\r\\nLOGIN OK\\r\\n"');
  });
});

describe('what cannot be read is no silence', () => {
  test('frames for another client', async () => {
    const error = await failure(
      through((chunk) => {
        const frame = decodeFrame(chunk);
        return [encodeFrame({ ...frame, destination: { ...frame.destination, upper: 17 } })];
      }),
    );
    expect(error).toBeInstanceOf(LinkError);
    expect(error.message).toMatch(
      /octets came: UA frame: it is from server 1 for client 17; server 1 was asked by client 16$/,
    );
    expect((error as LinkError).came?.octets).toBeGreaterThan(30);
  });

  test('a check sequence that never holds', async () => {
    const error = await failure(through((chunk) => [chunk.with(chunk.length - 2, (chunk.at(-2) ?? 0) ^ 1)]));
    expect(error.message).toMatch(/octets came: .*check sequence|FCS/);
  });

  test('segments whose last one never comes', async () => {
    const error = await failure(
      through((chunk) => {
        const frame = decodeFrame(chunk);
        if (frame.control.type !== 'I' || frame.control.ns === 0) return [chunk];
        return frame.control.ns > 1 ? [] : [encodeFrame({ ...frame, segmented: true })];
      }),
    );
    expect(error.message).toMatch(
      /a message in several frames began to come \(\d+ octets\) and its last frame is missing/,
    );
  });

  test('half a wrapper message', async () => {
    const t = through((chunk, count) => (count === 0 ? [chunk] : [chunk.subarray(0, 12)]), { framing: 'wrapper' });
    const error = await failure(t);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toMatch(
      /12 octets came: of a wrapper message 12 octets came, \d+ were announced, and its end is missing$/,
    );
  });

  test.each(['hdlc', 'wrapper'] as const)('notifications in place of the answer, by %s', async (framing) => {
    const served = new ServedMeter();
    served.says = (answer, request) => (request[0] === 0xc0 ? fromHex('0F00000001000600000001') : answer);
    const meter = await served.open({ framing, patience: 0 });
    const asked = meter.get(meter.register('1.0.1.8.0.255').value).then(
      () => expect.unreachable(),
      (error) => error,
    );
    const error = await served.clock.run(asked);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toMatch(/octets came: a notification, which is not an answer$/);
    expect(error.hint).toMatch(/the meter speaks by itself and does not answer/);
  });

  test('what is not spoken here is called by its name', async () => {
    const error = await failure(
      through(withInformation((information) => concat(information.subarray(0, 3), fromHex('E70001C401C10109')))),
    );
    expect(error.message).toMatch(/octets came: a gateway-response in place of an answer to the association$/);
  });

  test('an answer to another request', async () => {
    const error = await failure(
      through((chunk, count) => (count === 0 ? [chunk] : [chunk.with(10, (chunk[10] ?? 0) ^ 3)]), {
        framing: 'wrapper',
        strict: true,
      }),
    );
    expect(error.message).toMatch(/octets came: a get-response-normal to request \d+, asked was request \d+$/);
  });
});

describe('a gateway that answers in place of the meter', () => {
  function gateway(says: (request: Uint8Array) => Uint8Array) {
    const clock = new VirtualClock(0);
    const [client, far] = memoryPair({ names: ['gateway', 'client'] });
    void far.open({ data: (chunk) => far.write(says(chunk)), closed: () => {} });
    const opening = open(client, { framing: 'wrapper', clock, patience: 0 });
    return clock.run(
      opening.then(
        () => expect.unreachable(),
        (error: CosemError) => error,
      ),
    );
  }

  test('in text', async () => {
    const error = await gateway(() => fromLatin1('ERROR 17: meter is not registered\r\n'));
    expect(error).toBeInstanceOf(TimeoutError);
    // Quoted once.
    expect(error.message).toMatch(
      /35 octets came: octets outside a wrapper message, skipped: "ERROR 17: meter is not registered\\r\\n"$/,
    );
  });

  test('in text inside a wrapper message', async () => {
    const apdu = fromLatin1('ERROR: no such meter');
    const error = await gateway(() => encodeWpdu({ source: 1, destination: 16, apdu }));
    expect(error.message).toContain('text came where an APDU should be: "ERROR: no such meter"');
    expect(error.hint).toMatch(/gateway or converter/);
  });

  test('nothing at all is still silence', async () => {
    const error = await gateway(() => new Uint8Array(0));
    expect(error.message).toMatch(/^no answer from gateway within 10 s$/);
    expect((error as TimeoutError).came).toBeUndefined();
  });
});
