/** Dumps of octets with offsets: `hexdump -C`, `xxd`, `od -A x -t x1`, `tcpdump -x`, Wireshark. */

import { StateError } from '../../base/errors.js';
import { counted } from '../../base/words.js';

/** The most octets of a dump: a folded line (`*`) may stand for any number of octets. */
const MAX_OCTETS = 16 * 1024 * 1024;

interface Row {
  readonly offset: number;
  readonly octets: readonly number[];
}

/** The octets of a dump; undefined when the text is not a dump because its offsets do not fit its octets. */
export function dumpOctets(
  text: string,
): { readonly octets: Uint8Array; readonly remarks: readonly string[] } | undefined {
  const rows: Row[] = [];
  const folded = new Set<number>();
  let sure = false;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    if (line.trim() === '*') {
      folded.add(rows.length);
      continue;
    }
    const row = rowOf(line);
    if (row === undefined) return undefined;
    sure ||= row.sure;
    rows.push(row);
  }
  if (rows.length === 0 || rows[0]?.offset !== 0 || !(sure || rows.length > 1)) return undefined;
  return joined(rows, folded);
}

function joined(
  rows: readonly Row[],
  folded: ReadonlySet<number>,
): { readonly octets: Uint8Array; readonly remarks: readonly string[] } | undefined {
  const octets: number[] = [];
  const remarks: string[] = [];
  for (const [i, { offset, octets: own }] of rows.entries()) {
    if (offset !== octets.length && folded.has(i)) {
      if (offset > MAX_OCTETS) throw new StateError(`the dump has more than ${counted(MAX_OCTETS, 'octet')}`);
      const repeated = rows[i - 1]?.octets ?? [];
      if (repeated.length === 0) return undefined;
      for (let at = 0; octets.length < offset; at++) octets.push(repeated[at % repeated.length] as number);
    }
    if (offset !== octets.length) {
      // If an early offset does not fit, the text is not a dump. Later a line must be missing.
      if (i < 2) return undefined;
      throw new StateError(
        `the dump continues at octet ${offset.toString(16)} (hexadecimal) after only ${counted(octets.length, 'octet')}`,
        { hint: 'is a line missing?' },
      );
    }
    for (const octet of own) octets.push(octet);
  }
  return { octets: Uint8Array.from(octets), remarks };
}

/** Reads a line: its offset, its octets, and whether it is certainly a line of a dump. */
function rowOf(line: string): (Row & { readonly sure: boolean }) | undefined {
  const match = /^\s*(?:0x)?([0-9a-f]{4,8})(:?)(\s+|$)/i.exec(line);
  if (!match) return undefined;
  const [head, digits, colon] = match as unknown as [string, string, string];
  const offset = Number.parseInt(digits, 16);
  const bar = line.indexOf('|', head.length);
  const body = bar < 0 ? line.slice(head.length) : line.slice(head.length, bar);
  const octets: number[] = [];
  let width: number | undefined;
  let even = true;
  for (const [, group, gap] of body.matchAll(/(\S+)(\s*)/g) as Iterable<[string, string, string]>) {
    if (!/^(?:[0-9a-f]{2}){1,4}$/i.test(group)) {
      if (octets.length === 0 || bar >= 0) return undefined;
      break;
    }
    width ??= group.length;
    even &&= group.length === width;
    for (let i = 0; i < group.length; i += 2) octets.push(Number.parseInt(group.slice(i, i + 2), 16));
    // Dumps have a gap between two halves of a line; any other wide gap ends the octets, and the same as characters follows.
    if (bar < 0 && gap.length > 1 && !(gap.length === 2 && octets.length === 8 && width === 2)) break;
  }
  const other = width !== undefined && width !== digits.length && (bar >= 0 || even);
  return { offset, octets, sure: colon === ':' || bar >= 0 || (offset === 0 && other) };
}
