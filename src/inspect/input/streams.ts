import type { Direction } from '../inspector.js';

/** In which form octets were given. */
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

/** Octets that came together. */
export interface InputPiece {
  readonly octets: Uint8Array;
  readonly direction?: Direction;
  /** Milliseconds since 1970, where the input tells. */
  readonly time?: number;
}

/** Pieces of one conversation, in the order of time. */
export interface InputStream {
  /** `10.0.0.7:50123 to 10.0.0.9:4059, TCP`; undefined where the input has one conversation without a name. */
  readonly name?: string;
  readonly pieces: readonly InputPiece[];
}

/** Input that was read. */
export interface Input {
  readonly form: InputForm;
  readonly streams: readonly InputStream[];
  /** What was decided where a text can be read in several ways, and what was left out. */
  readonly remarks: readonly string[];
}
