/** Speed and format of a serial port, with one stop bit. */
export interface PortFormat {
  /** Speed in baud. */
  readonly baudRate: number;
  /** Data bits of an octet. */
  readonly dataBits: 7 | 8;
  /** Parity. */
  readonly parity: 'none' | 'even';
}

/** Settings of customer ports, the usual ones first: M-Bus ports, P1, optical heads. */
export const USUAL_FORMATS: readonly PortFormat[] = [
  { baudRate: 2400, dataBits: 8, parity: 'even' },
  { baudRate: 2400, dataBits: 8, parity: 'none' },
  { baudRate: 115_200, dataBits: 8, parity: 'none' },
  { baudRate: 9600, dataBits: 8, parity: 'none' },
  { baudRate: 9600, dataBits: 8, parity: 'even' },
  { baudRate: 9600, dataBits: 7, parity: 'even' },
];

/** Text for people: `2400 8E1`. */
export function portFormatText({ baudRate, dataBits, parity }: PortFormat): string {
  return `${baudRate} ${dataBits}${parity === 'even' ? 'E' : 'N'}1`;
}

/** A burst of fewer octets may be noise of the line and decides nothing. */
const MIN_BURST = 16;
/** A stream that never pauses is judged after so many octets. */
const MAX_BURST = 4096;

/** What was heard at one setting. */
export interface Heard {
  /** The setting. */
  readonly format: PortFormat;
  /** Number of octets that came. */
  octets: number;
  /** The first of them. */
  beginning: Uint8Array;
}

const SHOWN = 12;

/**
 * Tries one setting after the other until messages come. A setting is judged by a burst of octets of which the beginning was heard: when the
 * burst ends without a message in it, the next setting is tried. While nothing comes at all the setting stays, as no other would help.
 */
export class PortSearch {
  readonly #formats: readonly PortFormat[];
  /** What was heard at the last settings, the present one last. */
  readonly heard: Heard[] = [];
  #index = 0;
  #burst = 0;
  /** Whether the line was silent before the burst; otherwise its beginning is missing. */
  #whole = false;
  #found = false;

  /** @param formats the settings to try, in this order. A single one is never given up. */
  constructor(formats: readonly PortFormat[]) {
    this.#formats = formats;
    this.#begin();
  }

  /** The present setting. */
  get format(): PortFormat {
    return this.#formats[this.#index] as PortFormat;
  }

  /** Whether messages come, or there is no other setting to try. */
  get settled(): boolean {
    return this.#found || this.#formats.length === 1;
  }

  /** A message came. True when it is the first. */
  found(): boolean {
    const first = !this.#found;
    this.#found = true;
    return first;
  }

  /** Octets came without a message so far. True when another setting must be tried at once. */
  octets(chunk: Uint8Array): boolean {
    const heard = this.heard.at(-1) as Heard;
    if (heard.octets < SHOWN) heard.beginning = Uint8Array.from([...heard.beginning, ...chunk]).subarray(0, SHOWN);
    heard.octets += chunk.length;
    this.#burst += chunk.length;
    return this.#judge(MAX_BURST);
  }

  /** The line fell silent. True when another setting must be tried. */
  silence(): boolean {
    if (this.#burst === 0) {
      this.#whole = true;
      return false;
    }
    const next = this.#whole && this.#judge(MIN_BURST);
    this.#burst = 0;
    this.#whole = true;
    return next;
  }

  #judge(octets: number): boolean {
    if (this.settled || this.#burst < octets) return false;
    this.#index = (this.#index + 1) % this.#formats.length;
    this.#begin();
    return true;
  }

  #begin(): void {
    this.#burst = 0;
    this.#whole = false;
    this.heard.push({ format: this.format, octets: 0, beginning: new Uint8Array(0) });
    // After days at a wrong port only the last round is kept.
    if (this.heard.length > this.#formats.length) this.heard.shift();
  }
}
