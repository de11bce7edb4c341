import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/base/clock.js';
import { LinkError } from '../../../src/base/errors.js';
import type { Transport, TransportHandler } from '../../../src/contracts/transport.js';
import { certificatePage } from '../src/certificate/page.js';
import { sentence } from '../src/messages.js';
import { defaultPolicy } from '../src/policy.js';
import { faultOfFix, metresBetween } from '../src/position/fix.js';
import { GPSD_WATCH, GpsdReader } from '../src/position/gpsd.js';
import { NmeaReader } from '../src/position/nmea.js';
import { readReceiver } from '../src/position/receiver.js';
import { typedPosition } from '../src/position/typed.js';
import { RefusedError } from '../src/refused.js';
import { Bench, START } from './bench.js';

const LUCKNOW = { latitude: 26.8467, longitude: 80.9462 };
const octets = (text: string) => new TextEncoder().encode(text);

/** A sentence with its checksum. */
function nmea(body: string): string {
  const sum = [...body].reduce((check, letter) => check ^ letter.charCodeAt(0), 0);
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}

/** RMC and GGA of one second after START, 05:00:00 UTC on 23-11-2026. */
function second(n: number, { quality = '1', hdop = '0.9', status = 'A' } = {}): string {
  const clock = `0500${String(n).padStart(2, '0')}.00`;
  return (
    nmea(`GPRMC,${clock},${status},2650.8020,N,08056.7720,E,0.1,0,231126,,,A`) +
    nmea(`GNGGA,${clock},2650.8020,N,08056.7720,E,${quality},08,${hdop},120.0,M,-50,M,,`)
  );
}

describe('a typed position', () => {
  test.each([
    '26.8467, 80.9462',
    '26.8467 80.9462',
    '26.8467;80.9462',
    '२६.८४६७, ८०.९४६२',
    '+26.8467,+80.9462',
    '26.8467N 80.9462E',
    '26.8467° N, 80.9462° E',
    'N 26.8467 E 80.9462',
    'n26.8467, e80.9462',
    '80.9462 E, 26.8467 N',
    "26°50.802'N 80°56.772'E",
    '26 50.802, 80 56.772',
    'N26 50.802 E80 56.772',
    '26°50\'48.12"N 80°56\'46.32"E',
    '26° 50′ 48.12″ N, 80° 56′ 46.32″ E',
    "26°50'48.12''N 80°56'46.32''E",
    '26 50 48.12 80 56 46.32',
  ])('%s is in Lucknow', (text) => {
    expect(typedPosition(text)).toEqual(LUCKNOW);
  });

  test.each([
    ['-33.8688, 151.2093', { latitude: -33.8688, longitude: 151.2093 }],
    ['33°52\'7.68"S 151°12\'33.48"E', { latitude: -33.8688, longitude: 151.2093 }],
    ['0, -0.5', { latitude: 0, longitude: -0.5 }],
  ])('%s is elsewhere', (text, where) => expect(typedPosition(text)).toEqual(where));

  test.each([
    '',
    '26.8467',
    '26.8467, ',
    '26.8467 N 80.9462',
    '26.8467 N 80.9462 N',
    '-26.8467 S, 80.9462 E',
    '96.8467, 80.9462',
    '26.8467, 180.9462',
    "26°60.0'N 80°56.772'E",
    "26.5°50'N 80°56'E",
    '26 50.8 48, 80 56 46',
    '26,8467,80,9462',
    '26.8467, 80.9462 (roof)',
    'N26.8467N E80.9462',
    '26 50 48 12, 80 56 46 32',
    '1 2 3',
  ])('%j is none', (text) => expect(typedPosition(text)).toBeUndefined());

  test('is read as it is written, in decimals and in degrees, minutes and seconds', () => {
    const millionths = (most: number) => fc.integer({ min: -most * 1e6, max: most * 1e6 }).map((value) => value / 1e6);
    fc.assert(
      fc.property(millionths(90), millionths(180), (latitude, longitude) => {
        const plain = (value: number) => (Object.is(value, -0) ? 0 : value);
        const where = { latitude: plain(latitude), longitude: plain(longitude) };
        expect(typedPosition(`${latitude.toFixed(6)}, ${longitude.toFixed(6)}`)).toEqual(where);
        const parts = (value: number, letters: string) => {
          const tenths = Math.round(Math.abs(value) * 36_000_000);
          const [degrees, rest] = [Math.floor(tenths / 36_000_000), tenths % 36_000_000];
          const seconds = ((rest % 600_000) / 10_000).toFixed(4);
          return `${degrees}°${Math.floor(rest / 600_000)}'${seconds}"${value < 0 ? letters[1] : letters[0]}`;
        };
        expect(typedPosition(`${parts(latitude, 'NS')} ${parts(longitude, 'EW')}`)).toEqual(where);
      }),
    );
  });

  test('of any text is read or not, in time that grows with its length', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'0123456789NSEW+-.,; °\'"'), maxLength: 200 });
    fc.assert(
      fc.property(letters, (text) => void typedPosition(text)),
      { numRuns: 1000 },
    );
  });
});

