import crc16 from 'crc/calculators/crc16';
import { fromLatin1, toLatin1 } from '../base/bytes.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';

/**
 * A message of IEC 62056-21 (direct local data exchange): sign-on, option select, data readout and programming commands. The parity bit of octets is
 * ignored, so that 7E1 is understood even when the line is read as 8N1.
 */
export type Iec21Message =
  | {
      /** Request: `/?address!`, which asks a meter to identify itself. */
      readonly type: 'request';
      /** The device address; empty for any meter. */
      readonly deviceAddress: string;
    }
  | Identification
  | {
      /** Acknowledgement and option select: ACK V Z Y. */
      readonly type: 'acknowledgement';
      /** V: 0 normal, 1 secondary, 2 HDLC. */
      readonly protocolControl: string;
      /** Z: the chosen speed, as a baud rate character. */
      readonly baudCharacter: string;
      /** Y: 0 data readout, 1 programming mode, 2 binary mode (HDLC), others by the manufacturer. */
      readonly modeControl: string;
    }
  | {
      /** Data message: the readout of a meter. */
      readonly type: 'data-readout';
      /** The data sets, in order. */
      readonly dataSets: readonly DataSet[];
      /** Block check character. */
      readonly bcc: number;
    }
  | {
      /** Command in programming mode: SOH C D STX data ETX BCC. */
      readonly type: 'programming-command';
      /** Command and its type, such as `R1`, `W1`, `P1`, `B0`. */
      readonly command: string;
      /** The data set of the command as text; null when it has none. */
      readonly data: string | null;
      /** Block check character. */
      readonly bcc: number;
    }
  | {
      /** Answer to a command in programming mode. */
      readonly type: 'programming-data';
      /** The data sets, in order. */
      readonly dataSets: readonly DataSet[];
      /** Block check character. */
      readonly bcc: number;
    }
  | {
      /** Telegram of a port that sends by itself: P1, or mode D. */
      readonly type: 'p1-telegram';
      /** The first line, from `/` on, without its line end. */
      readonly identificationLine: string;
      /** The data sets, in order. */
      readonly dataSets: readonly DataSet[];
      /** CRC-16; undefined where there is none, as in mode D of the standard. */
      readonly crc: number | undefined;
    }
  | {
      /** Error message of a meter, such as `(ER01)`. */
      readonly type: 'error-message';
      /** Its text, as it came. */
      readonly text: string;
    };

/** What a meter says of itself: `/XXXZ Identification CR LF` (6.3.2). */
export interface Identification {
  /** Tells it from other messages. */
  readonly type: 'identification';
  /** Three letters of the flag association. */
  readonly manufacturer: string;
  /** Z: the proposed speed, as a baud rate character. */
  readonly baudCharacter: string;
  /** The proposed speed in baud; 300 where none is proposed (mode A). */
  readonly baudRate: number;
  /** The mode that Z and the enhanced capabilities stand for. */
  readonly mode: 'A' | 'B' | 'C' | 'D' | 'E';
  /** Shortest pause before an answer: 200 ms, or 20 ms when the third letter is small. */
  readonly reactionTimeMs: 20 | 200;
  /** Characters after each `\`: `2` says that HDLC may be chosen (mode E). */
  readonly enhancedCapabilities: readonly string[];
  /** The rest of the line: the name that the maker gave to the meter. */
  readonly identification: string;
}

/** A data set: an address and its values, as text. */
export interface DataSet {
  /** A reduced or full OBIS code (`1.8.0`, `1-0:1.8.0*255`), or a code of the maker. */
  readonly address: string;
  /** The values, one for each pair of parentheses. */
  readonly values: readonly {
    /** Text of the value, as it came. */
    readonly value: string;
    /** Text of the unit after `*`; null where there is none. */
    readonly unit: string | null;
  }[];
}

const ACK = 0x06;
const SLASH = 0x2f;
const SOH = 0x01;
const STX = 0x02;
const ETX = 0x03;
const EOT = 0x04;
const STX_CHARACTER = '\x02';
const CR = 0x0d;
const LF = 0x0a;
const BANG = 0x21;
/** The most characters of an identification: 16 by the standard, but some meters have 32. */
const MAX_IDENTIFICATION = 32;

const MODE_C_BAUD = [300, 600, 1200, 2400, 4800, 9600, 19200] as const;
const MODE_B_BAUD = [600, 1200, 2400, 4800, 9600, 19200] as const;

