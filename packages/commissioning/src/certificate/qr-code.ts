import { encodeQR } from 'qr';

/** A QR code as squares. */
export interface QrCode {
  /** Modules per side, including the quiet zone. */
  readonly size: number;
  /** Dark modules; adjacent ones of a row are one bar: column, row, count. */
  readonly bars: readonly (readonly [x: number, y: number, width: number])[];
}

/** Modules of white that must stay around it (ISO/IEC 18004, 9.1). */
const QUIET = 4;

/** Makes a QR code in the alphanumeric mode that tolerates 15 % of damage (level M). @throws Error for text that has no such form. */
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
