import { encodeQR } from 'qr';

/** A QR code as squares. */
export interface QrCode {
  /** Modules a side, the quiet zone with them. */
  readonly size: number;
  /** Dark modules, those side by side in one: column, row, how many. */
  readonly bars: readonly (readonly [x: number, y: number, width: number])[];
}

/** Modules of white that must stay around it (ISO/IEC 18004, 9.1). */
const QUIET = 4;

/** In the alphanumeric mode, with correction of a seventh. @throws Error for text that has no such form. */
export function qrCode(text: string): QrCode {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', encoding: 'alphanumeric', border: QUIET });
  const bars = rows.flatMap((row, y) => {
    const found: [number, number, number][] = [];
    row.forEach((dark, x) => {
      const last = found.at(-1);
      if (!dark) return;
      if (last !== undefined && last[0] + last[2] === x) last[2]++;
      else found.push([x, y, 1]);
    });
    return found;
  });
  return { size: rows.length, bars };
}