/** The speed of a baud rate character; undefined when it has none. */
export function baudRateOf(
  character: string,
): { readonly baudRate: number; readonly mode: 'A' | 'B' | 'C' } | undefined {
  const code = character.charCodeAt(0);
  const c = MODE_C_BAUD[code - 0x30];
  if (c !== undefined) return { baudRate: c, mode: 'C' };
  const b = MODE_B_BAUD[code - 0x41];
  if (b !== undefined) return { baudRate: b, mode: 'B' };
  // Any other printable character: mode A, no change of speed. 7-9 and G-I are reserved by the standard.
  if (code >= 0x20 && code < 0x7f && !/[7-9G-I]/.test(character)) return { baudRate: 300, mode: 'A' };
  return undefined;
}

/** Baud rate character of mode C and E for a speed. @throws StateError for a speed without one. */
export function baudCharacterOf(baudRate: number): string {
  const index = (MODE_C_BAUD as readonly number[]).indexOf(baudRate);
  if (index < 0) {
    throw new StateError(`${baudRate} baud has no baud rate character`, { hint: `one of ${MODE_C_BAUD.join(', ')}` });
  }
  return String(index);
}

/** A request: `/?address!` CR LF. @throws StateError when the address is longer than 32 characters or contains control characters. */
export function encodeRequest(deviceAddress = ''): Uint8Array {
  if (!/^[\x20\x22-\x7e]{0,32}$/.test(deviceAddress)) {
    throw new StateError(`'${deviceAddress}' is not a device address`, { hint: 'up to 32 printable characters, no !' });
  }
  return fromLatin1(`/?${deviceAddress}!\r\n`);
}

/** An identification: `/XXXZ\\2Identification` CR LF, of a meter that proposes a speed and offers HDLC (mode E). */
export function encodeIdentification(meter: {
  readonly manufacturer: string;
  readonly identification: string;
  readonly baud: number;
}): Uint8Array {
  return fromLatin1(`/${meter.manufacturer}${baudCharacterOf(meter.baud)}\\2${meter.identification}\r\n`);
}

/** An acknowledgement: ACK V Z Y CR LF. */
export function encodeAcknowledgement(protocolControl: string, baudCharacter: string, modeControl: string): Uint8Array {
  return fromLatin1(`\x06${protocolControl}${baudCharacter}${modeControl}\r\n`);
}

/** A command: SOH command STX data ETX BCC, or without data SOH command ETX BCC. Commands are P0-P2, W1-W6, R1-R6, E2, B0. */
export function encodeCommand(command: string, data?: string): Uint8Array {
  return withBcc(fromLatin1(data === undefined ? `\x01${command}\x03` : `\x01${command}\x02${data}\x03`));
}

/** A data readout: STX data sets `!` CR LF ETX BCC. */
export function encodeReadout(dataSets: readonly DataSet[]): Uint8Array {
  return withBcc(fromLatin1(`\x02${dataSets.map((set) => `${dataSetText(set)}\r\n`).join('')}!\r\n\x03`));
}

/** A data set as text: `address(value*unit)(value)`. */
export function dataSetText(set: DataSet): string {
  return set.address + set.values.map(({ value, unit }) => `(${value}${unit === null ? '' : `*${unit}`})`).join('');
}

/** The block check character: XOR of all octets after the leading SOH or STX, including ETX (6.2). */
export function blockCheck(bytes: Uint8Array): number {
  let check = 0;
  for (let i = 1; i < bytes.length; i++) check ^= (bytes[i] as number) & 0x7f;
  return check;
}

/**
 * The length of the message that begins at the first octet; undefined while it is incomplete.
 * @throws DecodeError `bad-length` when a line does not end, `no-frame` when no message begins like this.
 */
export function messageLength(bytes: Uint8Array, limit = 65_536, searched = 0): number | undefined {
  const first = (bytes[0] ?? 0) & 0x7f;
  if (bytes.length === 0) return undefined;
  if (first === ACK)
    return bytes.length === 1 ? undefined : (lineEnd(bytes, 0, 8) ?? (bytes.length >= 8 ? 1 : undefined));
  if (first === SLASH) return slashLength(bytes, limit, searched);
  if (first === SOH || first === STX) {
    for (let i = Math.max(1, searched); i < bytes.length; i++) {
      const octet = (bytes[i] as number) & 0x7f;
      if (octet === ETX || octet === EOT) return i + 1 < bytes.length ? i + 2 : undefined;
    }
    if (bytes.length > limit)
      throw new DecodeError('bad-length', `no end of the message within ${counted(limit, 'octet')}`);
    return undefined;
  }
  throw new DecodeError('no-frame', 'no message of IEC 62056-21 begins like this');
}

/** As {@link messageLength}, for messages of the sign-on only: what looks like the beginning of data is noise there, and its end is not awaited. */
export function signOnLength(bytes: Uint8Array, limit: number, searched = 0): number | undefined {
  if (bytes.length > 0 && !beginsSignOn(bytes[0] as number))
    throw new DecodeError('no-frame', 'no message of the sign-on begins like this');
  return messageLength(bytes, limit, searched);
}

