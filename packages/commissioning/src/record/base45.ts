import { DecodeError } from 'cosem';

/** The alphabet of Base45 (RFC 9285), which QR codes pack most densely. */
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

export function toBase45(octets: Uint8Array): string {
  let text = '';
  for (let i = 0; i < octets.length; i += 2) {
    const pair = i + 1 < octets.length;
    const value = pair ? ((octets[i] as number) << 8) | (octets[i + 1] as number) : (octets[i] as number);
    text += letter(value) + letter(Math.floor(value / 45));
    if (pair) text += letter(Math.floor(value / 2025));
  }
  return text;
}

function letter(value: number): string {
  return LETTERS[value % 45] as string;
}

/** @throws DecodeError for what is not Base45. */
export function fromBase45(text: string): Uint8Array {
  const octets: number[] = [];
  for (let i = 0; i < text.length; i += 3) {
    const group = text.slice(i, i + 3);
    const values = [...group].map((char) => LETTERS.indexOf(char));
    const bad = values.indexOf(-1);
    if (bad >= 0) throw new DecodeError('bad-value', `'${group[bad]}' is no letter of Base45`, i + bad);
    const value = values.reduce((sum, digit, place) => sum + digit * 45 ** place, 0);
    const most = values.length === 3 ? 0xffff : 0xff;
    if (values.length === 1 || value > most) throw new DecodeError('bad-value', 'no octets have this Base45', i);
    if (values.length === 3) octets.push(value >> 8);
    octets.push(value & 0xff);
  }
  return Uint8Array.from(octets);
}
