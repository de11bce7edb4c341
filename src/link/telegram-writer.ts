/** The sending side of customer ports that write telegrams (IEC 62056-21 mode D, Dutch P1 companion standard 5.0.2, chapter 6). */

import crc16 from 'crc/calculators/crc16';
import { fromLatin1 } from '../base/bytes.js';

/**
 * A telegram with its CRC-16: `/XXX5identification`, an empty line, the data lines, `!` and four digits.
 *
 * @param head the first line without `/`, such as `XXX5\\253ABC`.
 * @param lines the data lines, such as `1-0:1.8.0(000123.456*kWh)`.
 */
export function encodeTelegram(head: string, lines: readonly string[]): Uint8Array {
  const covered = `/${head}\r\n\r\n${lines.map((line) => `${line}\r\n`).join('')}!`;
  const digits = crc16(fromLatin1(covered)).toString(16).toUpperCase().padStart(4, '0');
  return fromLatin1(`${covered}${digits}\r\n`);
}