/** Where another message of the sign-on may begin within octets that are not a message; their length when none does. */
export function nextStart(octets: Uint8Array): number {
  const at = octets.findIndex((octet, i) => i > 0 && beginsSignOn(octet));
  return at < 0 ? octets.length : at;
}

export function beginsSignOn(octet: number): boolean {
  return (octet & 0x7f) === SLASH || (octet & 0x7f) === ACK;
}

/** The end of a request or identification is the end of its line; that of a P1 telegram is the line of `!` and its CRC. */
function slashLength(bytes: Uint8Array, limit: number, searched: number): number | undefined {
  const line = lineEnd(bytes, 0, 5 + MAX_IDENTIFICATION + 16);
  if (line === undefined) return undefined;
  if (!isP1(bytes, line)) return line;
  for (let i = Math.max(line, searched); i < bytes.length; i++) {
    if (seven(bytes[i]) !== BANG || seven(bytes[i - 1]) !== LF) continue;
    // Mode D: no CRC.
    if (seven(bytes[i + 1]) === CR) return bytes[i + 2] === undefined ? undefined : i + 3;
    // The line end after the CRC is often cut off where telegrams are stored.
    const end = i + 5;
    if (seven(bytes[end]) === CR && seven(bytes[end + 1]) === LF) return end + 2;
    return end <= bytes.length ? end : undefined;
  }
  if (bytes.length > limit)
    throw new DecodeError('bad-length', `no end of the telegram within ${counted(limit, 'octet')}`);
  return undefined;
}

/** An octet without its parity. */
function seven(octet: number | undefined): number | undefined {
  return octet === undefined ? undefined : octet & 0x7f;
}

function isP1(bytes: Uint8Array, firstLineEnd: number): boolean {
  return seven(bytes[firstLineEnd]) === CR && seven(bytes[firstLineEnd + 1]) === LF;
}

/** The offset after the CR LF that ends the line at `start`. */
function lineEnd(bytes: Uint8Array, start: number, limit: number): number | undefined {
  const end = Math.min(bytes.length, start + limit);
  for (let i = start; i + 1 < end; i++) {
    if (((bytes[i] as number) & 0x7f) === CR && ((bytes[i + 1] as number) & 0x7f) === LF) return i + 2;
  }
  if (bytes.length >= start + limit)
    throw new DecodeError('bad-length', `no end of line within ${counted(limit, 'octet')}`, start);
  return undefined;
}

/**
 * Reads one whole message, and checks its block check or CRC.
 *
 * @example
 * ```ts
 * const message = decodeIec21(fromLatin1('/ABC5METER-1\r\n'));
 * if (message.type === 'identification') console.log(message.manufacturer, message.baudRate);
 * ```
 * @throws DecodeError `truncated`, `trailing-bytes`, `bad-value`, `bad-length`, `bad-checksum`, `no-frame`.
 */
export function decodeIec21(bytes: Uint8Array): Iec21Message {
  const length = messageLength(bytes);
  if (length === undefined) throw new DecodeError('truncated', 'the message has no end yet', bytes.length);
  if (length < bytes.length)
    throw new DecodeError(
      'trailing-bytes',
      `${counted(bytes.length - length, 'octet follows', 'octets follow')} the message`,
      length,
    );
  const text = toLatin1(bytes.map((octet) => octet & 0x7f));
  switch (text.charCodeAt(0)) {
    case ACK:
      return decodeAcknowledgement(text);
    case SOH:
      return decodeCommand(bytes, text);
    case STX:
      return decodeData(bytes, text);
    default:
      if (text.startsWith('/?')) return decodeRequest(text);
      return text.includes('\r\n\r\n') ? decodeP1(bytes, text) : decodeIdentification(text);
  }
}

function decodeRequest(text: string): Iec21Message {
  const match = /^\/\?([^!]*)!\r\n$/.exec(text);
  if (!match) throw new DecodeError('bad-value', 'a request must be /?address! and the end of the line');
  return { type: 'request', deviceAddress: match[1] as string };
}

function decodeAcknowledgement(text: string): Iec21Message {
  const match = /^(.)(.)(.)\r\n$/.exec(text.slice(1));
  if (!match)
    throw new DecodeError('bad-value', 'an acknowledgement must be ACK, three characters and the end of the line');
  const [, protocolControl, baudCharacter, modeControl] = match as unknown as [string, string, string, string];
  return { type: 'acknowledgement', protocolControl, baudCharacter, modeControl };
}

