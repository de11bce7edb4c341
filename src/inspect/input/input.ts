/** Reads input in the forms in which people have it: recognises the form of a text or file, and finds the octets in it. */

import { fromLatin1, toLatin1 } from '../../base/bytes.js';
import { StateError } from '../../base/errors.js';
import { isDataSet, isIdentifiedData } from '../iec21-node.js';
import { isCapture, readCapture } from './capture.js';
import { dumpOctets } from './dump.js';
import { hexOctets, isHexText } from './hex.js';
import { arrayText, base64Octets, stringOctets } from './literals.js';
import { type LogReading, logPieces, ownTrace, stampedLines } from './log.js';
import type { Input, InputForm } from './streams.js';

/**
 * Reads the octets of a file or of standard input: a recording (pcap, pcapng), text in any form that {@link readInputText} knows, or a message as
 * it is.
 *
 * @example
 * ```ts
 * const { node } = inspectInput(readInput(await readFile('recording.pcapng')));
 * console.log(renderText(node));
 * ```
 * @throws StateError when a text can be read in no way, or in two.
 */
export function readInput(bytes: Uint8Array): Input {
  if (isCapture(bytes)) return readCapture(bytes);
  if (!isText(bytes)) {
    // In a readout with even parity some octets have the eighth bit set.
    const stripped = bytes.map((octet) => octet & 0x7f);
    if (isText(stripped) && looksLikeIec21(toLatin1(stripped))) return one('iec-62056-21', bytes);
    return one('binary', bytes);
  }
  return readInputText(toLatin1(bytes).replace(/^\u00ef\u00bb\u00bf/, ''));
}

/**
 * Reads text: hexadecimal in any notation, dumps with offsets, arrays and strings of programming languages, base64, logs, and IEC 62056-21.
 * @throws StateError as {@link readInput}.
 */
export function readInputText(text: string): Input {
  const bare = text.replace(/^\ufeff/, '');
  if (looksLikeIec21(bare)) return one('iec-62056-21', fromLatin1(withLineEnds(bare)));
  const trace = ownTrace(bare);
  if (trace !== undefined) return log(trace);
  const stamped = stampedLines(bare);
  if (stamped !== undefined) return log(stamped);
  const dump = dumpOctets(bare);
  if (dump !== undefined) return one('hex-dump', dump.octets, dump.remarks);
  const string = stringOctets(bare);
  if (string !== undefined) return one('program', string);
  const array = arrayText(bare);
  if (array !== undefined && isHexText(array)) {
    const { octets, remarks } = hexOctets(array);
    return one('program', octets, [...remarks, ...maybeDecimal(array)]);
  }
  if (isHexText(bare) || bare.trim() === '') {
    const { octets, remarks } = hexOctets(bare);
    return one('hexadecimal', octets, remarks);
  }
  const base64 = base64Octets(bare);
  if (base64 !== undefined) return one('base64', base64, ['read as base64']);
  const lines = logPieces(bare);
  if (lines !== undefined) return log(lines);
  // Throws an error that names the wrong character.
  hexOctets(bare);
  throw new StateError('there are no octets in this text', { hint: 'give hexadecimal digits, a log, or a recording' });
}

function log({ pieces, remarks }: LogReading): Input {
  const given = pieces.map(({ octets, direction }) => ({ octets, ...(direction && { direction }) }));
  return { form: 'log', streams: [{ pieces: given }], remarks };
}

function one(form: InputForm, octets: Uint8Array, remarks: readonly string[] = []): Input {
  return { form, streams: [{ pieces: [{ octets }] }], remarks };
}

/** `[10, 20, 30]` can be hexadecimal or decimal: a remark says how it was read. */
function maybeDecimal(text: string): string[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  return words.length > 1 && words.every((word) => /^\d{1,2}$/.test(word))
    ? ['read as hexadecimal; if these are decimal numbers, the octets are wrong']
    : [];
}

/** Whether octets are text: no control characters except those of lines and of IEC 62056-21, and few letters beyond ASCII. */
function isText(bytes: Uint8Array): boolean {
  let beyond = 0;
  for (const octet of bytes) {
    if (octet > 0x7f) beyond++;
    else if (octet === 0x7f || (octet < 0x20 && !TEXT_CONTROLS.has(octet))) return false;
  }
  return beyond * 8 <= bytes.length;
}

const TEXT_CONTROLS: ReadonlySet<number> = new Set([1, 2, 3, 6, 9, 10, 13]);

const SOH = String.fromCharCode(1);
const STX = String.fromCharCode(2);
const ACK = String.fromCharCode(6);
/** Line ends, blanks and idle characters before a telegram. */
const LEADING = new RegExp(`^[${String.fromCharCode(0, 9, 10, 13, 32, 127)}]+`);

/** Whether text begins with an identification, a request, a telegram or a data block of IEC 62056-21, perhaps after line ends. */
export function looksLikeIec21(text: string): boolean {
  const head = text.slice(0, 200).replace(LEADING, '');
  return (
    /^\/(?:\?[^!\r\n]{0,32}!|[A-Za-z]{3}[\x20-\x7e])/.test(head) ||
    isIdentifiedData(head) ||
    (head.startsWith(STX) && head.includes('(')) ||
    (head.startsWith(SOH) && /^[A-Z][0-9]$/.test(head.slice(1, 3))) ||
    (head.startsWith(ACK) && /^[0-9][0-9A-I][0-9]\r?\n/.test(head.slice(1))) ||
    isDataSet(head)
  );
}

/** Turns single line feeds, as editors write them, into the line ends of the standard. */
function withLineEnds(text: string): string {
  return text.replace(/[\u0100-\uffff]/g, '?').replace(/\r?\n/g, '\r\n');
}
