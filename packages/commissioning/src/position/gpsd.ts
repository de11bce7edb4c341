import type { Fix } from './fix.js';
import type { GpsNews } from './nmea.js';

/** What asks gpsd for reports. */
export const GPSD_WATCH = '?WATCH={"enable":true,"json":true};\n';
/** A report has some thousand characters, with many satellites. */
const LONGEST = 16_384;
/** `status` of TPV: dead reckoning, the clock alone, simulated. */
const NOT_MEASURED: readonly unknown[] = [5, 6, 7, 8];
const ROUND = 1_000_000;

/** Reads the JSON lines of gpsd (protocol 3) in any pieces: TPV, and of SKY the dilution and satellites of the next TPV. */
export class GpsdReader {
  readonly #text = new TextDecoder();
  #line = '';
  #overlong = false;
  #hdop: number | undefined;
  #satellites: number | undefined;
  /** Whether a report came whole. */
  understood = false;

  push(octets: Uint8Array): readonly GpsNews[] {
    const news: GpsNews[] = [];
    const [first = '', ...rest] = this.#text.decode(octets, { stream: true }).split('\n');
    this.#add(first);
    for (const next of rest) {
      const one = this.#overlong ? undefined : this.#report(this.#line);
      if (one !== undefined) news.push(one);
      this.#line = '';
      this.#overlong = false;
      this.#add(next);
    }
    return news;
  }

  #add(text: string): void {
    if (this.#line.length + text.length > LONGEST) this.#overlong = true;
    else this.#line += text;
  }

  #report(line: string): GpsNews | undefined {
    const report = objectIn(line);
    if (report === undefined || typeof report.class !== 'string') return undefined;
    this.understood = true;
    if (report.class === 'SKY') {
      this.#hdop = within(report.hdop, 0, 1000) ?? this.#hdop;
      this.#satellites = within(report.uSat, 0, 200) ?? this.#satellites;
    }
    return report.class === 'TPV' ? this.#tpv(report) : undefined;
  }

  #tpv(report: Readonly<Record<string, unknown>>): GpsNews {
    const latitude = within(report.lat, -90, 90);
    const longitude = within(report.lon, -180, 180);
    const isFix = report.mode === 2 || report.mode === 3;
    if (!isFix || latitude === undefined || longitude === undefined) return { fix: undefined };
    const time = typeof report.time === 'string' ? Date.parse(report.time) : Number.NaN;
    const error = within(report.eph, 0, 1e6) ?? within(report.epx, 0, 1e6);
    const fix: Fix = {
      receiver: 'gpsd',
      position: { latitude: rounded(latitude), longitude: rounded(longitude) },
      ...(Number.isNaN(time) ? {} : { time }),
      ...(this.#hdop === undefined ? {} : { hdop: this.#hdop }),
      ...(this.#satellites === undefined ? {} : { satellites: this.#satellites }),
      ...(error === undefined ? {} : { error }),
      estimated: NOT_MEASURED.includes(report.status),
    };
    return { fix };
  }
}

function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function within(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}

function rounded(degrees: number): number {
  return Math.round(degrees * ROUND) / ROUND;
}
