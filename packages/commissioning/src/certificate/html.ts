import { visibleJson } from 'cosem/inspect';
import { canonicalJson } from '../canonical.js';
import type { Certificate } from '../record/record-base.js';
import { certificatePage } from './page.js';
import type { CertificatePage, Row, Section } from './page-parts.js';
import { qrCode } from './qr-code.js';
import { WORDS, type Words } from './words.js';

/** Faces of Noto Sans Devanagari as `data:` URLs, so that the page needs no other file. */
export interface WebFonts {
  readonly latin: readonly FontFace[];
  readonly devanagari: readonly FontFace[];
  /** A digest over the fonts: pages with other fonts are not made by this version. */
  readonly digest: string;
}

export interface FontFace {
  readonly weight: 400 | 700;
  readonly url: string;
}

/** The number rises whenever the form of the page changes, because pages of other forms cannot be compared with those made here. */
const FORM = 'cosem certificate, form 2';

/** The name of what made a page; the page contains it. */
export function htmlMaker({ digest }: WebFonts): string {
  return `${FORM}, fonts ${digest}`;
}

/** The certificate as one HTML file that prints on one page of A4, with the signed record inside. Deterministic. */
export function certificateHtml(certificate: Certificate, fonts: WebFonts): string {
  const page = certificatePage(certificate);
  return `<!doctype html>
<html lang="hi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${escaped(htmlMaker(fonts))}">
<meta name="robots" content="noindex">
<title>${escaped(`${page.title.hi} / ${page.title.en} ${page.id}`)}</title>
<style>
${faces(fonts)}${STYLE}</style>
</head>
<body>
<main class="sheet" style="font-size:${letterSize(page)}pt">
${body(page)}</main>
<script type="application/json" id="certificate">${visibleJson(canonicalJson(certificate)).replaceAll('<', '\\u003c')}</script>
</body>
</html>
`;
}

/** Gives the record that {@link certificateHtml} put inside, and what made the page; undefined where the file is not such a page. */
export function certificateInHtml(text: string): { readonly json: string; readonly maker: string } | undefined {
  const json = /<script type="application\/json" id="certificate">([^<]*)<\/script>/.exec(text)?.[1];
  const maker = /<meta name="generator" content="([^"]*)">/.exec(text)?.[1];
  return json === undefined || maker === undefined ? undefined : { json, maker };
}

/** How many lines of a column fit on a page at the usual size, and letters on such a line. */
const ROOM = 35;
const LETTERS = 30;
/** Points. */
const USUAL = 9.6;
const SMALLEST = 5.6;

/** The size of letters at which the longer column fits. Smaller letters make lines longer too. */
function letterSize({ columns }: CertificatePage): string {
  const lines = Math.max(...columns.map((sections) => sections.reduce((sum, { rows }) => sum + 2 + linesOf(rows), 0)));
  const size = USUAL * Math.min(1, (ROOM / lines) ** 0.6);
  return Math.max(SMALLEST, size).toFixed(1);
}

function linesOf(rows: readonly Row[]): number {
  return rows.reduce((sum, { value }) => {
    const texts = typeof value === 'string' ? [value] : [value.hi, value.en];
    return (
      sum +
      Math.max(
        2,
        texts.reduce((lines, text) => lines + Math.ceil(text.length / LETTERS), 0),
      )
    );
  }, 0);
}

function body(page: CertificatePage): string {
  const { free, see, check } = page;
  return `<header>
<div><p class="utility">${escaped(page.utility)}</p>
<h1>${both(page.title)}</h1></div>
<p class="number"><b>${escaped(page.id)}</b><br>${escaped(`No. ${page.sequence}`)}</p>
</header>
<div class="free">
<div><p class="headline">${both(free.headline)}</p>
<p>${both(free.sentence)}</p></div>
<p class="helpline">${both(WORDS.helpline)}<b>${escaped(page.helpline)}</b></p>
</div>
<div class="columns">
${page.columns.map((sections) => `<div>\n${sections.map(section).join('')}</div>\n`).join('')}</div>
<section class="see">
<h2>${both(see.title)}</h2>
<ul>
${see.lines.map((line) => `<li>${both(line)}</li>\n`).join('')}</ul>
</section>
<section class="check">
${qrSvg(page.code)}
<div>
<h2>${both(check.title)}</h2>
<p>${both(check.how)}</p>
${list(check.rows)}</div>
</section>
`;
}

function section({ title, rows }: Section): string {
  return `<section>\n<h2>${both(title)}</h2>\n${list(rows)}</section>\n`;
}

function list(rows: readonly Row[]): string {
  const items = rows.map(({ label, value, strong }) => {
    const shown = typeof value === 'string' ? escaped(value) : both(value);
    return `<div><dt>${both(label)}</dt><dd${strong === true ? ' class="strong"' : ''}>${shown}</dd></div>\n`;
  });
  return `<dl>\n${items.join('')}</dl>\n`;
}