describe('NMEA', () => {
  test('gives position, time and quality, in whatever pieces it comes', () => {
    const text = octets(`garbage${second(0)}${second(1)}`);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const reader = new NmeaReader();
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const news = places.slice(1).flatMap((end, i) => reader.push(text.subarray(places[i], end)));
        expect(news.map(({ fix }) => fix)).toEqual(
          [0, 1000].map((after) => ({
            receiver: 'nmea',
            position: LUCKNOW,
            time: START + after,
            hdop: 0.9,
            satellites: 8,
            estimated: false,
          })),
        );
      }),
    );
  });

  test.each([
    ['a wrong checksum', second(0).replaceAll('2650.8020', '2651.8020')],
    ['no checksum', '$GPGGA,050000,2650.8020,N,08056.7720,E,1,08,0.9,,,,,,\r\n'],
    ['a cut line', `$GPGGA,050000,2650.80\r\n$GPGGA,0500`],
    ['an endless line', `$${'A'.repeat(100_000)}\r\n`],
    ['other sentences', nmea('GPGSV,1,1,01,01,40,083,46') + nmea('PUBX,00')],
    ['binary', '\u0000\u00b5b\u0001'],
  ])('is noise: %s', (_, text) => {
    expect(new NmeaReader().push(octets(text)).filter(({ fix }) => fix !== undefined)).toEqual([]);
  });

  test.each([
    ['no fix', nmea('GPGGA,050000,,,,,0,00,99.9,,,,,,')],
    ['a void RMC', second(0, { status: 'V' })],
    ['impossible minutes', nmea('GPGGA,050000,2660.0000,N,08056.7720,E,1,08,0.9,,,,,,')],
    ['impossible latitude', nmea('GPGGA,050000,9150.0000,N,08056.7720,E,1,08,0.9,,,,,,')],
    ['letters swapped', nmea('GPGGA,050000,2650.8020,E,08056.7720,N,1,08,0.9,,,,,,')],
  ])('says that there is no fix: %s', (_, text) => {
    const news = new NmeaReader().push(octets(text));
    expect(news.length).toBeGreaterThan(0);
    expect(news.every(({ fix }) => fix === undefined)).toBe(true);
  });

  test('of any octets is read or not, and keeps little', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void new NmeaReader().push(bytes)));
  });
});

