/** The page on the local network: at which address, and how the phone gets there. */

import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { HttpAnswer } from '../../src/http/route.js';
import { LANGUAGES, type Language } from '../../src/inspect.js';
import { UsageError } from '../failure.js';
import { pageAnswer } from './answer.js';
import { LAN_WORDS } from './lan-words.js';

/** An address of this machine with the name of its network interface. */
export interface OwnAddress {
  readonly address: string;
  readonly name: string;
  /** Of this machine alone, such as 127.0.0.1. */
  readonly internal: boolean;
}

/** IPv4 addresses of this machine. */
export function ownAddresses(): readonly OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
    all.flatMap(({ family, address, internal }) => (family === 'IPv4' ? [{ name, address, internal }] : [])),
  );
}

/** RFC 1918, RFC 3927 and RFC 6598: what is no address of the internet. */
const PRIVATE = /^(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

/**
 * The address to serve at.
 * @param told the value of `--lan`; undefined where it has none.
 * @throws UsageError when it is none of this machine's, is one of the internet, or there is none or more than one to choose from.
 */
export function lanAddress(told: string | undefined, own = ownAddresses()): string {
  const fitting = own.filter(({ address, internal }) => !internal && PRIVATE.test(address));
  const list = fitting.map(({ address, name }) => `${address} (${name})`).join(', ');
  const choose = fitting.length === 0 ? 'connect this machine to the Wi-Fi first' : `this machine has ${list}`;
  if (told !== undefined) {
    const found = own.find(({ address }) => address === told);
    if (!isIPv4(told) || found === undefined)
      throw new UsageError(`--lan ${told} is no address of this machine`, choose);
    if (!found.internal && !PRIVATE.test(told)) {
      throw new UsageError(`--lan ${told} is an address of the internet, where the page must not be`, choose);
    }
    return told;
  }
  const [only, ...others] = fitting;
  if (only === undefined) throw new UsageError('this machine is in no local network', choose);
  if (others.length > 0)
    throw new UsageError('this machine is in more than one network', `say which: --lan ${only.address}; ${choose}`);
  return only.address;
}

/**
 * A text as a QR code in lines of half blocks, light on dark, with its quiet zone.
 * @returns undefined where the package `qr` is not installed.
 */
export async function qrLines(text: string): Promise<readonly string[] | undefined> {
  const qr = await import('qr').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  });
  if (qr === undefined) return undefined;
  const rows = qr.encodeQR(text, 'raw', { ecc: 'low', encoding: 'byte', border: 4 });
  return Array.from({ length: Math.ceil(rows.length / 2) }, (_, i) => {
    const [upper = [], lower = []] = [rows[2 * i], rows[2 * i + 1]];
    // Below the last row there is nothing: dark, as the terminal.
    return upper.map((dark, x) => HALVES[dark ? 1 : 0][(lower[x] ?? true) ? 1 : 0]).join('');
  });
}

/** By whether the upper and the lower half are dark. */
const HALVES = [
  ['█', '▀'],
  ['▄', ' '],
] as const;

/** What a browser without the cookie gets: no word of the meter. It gives the key behind `#` of its address for the cookie. */
export function entryPage(): HttpAnswer {
  const texts = (of: (language: Language) => string) =>
    LANGUAGES.map((language) => `<p lang="${language}">${of(language)}</p>`).join('');
  return pageAnswer(
    (nonce) => `<!doctype html>
<html lang="hi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>cosem watch</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">body{font:18px/1.5 system-ui,"Noto Sans","Noto Sans Devanagari",sans-serif;margin:0 auto;padding:24px 16px;max-width:640px}h1{font-size:1.4rem}p{margin:12px 0}</style>
</head>
<body>
<h1>${LAN_WORDS.hi.title} · <span lang="en">${LAN_WORDS.en.title}</span></h1>
<div id="locked">${texts((language) => LAN_WORDS[language].locked)}</div>
<div id="used" role="alert" hidden>${texts((language) => LAN_WORDS[language].used)}</div>
<script nonce="${nonce}">
const key = location.hash.slice(1);
history.replaceState(null, '', '/');
if (key !== '') fetch('enter', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ key }) })
  .then(({ ok }) => {
    if (ok) return location.reload();
    document.getElementById('locked').hidden = true;
    document.getElementById('used').hidden = false;
  });
</script>
</body>
</html>
`,
  );
}
