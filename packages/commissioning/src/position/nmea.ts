import type { Fix } from './fix.js';

/** A sentence has 82 characters; some receivers send more. */
const LONGEST = 120;
/** Quality of GGA: measured are GPS, DGPS, PPS and both kinds of RTK. */
const MEASURED = ['1', '2', '3', '4', '5'];
const ROUND = 1_000_000;

/** What a receiver says that has no fix, or more of a fix. */
export type GpsNews = { readonly fix: Fix } | { readonly fix: undefined };

/** Reads NMEA 0183 (IEC 61162-1) in any pieces: GGA and RMC of any talker. Lines without a right checksum count as noise. */
export class NmeaReader {
  #line = '';
  #overlong = false;
  /** Of RMC: the time of day and the moment it belongs to. */
  #dated: { readonly clock: string; readonly time: number; readonly valid: boolean } | undefined;
  /** Whether a sentence came whole. */
  understood = false;

  /** @returns news in their order. */
  push(octets: Uint8Array): readonly GpsNews[] {
    const news: GpsNews[] = [];
    for (const octet of octets) {
      if (octet === 0x0a || octet === 0x0d) {
        const one = this.#overlong ? undefined : this.#sentence(this.#line);
        if (one !== undefined) news.push(one);
        this.#line = '';
        this.#overlong = false;
      } else if (octet === 0x24) {
        // A line that was cut ends where the next begins.
        this.#line = '$';
        this.#overlong = false;
      } else if (this.#line.length >= LONGEST) this.#overlong = true;
      else this.#line += String.fromCharCode(octet);
    }
    return news;
  }

  #sentence(line: string): GpsNews | undefined {
    const [, body, sum] = /^\$([\x20-\x7e]+)\*([0-9A-Fa-f]{2})$/.exec(line) ?? [];
    if (body === undefined || sum === undefined) return undefined;
    let check = 0;
    for (let i = 0; i < body.length; i++) check ^= body.charCodeAt(i);
    if (check !== Number.parseInt(sum, 16)) return undefined;
    this.understood = true;
    const fields = body.split(',');
    const kind = fields[0] ?? '';
    if (/^[A-Z]{2}RMC$/.test(kind)) return this.#rmc(fields);
    return /^[A-Z]{2}GGA$/.test(kind) ? this.#gga(fields) : undefined;
  }

  #rmc([, clock = '', status, , , , , , , date = '']: readonly string[]): GpsNews | undefined {
    const [, day, month, year] = /^(\d\d)(\d\d)(\d\d)$/.exec(date) ?? [];
    const [, hour, minute, second] = /^(\d\d)(\d\d)(\d\d)(?:\.\d+)?$/.exec(clock) ?? [];
    const time = Date.parse(`20${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    this.#dated = Number.isNaN(time) ? undefined : { clock: clock.slice(0, 6), time, valid: status === 'A' };
    return status === 'A' ? undefined : { fix: undefined };
  }

  #gga([, clock = '', lat, ns, lon, ew, quality = '', satellites, dilution]: readonly string[]): GpsNews {
    const latitude = degrees(lat, ns, 'NS', 90);
    const longitude = degrees(lon, ew, 'EW', 180);
    if (latitude === undefined || longitude === undefined || quality === '0' || quality === '')
      return { fix: undefined };
    const dated = this.#dated;
    if (dated !== undefined && !dated.valid) return { fix: undefined };
    const hdop = number(dilution);
    const count = number(satellites);
    const time = dated === undefined ? undefined : momentOf(clock, dated.time);
    return {
      fix: {
        receiver: 'nmea',
        position: { latitude, longitude },
        ...(time === undefined ? {} : { time }),
        ...(hdop === undefined ? {} : { hdop }),
        ...(count === undefined ? {} : { satellites: count }),
        estimated: !MEASURED.includes(quality),
      },
    };
  }
}

/** The moment of a time of day that is nearest to another moment: the date comes with other sentences. */
function momentOf(clock: string, near: number): number | undefined {
  const [, hour, minute, second] = /^(\d\d)(\d\d)(\d\d)(?:\.\d+)?$/.exec(clock) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const DAY = 86_400_000;
  const within = (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000;
  const midnight = Math.floor(near / DAY) * DAY;
  const moments = [midnight - DAY, midnight, midnight + DAY].map((day) => day + within);
  return moments.reduce((best, one) => (Math.abs(one - near) < Math.abs(best - near) ? one : best));
}

/** `2650.8020` and `N`: degrees and minutes. */
function degrees(text = '', letter = '', letters: string, most: number): number | undefined {
  const [, whole, minutes] = /^(\d{2,3})(\d\d(?:\.\d+)?)$/.exec(text) ?? [];
  if (whole === undefined || letter.length !== 1 || !letters.includes(letter) || Number(minutes) >= 60)
    return undefined;
  const value = Math.round((Number(whole) + Number(minutes) / 60) * ROUND) / ROUND;
  if (value > most) return undefined;
  return letter === letters[1] && value !== 0 ? -value : value;
}

function number(text = ''): number | undefined {
  return /^\d{1,4}(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}