describe('gpsd', () => {
  const SKY = '{"class":"SKY","hdop":1.2,"uSat":9}\n';
  const tpv = (more = {}) =>
    `${JSON.stringify({ class: 'TPV', mode: 3, lat: 26.8467, lon: 80.9462, time: '2026-11-23T05:00:00.000Z', eph: 6.5, ...more })}\n`;

  test('gives position, time, quality and error, in whatever pieces it comes', () => {
    const text = octets(`{"class":"VERSION","release":"3.25"}\n${SKY}${tpv()}`);
    for (let cut = 0; cut <= text.length; cut++) {
      const reader = new GpsdReader();
      expect([...reader.push(text.subarray(0, cut)), ...reader.push(text.subarray(cut))]).toEqual([
        {
          fix: {
            receiver: 'gpsd',
            position: LUCKNOW,
            time: START,
            hdop: 1.2,
            satellites: 9,
            error: 6.5,
            estimated: false,
          },
        },
      ]);
    }
  });

  test.each([
    ['no fix', tpv({ mode: 1 }), undefined],
    ['no place', tpv({ lat: 'x' }), undefined],
    ['an impossible place', tpv({ lat: 126 }), undefined],
    ['simulated', tpv({ status: 8 }), { estimated: true }],
    ['reckoned', tpv({ status: 6 }), { estimated: true }],
  ])('says that it is %s', (_, text, fix) => {
    const [news] = new GpsdReader().push(octets(text));
    if (fix === undefined) expect(news).toEqual({ fix: undefined });
    else expect(news?.fix).toMatchObject(fix);
  });

  test.each(['[]\n', 'null\n', '{"class":1}\n', `${'['.repeat(16_000)}\n`, `${'x'.repeat(100_000)}\n`, '\u0000\n'])(
    'is noise: %#',
    (text) => expect(new GpsdReader().push(octets(text))).toEqual([]),
  );

  test('of any octets is read or not', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void new GpsdReader().push(bytes)));
  });
});

test('metres between two places', () => {
  expect(metresBetween(LUCKNOW, LUCKNOW)).toBe(0);
  expect(Math.round(metresBetween(LUCKNOW, { latitude: 26.8557, longitude: 80.9462 }))).toBe(1001);
  expect(Math.round(metresBetween({ latitude: 0, longitude: 179.999 }, { latitude: 0, longitude: -179.999 }))).toBe(
    222,
  );
});

describe('a receiver', () => {
  const limits = defaultPolicy.position;

  /** A line that says something each second. */
  class Receiver implements Transport {
    readonly name = 'serial /dev/ttyUSB1 9600 8N1';
    readonly written: string[] = [];
    closed = 0;
    readonly #clock: VirtualClock;
    readonly #says: (n: number) => string | 'gone';
    #stop = () => {};

    constructor(clock: VirtualClock, says: (n: number) => string) {
      this.#clock = clock;
      this.#says = says;
    }

    async open(handler: TransportHandler): Promise<void> {
      let n = 0;
      const next = () => {
        this.#stop = this.#clock.at(this.#clock.now() + 1000, () => {
          const text = this.#says(++n);
          if (text === 'gone') return handler.closed(new LinkError('transport', 'the cable was pulled'));
          if (text !== '') handler.data(octets(text));
          next();
        });
      };
      next();
    }

    write(bytes: Uint8Array): void {
      this.written.push(new TextDecoder().decode(bytes));
    }

    async close(): Promise<void> {
      this.closed++;
      this.#stop();
    }
  }

  async function read(says: (n: number) => string, kind: 'nmea' | 'gpsd' = 'nmea') {
    const clock = new VirtualClock(START);
    const line = new Receiver(clock, says);
    const result = await clock.run(
      readReceiver(line, { kind, clock, limits }).catch((error: unknown) => {
        if (error instanceof RefusedError) return sentence(error.refusal, 'en');
        throw error;
      }),
    );
    expect(line.closed).toBe(1);
    return { result, line, after: clock.now() - START };
  }

  test('is believed at its second good fix', async () => {
    const { result, after } = await read((n) => second(n));
    expect(result).toMatchObject({ position: LUCKNOW, hdop: 0.9 });
    expect(after).toBe(2000);
  });

  test('that becomes good is waited for', async () => {
    const { result, after } = await read((n) => second(n, { hdop: n < 10 ? '12.5' : '1.1' }));
    expect(result).toMatchObject({ hdop: 1.1 });
    expect(after).toBe(10_000);
  });

  test('of gpsd is asked for its reports', async () => {
    const { result, line } = await read(
      (n) => `{"class":"TPV","mode":3,"lat":26.8467,"lon":80.9462,"eph":4,"time":"2026-11-23T05:00:0${n}Z"}\n`,
      'gpsd',
    );
    expect(result).toMatchObject({ receiver: 'gpsd', error: 4 });
    expect(line.written).toEqual([GPSD_WATCH]);
  });

  test.each<[string, (n: number) => string, string]>([
    ['says nothing', () => '', 'says nothing'],
    ['is something else', () => 'AT+OK\r\n', 'is no NMEA'],
    ['sees no satellite', () => nmea('GPGGA,050000,,,,,0,00,99.9,,,,,,'), 'too few satellites'],
    ['is poor', (n) => second(n, { hdop: '12.5' }), 'is poor (HDOP 12.5, at most 5)'],
    ['is simulated', (n) => second(n, { quality: '8' }), 'only reckons or simulates'],
    ['repeats one fix', () => second(1), 'The GPS position is old'],
    ['lives yesterday', (n) => second(n).replace('231126', '221126').replace(/\*../, '*00'), ''],
    ['is pulled', () => 'gone', 'is not there'],
  ])('that %s is not believed, and that is said', async (name, says, words) => {
    const { result } = await read(name === 'lives yesterday' ? yesterday : says);
    expect(result).toContain(name === 'lives yesterday' ? '1 d 0 h between them' : words);
  });

  const yesterday = (n: number) =>
    nmea(`GPRMC,0500${String(n).padStart(2, '0')},A,2650.8020,N,08056.7720,E,0.1,0,221126,,,A`) +
    nmea(`GPGGA,0500${String(n).padStart(2, '0')},2650.8020,N,08056.7720,E,1,08,0.9,120.0,M,-50,M,,`);

  test('whose quality is not known is not believed', () => {
    expect(faultOfFix({ receiver: 'nmea', position: LUCKNOW, estimated: false }, limits, START)).toEqual({
      code: 'gps-unknown-quality',
    });
  });
});

