/** Where a telegram of IEC 62056-21 ends that a port sends by itself: `/XXX5…` CR LF CR LF, data sets, `!`, perhaps four digits, CR LF. */

const SLASH_LENGTH = 5;
const MAX_IDENTIFICATION_LINE = 80;
const MAX_TELEGRAM = 32 * 1024;
const CR = 0x0d;
const LF = 0x0a;
const BANG = 0x21;
const CRC_DIGITS = 4;

/**
 * Length of the telegram that may begin at an offset; how far was searched where more must come, undefined where none begins there. Parity
 * bits are looked over.
 * @param searched up to where the end was looked for before.
 */
export function telegramLength(
  bytes: Uint8Array,
  start: number,
  end: number,
  searched: number,
  isAll: boolean,
): number | { readonly searched: number } | undefined {
  const at = (offset: number) => (offset < end ? (bytes[offset] as number) & 0x7f : -1);
  const more = { searched };
  for (let i = 1; i < SLASH_LENGTH; i++) {
    const octet = at(start + i);
    if (octet < 0) return more;
    if (i < 4 ? !isLetter(octet) : octet < 0x20) return undefined;
  }
  let from = searched;
  if (from <= start) {
    let line = start + SLASH_LENGTH;
    while (at(line) >= 0x20 && line - start < MAX_IDENTIFICATION_LINE) line++;
    if (at(line) < 0) return more;
    if (at(line) !== CR) return undefined;
    if (line + 3 >= end) return line + 3 < start + MAX_TELEGRAM ? more : undefined;
    // An identification alone is the answer to a sign-on, not a telegram.
    if (at(line + 1) !== LF || at(line + 2) !== CR || at(line + 3) !== LF) return undefined;
    from = line + 4;
  }
  for (; from < end; from++) {
    if (from - start > MAX_TELEGRAM) return undefined;
    if (at(from) !== BANG || at(from - 1) !== LF) continue;
    const stop = telegramEnd(at, from + 1, isAll);
    return stop === 'more' ? { searched: from } : stop - start;
  }
  return from - start > MAX_TELEGRAM ? undefined : { searched: from };
}

/** Behind `!` four digits may stand, and a line end, which is often cut off where telegrams are stored. */
function telegramEnd(at: (offset: number) => number, bang: number, isAll: boolean): number | 'more' {
  let end = bang;
  while (end < bang + CRC_DIGITS && isHex(at(end))) end++;
  const [cr, lf] = [at(end), at(end + 1)];
  if (cr === LF) return end + 1;
  if (cr === CR && lf === LF) return end + 2;
  if (isAll || (cr >= 0 && (cr !== CR || lf >= 0))) return cr === CR ? end + 1 : end;
  return 'more';
}

function isLetter(octet: number): boolean {
  return (octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a);
}

function isHex(octet: number): boolean {
  return (octet >= 0x30 && octet <= 0x39) || (octet >= 0x41 && octet <= 0x46) || (octet >= 0x61 && octet <= 0x66);
}
