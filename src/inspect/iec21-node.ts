/** Text of IEC 62056-21 as nodes: sign-on, readout, programming, telegrams. */

import { toLatin1 } from '../base/bytes.js';
import { DecodeError } from '../base/errors.js';
import { counted, visibleText } from '../base/words.js';
import { dataSetText, decodeIec21, type Iec21Message, messageLength } from '../link/iec21.js';
import { type DecodedTelegram, decodeTelegram, telegramLength } from '../link/telegram.js';
import { type Draft, node, nodeError } from './node.js';

const LINE_ENDS: ReadonlySet<number> = new Set([0, 9, 10, 13, 32, 0x7f]);
const NAK = 0x15;
const SLASH = 0x2f;
const QUESTION = 0x3f;
/** The most octets that are examined to tell whether a line begins a message. */
const LONGEST_LINE = 160;

/** The address of a data set, and the parenthesis that opens its value. */
const ADDRESS = String.raw`(?:\d{1,3}-\d{1,3}:)?(?:\d{1,3}|[CFL])\.\d{1,3}(?:\.\d{1,3})?(?:\*\d{1,3})?\(`;
const DATA_SET = new RegExp(String.raw`^${ADDRESS}[\x20-\x7e]*\)`);
const LINE_OF_DATA = new RegExp(String.raw`^${ADDRESS}[^()\r\n]*\)`);
const IDENTIFIED_DATA = new RegExp(String.raw`^\/[\x20-\x7e]{0,128}\r?\n(?:\r?\n)?${ADDRESS}`);

/** Whether octets begin with a message of IEC 62056-21, with or without parity, perhaps after line ends. */
export function isIec21(bytes: Uint8Array): boolean {
  const from = firstOf(bytes, 0, bytes.length);
  const head = toLatin1(bytes.subarray(from, from + LONGEST_LINE).map((octet) => octet & 0x7f));
  if (/^\/(?:\?[^!\r\n]{0,32}!\r\n|[A-Za-z]{3}[\x20-\x7e][\x20-\x7e]*\r?\n)/.test(head) || isIdentifiedData(head))
    return true;
  if (DATA_SET.test(head)) return true;
  const [first] = bytes.subarray(from).map((octet) => octet & 0x7f);
  if (first === 6) return /^[0-9][0-9A-I][0-9]\r\n$/.test(head.slice(1));
  if (first !== 1 && first !== 2) return false;
  // Octets of Data may begin alike: only a message with an end and a right block check is text.
  try {
    const length = messageLength(bytes.subarray(from));
    if (length === undefined || length < 4) return false;
    decodeIec21(bytes.subarray(from, from + length));
    return true;
  } catch {
    return false;
  }
}

/** Whether text begins with a data set whose value contains no parenthesis and no line end. */
export function isDataSet(text: string): boolean {
  return LINE_OF_DATA.test(text);
}

/**
 * Whether text is a line that begins with a slash, followed by a data set. The rest of the line does not matter: on a port that only sends, the
 * identification decides nothing.
 */
export function isIdentifiedData(text: string): boolean {
  return IDENTIFIED_DATA.test(text);
}

function firstOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && LINE_ENDS.has((bytes[at] as number) & 0x7f)) at++;
  return at;
}

/** Nodes of the messages between two offsets. What cannot be read becomes a node with an error. */
export function iec21Nodes(bytes: Uint8Array, start: number, end: number): Draft[] {
  const drafts: Draft[] = [];
  let at = start;
  while (at < end) {
    const from = firstOf(bytes, at, end);
    if (from >= end) break;
    if (((bytes[from] as number) & 0x7f) === NAK) {
      drafts.push(node('iec-62056-21', from, from + 1, { text: 'NAK: refused' }));
      at = from + 1;
      continue;
    }
    const piece = bytes.subarray(from, end);
    const behind = from > at && at === start ? { remarks: ['line-ends: line ends before a message'] } : {};
    if (isTelegram(piece)) {
      const length = telegramIn(piece);
      drafts.push({ ...telegramNode(piece.subarray(0, length), from), ...behind });
      at = from + length;
      continue;
    }
    try {
      const length = messageLength(piece) ?? piece.length;
      const draft = messageNode(decodeIec21(piece.subarray(0, length)), from, from + length);
      drafts.push({ ...draft, ...behind });
      at = from + length;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      drafts.push(linesNode(piece, from, end, error));
      break;
    }
  }
  return drafts;
}