describe('a commissioning', () => {
  const benches: Bench[] = [];
  afterEach(() => {
    for (const bench of benches.splice(0)) bench.dispose();
  });

  test('asks about a position far from the expected one, and writes where it came from to the record', async () => {
    const b = new Bench();
    benches.push(b);
    await b.openIndex();
    const session = b.session();
    await b.upTo(session, 'index');
    const far = {
      position: { latitude: 26.8557, longitude: 80.9462 },
      origin: { by: 'gps' as const, hdop: 0.9, satellites: 8 },
    };
    const refused = await session.index(far);
    expect(refused).toMatchObject({
      ok: false,
      refusal: { code: 'position-far', params: { metres: 1001, most: 500 } },
    });
    expect(b.index.ofOrder('WO-1')).toBeUndefined();
    expect(await session.index({ ...far, explanation: 'too short' })).toMatchObject({ ok: false });
    const result = await session.index({ ...far, explanation: 'the pole was moved to the other end of the lane' });
    expect(result).toMatchObject({ ok: true, evidence: { position: { by: 'gps', metres: 1001 } } });
    await b.upTo(session, undefined);
    const { record } = b.certificates[0]!.signed;
    expect(record.position).toEqual({
      by: 'gps',
      hdop: 0.9,
      satellites: 8,
      metres: 1001,
      explanation: 'the pole was moved to the other end of the lane',
    });
    for (const place of ['26.855', '80.946']) expect(JSON.stringify(record)).not.toContain(place);
    const page = JSON.stringify(certificatePage(b.certificates[0]!));
    expect(page).toContain(
      'GPS receiver, HDOP 0.9, 8 satellites, 1001 m from where it was expected, the pole was moved',
    );
    expect(page).toContain('जीपीएस रिसीवर, HDOP 0.9, 8');
    expect(b.index.ofOrder('WO-1')?.consumer?.position).toEqual(far.position);
  }, 30_000);

  test('says of the order’s own position that it is the order’s', async () => {
    const b = new Bench();
    benches.push(b);
    await b.openIndex();
    const session = b.session();
    await b.upTo(session, 'certificate');
    expect(session.steps.find(({ step }) => step === 'index')).toMatchObject({
      evidence: { position: { by: 'order' } },
    });
  }, 30_000);
});
