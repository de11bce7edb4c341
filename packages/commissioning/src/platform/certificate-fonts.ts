import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { systemErrorText } from 'cosem/node';
import type { FontFace, WebFonts } from '../certificate/html.js';
import { StorageError } from '../storage-error.js';

/** Noto Sans Devanagari (SIL Open Font License 1.1). Its package has a separate file for each script, Latin included. */
const PACKAGE = '@fontsource/noto-sans-devanagari';
const SCRIPTS = ['latin', 'devanagari', 'latin-ext'] as const;
const WEIGHTS = [400, 700] as const;

export type FontScript = (typeof SCRIPTS)[number];
type Format = 'woff' | 'woff2';

/** Faces as files, by script, the regular one first. */
export type FontFiles = Readonly<Record<FontScript, readonly [regular: Uint8Array, bold: Uint8Array]>>;

let kept: { files: FontFiles; web: WebFonts } | undefined;

/** The fonts, which are read once. @throws StorageError when the package is not installed completely. */
export function certificateFonts(): { readonly files: FontFiles; readonly web: WebFonts } {
  kept ??= { files: readFiles('woff'), web: readWebFonts() };
  return kept;
}

function readFiles(format: Format): FontFiles {
  const of = (script: FontScript) => WEIGHTS.map((weight) => readFont(script, weight, format)) as [Buffer, Buffer];
  return { latin: of('latin'), devanagari: of('devanagari'), 'latin-ext': of('latin-ext') };
}

function readWebFonts(): WebFonts {
  const digest = createHash('sha256');
  const of = (script: FontScript): FontFace[] =>
    WEIGHTS.map((weight) => {
      const font = readFont(script, weight, 'woff2');
      digest.update(font);
      return { weight, url: `data:font/woff2;base64,${font.toString('base64')}` };
    });
  return { latin: of('latin'), devanagari: of('devanagari'), digest: digest.digest('hex').slice(0, 8) };
}

function readFont(script: FontScript, weight: number, format: Format): Buffer {
  const name = `${PACKAGE}/files/noto-sans-devanagari-${script}-${weight}-normal.${format}`;
  try {
    return readFileSync(createRequire(import.meta.url).resolve(name));
  } catch (error) {
    throw new StorageError('missing', `the font ${name} cannot be read: ${systemErrorText(error)}`, {
      hint: `install cosem again: it brings ${PACKAGE}`,
    });
  }
}
