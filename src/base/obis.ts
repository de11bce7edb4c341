import { DecodeError, StateError } from './errors.js';
import { counted, quoted } from './words.js';

/**
 * A logical name (IEC 62056-6-1) in its canonical text `A.B.C.D.E.F`, each group 0-255: `1.0.1.8.0.255`.
 * On the wire it is six octets.
 */
export type LogicalName = string;

const FORM = /^(\d{1,3})[.-](\d{1,3})[.:](\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:[.*&](\d{1,3}))?$/;

/**
 * Reads a logical name as people write it: `1.0.1.8.0.255`, `1-0:1.8.0*255`, `1-0:1.8.0` (F is then 255), or twelve
 * hexadecimal digits.
 * @throws StateError with what is wrong and how to write it.
 */
export function parseLogicalName(text: string): LogicalName {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{12}$/.test(trimmed)) {
    const groups: number[] = [];
    for (let i = 0; i < 12; i += 2) groups.push(Number.parseInt(trimmed.slice(i, i + 2), 16));
    return groups.join('.');
  }
  const match = FORM.exec(trimmed);
  if (!match) {
    throw new StateError(`${quoted(text)} is not a logical name (OBIS code)`, {
      hint: 'write six numbers, such as 1.0.1.8.0.255 or 1-0:1.8.0*255',
    });
  }
  const groups = match.slice(1, 7).map((group) => (group === undefined ? 255 : Number(group)));
  const bad = groups.findIndex((group) => group > 255);
  if (bad >= 0) {
    throw new StateError(`${quoted(text)} is not a logical name: group ${'ABCDEF'[bad]} is ${groups[bad]}`, {
      hint: 'each group is 0 to 255',
    });
  }
  return groups.join('.');
}

/**
 * The six octets of a logical name.
 * @throws StateError when it is not a logical name.
 */
export function logicalNameToBytes(name: LogicalName): Uint8Array {
  const bytes = new Uint8Array(6);
  let group = 0;
  let value = 0;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === 46) {
      bytes[group++] = value;
      value = 0;
    } else value = value * 10 + code - 48;
  }
  bytes[group] = value;
  if (group !== 5) return logicalNameToBytes(parseLogicalName(name));
  return bytes;
}

/**
 * The canonical text of six octets.
 * @throws DecodeError `bad-length` when they are not six.
 */
export function logicalNameFromBytes(bytes: Uint8Array): LogicalName {
  if (bytes.length !== 6)
    throw new DecodeError('bad-length', `a logical name of ${counted(bytes.length, 'octet')} instead of 6`);
  return bytes.join('.');
}

/** Six octets as one number below 2^48: a key for maps that needs no text. */
export function logicalNameKey(bytes: Uint8Array): number {
  return (
    (((bytes[0] as number) << 8) | (bytes[1] as number)) * 0x100000000 +
    ((((bytes[2] as number) << 24) |
      ((bytes[3] as number) << 16) |
      ((bytes[4] as number) << 8) |
      (bytes[5] as number)) >>>
      0)
  );
}