function decodeIdentification(text: string): Identification {
  const match = /^\/([A-Za-z]{3})([\s\S])((?:\\[\s\S])*)([^\r\n/!]*)\r\n$/.exec(text);
  if (!match)
    throw new DecodeError(
      'bad-value',
      'an identification must be / with three letters, a baud rate character and a name',
    );
  const [, letters, baudCharacter, escapes, identification] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  const baud = baudRateOf(baudCharacter);
  if (baud === undefined) throw new DecodeError('bad-value', 'unknown baud rate character', 4);
  if (identification.length > MAX_IDENTIFICATION) {
    throw new DecodeError('bad-length', `an identification of ${counted(identification.length, 'character')}`, 5);
  }
  const enhancedCapabilities = [...escapes.matchAll(/\\([\s\S])/g)].map((pair) => pair[1] as string);
  return {
    type: 'identification',
    manufacturer: letters.toUpperCase(),
    baudCharacter,
    baudRate: baud.baudRate,
    mode: enhancedCapabilities.length > 0 && baud.mode === 'C' ? 'E' : baud.mode,
    reactionTimeMs: /[a-z]$/.test(letters) ? 20 : 200,
    enhancedCapabilities,
    identification,
  };
}

function decodeCommand(bytes: Uint8Array, text: string): Iec21Message {
  const bcc = checkedBcc(bytes);
  const body = text.slice(1, -2);
  const start = body.indexOf(STX_CHARACTER);
  const command = start < 0 ? body : body.slice(0, start);
  if (!/^[A-Z][0-9]$/.test(command)) throw new DecodeError('bad-value', 'a command must be a letter and a digit', 1);
  return { type: 'programming-command', command, data: start < 0 ? null : body.slice(start + 1), bcc };
}

function decodeData(bytes: Uint8Array, text: string): Iec21Message {
  const bcc = checkedBcc(bytes);
  const body = text.slice(1, -2);
  const readout = /^([\s\S]*?)!\r\n$/.exec(body);
  if (readout) return { type: 'data-readout', dataSets: decodeDataSets(readout[1] as string, 1), bcc };
  const refusal = /^\((ER[^)]*)\)$/.exec(body);
  if (refusal) return { type: 'error-message', text: refusal[1] as string };
  return { type: 'programming-data', dataSets: decodeDataSets(body, 1), bcc };
}

function decodeP1(bytes: Uint8Array, text: string): Iec21Message {
  const bang = text.lastIndexOf('!');
  const crc = /^!(?:([0-9A-Fa-f]{4})(?:\r\n)?|\r\n)$/.exec(text.slice(bang));
  if (!crc) throw new DecodeError('bad-value', 'a telegram must end with ! and, where it has a CRC, four digits', bang);
  const expected = crc[1] === undefined ? undefined : Number.parseInt(crc[1], 16);
  if (
    expected !== undefined &&
    crc16(bytes.subarray(0, bang + 1)) !== expected &&
    crc16(fromLatin1(text.slice(0, bang + 1))) !== expected
  )
    throw new DecodeError('bad-checksum', 'the CRC-16 of the telegram does not match', bang + 1);
  const firstLine = text.indexOf('\r\n');
  return {
    type: 'p1-telegram',
    identificationLine: text.slice(0, firstLine),
    dataSets: decodeDataSets(text.slice(firstLine + 4, bang), firstLine + 4),
    crc: expected,
  };
}

/**
 * Reads data sets, each `address(value*unit)…`, with or without line ends between them. An address may be alone in the line before its values.
 * @throws DecodeError `bad-value` with the offset of the line.
 */
export function decodeDataSets(text: string, offset: number): DataSet[] {
  const sets: DataSet[] = [];
  const form = /([^()\r\n]*)((?:\([^()]*\)\s*)+)/y;
  let at = 0;
  while (at < text.length) {
    while (text[at] === '\r' || text[at] === '\n') at++;
    if (at >= text.length) break;
    form.lastIndex = at;
    const match = form.exec(text);
    if (!match) throw new DecodeError('bad-value', 'a data set must be address(value*unit)', offset + at);
    sets.push({ address: match[1] as string, values: decodeValues(match[2] as string) });
    at += match[0].length;
  }
  return sets;
}

function decodeValues(text: string): DataSet['values'] {
  return [...text.matchAll(/\(([^()*]*)(?:\*([^()]*))?\)/g)].map((match) => ({
    value: match[1] as string,
    unit: match[2] ?? null,
  }));
}

function checkedBcc(bytes: Uint8Array): number {
  const last = bytes.length - 1;
  const bcc = (bytes[last] as number) & 0x7f;
  if (bcc !== blockCheck(bytes.subarray(0, last))) {
    throw new DecodeError('bad-checksum', 'the block check character does not match', last);
  }
  return bcc;
}

function withBcc(bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(bytes.length + 1);
  message.set(bytes);
  message[bytes.length] = blockCheck(bytes);
  return message;
}
