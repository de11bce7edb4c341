import type { Direction } from '../inspector.js';

/** The form in which octets were given. */
export type InputForm =
  | 'hexadecimal'
  | 'hex-dump'
  | 'program'
  | 'base64'
  | 'log'
  | 'iec-62056-21'
  | 'binary'
  | 'pcap'
  | 'pcapng';

/** Octets that came together: a line of a log, a packet. */
export interface InputPiece {
  /** The octets. */
  readonly octets: Uint8Array;
  /** Who sent them, where the input tells. */
  readonly direction?: Direction;
  /** When, in milliseconds since 1970, where the input tells. */
  readonly time?: number;
}

/** One conversation. */
export interface InputStream {
  /** `10.0.0.7:50123 to 10.0.0.9:4059, TCP`; undefined when the input is one conversation without a name. */
  readonly name?: string;
  /** Its pieces, in the order of time. */
  readonly pieces: readonly InputPiece[];
}

/** What `readInput` found: octets, conversation by conversation. */
export interface Input {
  /** The form of the input. */
  readonly form: InputForm;
  /** The conversations in it. */
  readonly streams: readonly InputStream[];
  /** How ambiguous text was read, and what was left out, in sentences. */
  readonly remarks: readonly string[];
}