function both({ hi, en }: Words): string {
  const english = `<span lang="en">${escaped(en)}</span>`;
  return hi === en ? english : `<span lang="hi">${escaped(hi)}</span> ${english}`;
}

function qrSvg(text: string): string {
  const { size, bars } = qrCode(text);
  const path = bars.map(([x, y, width]) => `M${x} ${y}h${width}v1h-${width}z`).join('');
  return (
    `<svg class="qr" role="img" aria-label="QR code" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<rect width="${size}" height="${size}" fill="#fff"/><path d="${path}"/></svg>`
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

const RANGES = {
  devanagari: 'U+0900-097F,U+1CD0-1CF9,U+200C-200D,U+20A8,U+20B9,U+25CC,U+A830-A839,U+A8E0-A8FF',
  latin:
    'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-200B,U+200E-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215',
} as const;

function faces(fonts: WebFonts): string {
  return (['devanagari', 'latin'] as const)
    .flatMap((script) =>
      fonts[script].map(
        ({ weight, url }) =>
          `@font-face{font-family:"Certificate";font-weight:${weight};src:url(${url}) format("woff2");unicode-range:${RANGES[script]}}\n`,
      ),
    )
    .join('');
}

const STYLE = `@page{size:A4;margin:0}
*{box-sizing:border-box;margin:0}
html{background:#e8eaed;color:#16181d;-webkit-text-size-adjust:100%}
body{font:9.6pt/1.32 "Certificate","Noto Sans Devanagari","Noto Sans",sans-serif}
.sheet{width:210mm;min-height:297mm;margin:6mm auto;padding:11mm 12mm 9mm;background:#fff;display:flex;flex-direction:column;gap:.9em;overflow-wrap:anywhere}
[lang=en]{color:#4c525d}
header{display:flex;justify-content:space-between;gap:8mm;align-items:flex-start;border-bottom:.6mm solid #0b6b3a;padding-bottom:2mm}
.utility{font-weight:700;color:#0b6b3a}
h1{font-size:1.9em;line-height:1.15}
h1 [lang=en]{display:block;font-size:.56em;font-weight:400}
.number{text-align:right;white-space:nowrap}
.number b{font-size:1.15em}
.free{display:flex;justify-content:space-between;gap:6mm;align-items:center;background:#e7f5ec;border:.4mm solid #0b6b3a;border-radius:2mm;padding:2mm 4mm}
.free [lang=en]{color:inherit}
.headline{font-size:1.5em;font-weight:700;color:#0b6b3a;line-height:1.2}
.free p:not(.headline):not(.helpline) span{display:block}
.helpline{text-align:center;white-space:nowrap;font-size:.85em}
.helpline span,.helpline b{display:block}
.helpline b{font-size:2.4em;line-height:1.1;color:#0b6b3a}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:0 8mm}
.columns>div{display:flex;flex-direction:column;gap:.65em;min-width:0}
h2{font-size:1.08em;color:#0b6b3a;border-bottom:.25mm solid #b9c9bf;margin-bottom:.6mm}
h2 [lang=en]{font-weight:400;font-size:.88em}
dl>div{display:grid;grid-template-columns:38% 1fr;gap:2.5mm;padding:.13em 0;break-inside:avoid}
dt,dd{min-width:0}
dt span{display:block;line-height:1.2}
dt [lang=en]{font-size:.8em}
dd{align-self:center}
dd span{display:block;line-height:1.25}
dd [lang=en]{font-size:.9em}
.strong{font-weight:700;font-size:1.08em}
ul{padding-left:4mm}
li span{display:block;line-height:1.25}
li [lang=en]{font-size:.88em}
.check{display:grid;grid-template-columns:44mm 1fr;gap:5mm;align-items:center;margin-top:auto;border-top:.25mm solid #b9c9bf;padding-top:2mm}
.check p span{display:block;line-height:1.25}
.check p [lang=en]{font-size:.88em}
.check dl>div{grid-template-columns:26% 1fr}
.qr{width:44mm;height:44mm;display:block}
@media print{html{background:#fff}.sheet{margin:0;height:297mm;min-height:0;overflow:hidden}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@media screen and (max-width:820px){body{font-size:15px}.sheet{width:auto;min-height:0;margin:0;padding:16px;font-size:15px!important;gap:14px}.columns,.check{grid-template-columns:minmax(0,1fr);gap:14px}.columns>div{gap:14px}.free{flex-direction:column;align-items:flex-start;gap:8px}.helpline{text-align:left}.qr{width:min(100%,320px);height:auto}.number{white-space:normal;max-width:40%}}
`;
