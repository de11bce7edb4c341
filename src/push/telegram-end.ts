/** Where a telegram of IEC 62056-21 ends that a port sends by itself: `/XXX5…` CR LF CR LF, data sets, `!`, perhaps four digits, CR LF. */

const SLASH_LENGTH = 5;
const MAX_IDENTIFICATION_LINE = 80;
const MAX_TELEGRAM = 32 * 1024;
const CR = 0x0d;
const LF = 0x0a;
const BANG = 0x21;
const CRC_DIGITS = 4;

/** No telegram that is whole: whether more must come, and up to where no line with the `!` is. */
interface Unended {
  readonly more: boolean;
  readonly searched: number;
}

/**
 * Length of the telegram that may begin at an offset. Parity bits are looked over.
 * @param searched up to where the end was looked for before, for this beginning or for one before it: many beginnings cost no more than one.
 */
export function telegramLength(
  bytes: Uint8Array,
  start: number,
  end: number,
  searched: number,
  isAll: boolean,
): number | Unended {
  const at = (offset: number) => (offset < end ? (bytes[offset] as number) & 0x7f : -1);
  const more: Unended = { more: true, searched };
  const none: Unended = { more: false, searched };
  for (let i = 1; i < SLASH_LENGTH; i++) {
    const octet = at(start + i);
    if (octet < 0) return more;
    if (i < 4 ? !isLetter(octet) : octet < 0x20) return none;
  }
  let line = start + SLASH_LENGTH;
  while (at(line) >= 0x20 && line - start < MAX_IDENTIFICATION_LINE) line++;
  if (at(line) < 0) return more;
  if (at(line) !== CR) return none;
  if (line + 3 >= end) return more;
  // An identification alone is the answer to a sign-on, not a telegram.
  if (at(line + 1) !== LF || at(line + 2) !== CR || at(line + 3) !== LF) return none;
  let from = Math.max(searched, line + 4);
  for (; from < end; from++) {
    if (from - start > MAX_TELEGRAM) return { more: false, searched: from };
    if (at(from) !== BANG || at(from - 1) !== LF) continue;
    const stop = telegramEnd(at, from + 1, isAll);
    return stop === 'more' ? { more: true, searched: from } : stop - start;
  }
  return { more: from - start <= MAX_TELEGRAM, searched: from };
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