/** Whether it is a telegram of a port that sends by itself: after the identification comes neither an acknowledgement nor a framed message. */
function isTelegram(bytes: Uint8Array): boolean {
  const at = (index: number) => ((bytes[index] as number) ?? 0) & 0x7f;
  if (at(0) !== SLASH || at(1) === QUESTION) return false;
  let line = 0;
  while (line < bytes.length && line < LONGEST_LINE && at(line) !== 0x0a) line++;
  const next = firstOf(bytes, line, bytes.length);
  return next < bytes.length && (at(next) >= 0x20 || LINE_ENDS.has(at(next)));
}

/** The length of the telegram; all octets when its end is missing. */
function telegramIn(bytes: Uint8Array): number {
  try {
    return telegramLength(bytes) ?? bytes.length;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return bytes.length;
  }
}

function telegramNode(bytes: Uint8Array, start: number): Draft {
  try {
    const telegram = decodeTelegram(bytes);
    const children = telegram.dataSets.map((set) => node('data-set', start, start, { text: setText(set) }));
    return node('iec-62056-21', start, start + bytes.length, { text: visibleText(telegramText(telegram)), children });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return linesNode(bytes, start, start + bytes.length, error);
  }
}

function telegramText({ meter, dataSets, crc }: DecodedTelegram): string {
  const who = `${meter.manufacturer} ${meter.identification}`.trim();
  const proof = crc === undefined ? 'no CRC: it may be incomplete' : 'its CRC is right';
  return `telegram of ${who}, ${counted(dataSets.length, 'data set')}, ${proof}`;
}

/** A data set as it came, and its number without leading zeros. */
function setText(set: DecodedTelegram['dataSets'][number]): string {
  const numbers = set.values.flatMap(({ value, unit }) =>
    unit !== null && /^-?\d+(?:\.\d+)?$/.test(value) ? [`${value.replace(/^(-?)0+(?=\d)/, '$1')} ${unit}`] : [],
  );
  return visibleText([dataSetText(set), ...numbers].join('  '));
}

function messageNode(message: Iec21Message, start: number, end: number): Draft {
  const parts = 'dataSets' in message ? message.dataSets : [];
  const children = parts.map((set) => node('data-set', start, start, { text: setText(set) }));
  return node('iec-62056-21', start, end, { text: visibleText(messageText(message)), children });
}

function messageText(message: Iec21Message): string {
  switch (message.type) {
    case 'request':
      return `request${message.deviceAddress === '' ? '' : ` to ${message.deviceAddress}`}`;
    case 'identification':
      return `identification ${message.manufacturer} ${message.identification}, mode ${message.mode}, ${message.baudRate} baud`;
    case 'acknowledgement':
      return `acknowledgement ${message.protocolControl}${message.baudCharacter}${message.modeControl}`;
    case 'programming-command':
      return `programming command ${message.command}`;
    case 'error-message':
      return `error message ${message.text}`;
    default:
      return `${message.type.replace('-', ' ')}, ${counted(message.dataSets.length, 'data set')}`;
  }
}

/** Text that was cut, or copied without its frame, line by line. The error tells of a block check or CRC that does not match. */
function linesNode(bytes: Uint8Array, start: number, end: number, error: DecodeError): Draft {
  const text = toLatin1(bytes.map((octet) => octet & 0x7f));
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const children = lines.map((line) => node('line', start, start, { text: visibleText(line) }));
  // Lines that are all data sets are complete as they are.
  const whole = lines.every((line) => /^[^()]*(?:\([^()]*\))+$/.test(line) || line === '!');
  return node('iec-62056-21', start, end, {
    text: counted(lines.length, 'line'),
    children,
    ...(whole ? {} : { error: nodeError(error) }),
  });
}
