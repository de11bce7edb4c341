/** The consumer's page: rendered here, in each language; the browser only puts it in its place. */

import type { Usage } from '../../src/index.js';
import { dateText, LANGUAGES, type Language, visibleText } from '../../src/inspect.js';
import { inKilo, phasesText, sinceText, timeText, weekday } from './show.js';
import { basisText, WORDS } from './words.js';

/** What the page shows, by language. */
export type Fragments = Readonly<Record<Language, string>>;

export function fragmentsOf(usage: Usage): Fragments {
  return { en: fragment(usage, 'en'), hi: fragment(usage, 'hi') };
}

function fragment(usage: Usage, language: Language): string {
  const words = WORDS[language];
  const { account, today, month, power } = usage;
  const energy = (value: Usage['today']) => (value === undefined ? undefined : inKilo(value.energy));
  return `<header><h1>${words.title}</h1><p>${words.meter} <b>${escaped(usage.serial ?? '')}</b></p></header>
${usage.connected === false ? `<p class="alarm" role="alert">${words.supplyOff}</p>` : ''}
<div class="cards">
${account === undefined ? '' : balanceCard(usage, language)}
${card('now', words.now, power === undefined ? undefined : inKilo(power), 'kW', phasesText(usage), language)}
${card('today', words.today, energy(today), 'kWh', '', language)}
${card('month', words.month, energy(month), 'kWh', sinceText(usage, language), language)}
</div>
<div class="charts">
<section><h2>${words.days}, kWh</h2>${daysChart(usage, language)}</section>
<section><h2>${words.blocks}, kWh</h2>${blocksChart(usage, language)}</section>
</div>
<footer><p>${words.updated} ${escaped(timeText(usage.time))}</p><p>${words.helpline}</p></footer>`;
}

function card(id: string, title: string, value: string | undefined, unit: string, note: string, language: Language) {
  const shown = value === undefined ? WORDS[language].unknown : `${escaped(value)} <small>${unit}</small>`;
  return `<section class="card ${id}"><h2>${title}</h2><p class="value">${shown}</p>${note === '' ? '' : `<p>${escaped(note)}</p>`}</section>`;
}

function balanceCard({ account, daysLeft }: Usage, language: Language): string {
  const words = WORDS[language];
  if (account?.balance === undefined) return '';
  if (!account.prepaid)
    return `<section class="card balance"><h2>${words.balance}</h2><p>${words.postpaid}</p></section>`;
  const { balance, lastRecharge } = account;
  const lasts =
    daysLeft.days === undefined
      ? ''
      : `<p class="lasts">${words.daysLeft} <b>${words.lasts(String(daysLeft.days))}</b></p>`;
  const recharge =
    lastRecharge === undefined
      ? ''
      : `<p>${words.lastRecharge}: ₹&nbsp;${lastRecharge.amount}, ${escaped(timeText(lastRecharge.time).slice(0, 16))}</p>`;
  return (
    `<section class="card balance${balance.coefficient <= 0n ? ' empty' : ''}"><h2>${words.balance}</h2>` +
    `<p class="value">₹&nbsp;${balance}</p>${lasts}<p>${escaped(basisText(daysLeft, language))}</p>${recharge}</section>`
  );
}

// ---- charts

interface Bar {
  /** Wh; undefined where it is not known. */
  readonly value: number | undefined;
  /** Under the bar; empty for none. */
  readonly label: string;
  /** Its tooltip: `Sun 22-11-2026: 8.2 kWh`. */
  readonly words: string;
  readonly marked: boolean;
}

function daysChart({ days, today, time }: Usage, language: Language): string {
  const all = [...days, { date: time.toText().slice(0, 10), energy: today?.energy }];
  const bars = all.map(({ date, energy }, i): Bar => {
    const shown = energy === undefined ? WORDS[language].unknown : `${inKilo(energy)} kWh`;
    return {
      value: energy?.toNumber(),
      label: (all.length - 1 - i) % Math.ceil(all.length / 15) === 0 ? String(Number(date.slice(8))) : '',
      words: `${weekday(date, language)} ${dateText(date)}: ${shown}`,
      marked: i === all.length - 1,
    };
  });
  return chart(bars, WORDS[language].days);
}

/** The blocks of a day of 24 hours; those still to come are empty. */
function blocksChart({ blocks }: Usage, language: Language): string {
  const minutes = blocks.map(({ end }) => end.hour * 60 + end.minute);
  const step = Math.max(
    5,
    Math.min(
      60,
      ...minutes
        .slice(1)
        .map((at, i) => at - (minutes[i] as number))
        .filter((gap) => gap > 0),
    ),
  );
  const count = Math.ceil(1440 / (blocks.length > 1 ? step : 30));
  const every = 1440 / count;
  const bars = Array.from({ length: count }, (_, i): Bar => {
    const block = blocks[minutes.findIndex((at) => Math.abs(at - (i + 1) * every) < every / 2)];
    const begin = Math.round(i * every);
    return {
      value: block?.energy.toNumber(),
      label: begin % 360 === 0 ? `${String(begin / 60).padStart(2, '0')}:00` : '',
      words: block === undefined ? '' : `${block.end.toText().slice(11, 16)}: ${inKilo(block.energy)} kWh`,
      marked: block !== undefined && block === blocks.at(-1),
    };
  });
  return chart(bars, WORDS[language].blocks);
}

const WIDTH = 360;
const HEIGHT = 170;
const LEFT = 34;
const TOP = 14;
const FLOOR = 148;

function chart(bars: readonly Bar[], title: string): string {
  const most = niceCeiling(Math.max(...bars.map(({ value }) => value ?? 0)));
  const y = (value: number) => round(FLOOR - (value / most) * (FLOOR - TOP));
  const lines = [0, most / 2, most].map(
    (value) =>
      `<line x1="${LEFT}" x2="${WIDTH}" y1="${y(value)}" y2="${y(value)}"/><text class="axis" x="${LEFT - 4}" y="${y(value) + 3.5}">${round(value / 1000)}</text>`,
  );
  const wide = (WIDTH - LEFT) / bars.length;
  const drawn = bars.map(({ value, label, words, marked }, i) => {
    const x = round(LEFT + i * wide + wide * 0.14);
    const middle = round(LEFT + (i + 0.5) * wide);
    const rect =
      value === undefined
        ? ''
        : `<rect x="${x}" width="${round(wide * 0.72)}" y="${y(value)}" height="${round(FLOOR - y(value))}"${marked ? ' class="marked"' : ''}><title>${escaped(words)}</title></rect>`;
    return rect + (label === '' ? '' : `<text x="${middle}" y="${HEIGHT - 8}">${label}</text>`);
  });
  const told = bars.flatMap(({ words }) => (words === '' ? [] : [words])).join('; ');
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(`${title}: ${told}`)}"><g class="grid">${lines.join('')}</g>${drawn.join('')}</svg>`;
}

/** 1, 2, 4, 5 or 8 times a power of ten: halves of it are short too. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1000;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function escaped(text: string): string {
  // An amount stays on one line with its sign. A browser obeys marks of writing direction too.
  return visibleText(text)
    .replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
    .replaceAll('₹ ', '₹\u00A0');
}

// ---- the document

/**
 * @param nonce of the content security policy: nothing else on the page may run.
 * @param away whether the meter does not answer.
 */
export function pageOf(fragments: Fragments, nonce: string, away = false): string {
  const mains = LANGUAGES.map(
    (language, i) => `<main lang="${language}"${i === 0 ? '' : ' hidden'}>${fragments[language]}</main>`,
  );
  const lost = LANGUAGES.map(
    (language, i) => `<span lang="${language}"${i === 0 ? '' : ' hidden'}>${WORDS[language].lost}</span>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>cosem watch</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<nav><p id="lost" class="alarm" role="status"${away ? '' : ' hidden'}>${lost.join('')}</p><button id="language" type="button" lang="hi">${WORDS.en.other}</button></nav>
${mains.join('\n')}
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}

const SCRIPT = `
const each = (selector, action) => document.querySelectorAll(selector).forEach(action);
const button = document.getElementById('language');
const lost = document.getElementById('lost');
const other = { en: 'हिन्दी', hi: 'English' };
function choose(language) {
  document.documentElement.lang = language;
  each('main, #lost span', (part) => { part.hidden = part.lang !== language; });
  button.textContent = other[language];
  button.lang = language === 'en' ? 'hi' : 'en';
}
let kept;
try { kept = localStorage.getItem('language'); } catch {}
const asked = new URLSearchParams(location.search).get('lang') ?? kept ?? navigator.language;
choose(asked.startsWith('hi') ? 'hi' : 'en');
button.addEventListener('click', () => {
  const language = document.documentElement.lang === 'en' ? 'hi' : 'en';
  try { localStorage.setItem('language', language); } catch {}
  choose(language);
});
const events = new EventSource('events');
events.onmessage = ({ data }) => {
  const fragments = JSON.parse(data);
  each('main', (part) => { part.innerHTML = fragments[part.lang]; });
  lost.hidden = fragments.away !== true;
};
events.onerror = () => { lost.hidden = false; };
`;

const STYLE = `
:root{--paper:#f4f6f5;--card:#fff;--ink:#16201b;--soft:#55625b;--line:#d5ddd8;--bar:#7fb89a;--mark:#0b6b3a;--alarm:#b3261e}
@media (prefers-color-scheme:dark){:root{--paper:#101613;--card:#1a221e;--ink:#e8efeb;--soft:#a3b1a9;--line:#323d37;--bar:#3f7a5c;--mark:#7fd6a5;--alarm:#ff8a80}}
*{box-sizing:border-box;margin:0}
body{background:var(--paper);color:var(--ink);font:16px/1.4 system-ui,"Noto Sans","Noto Sans Devanagari",sans-serif;padding:12px;max-width:1080px;margin:0 auto;overflow-wrap:anywhere}
nav{display:flex;gap:12px;align-items:center;justify-content:flex-end;min-height:44px}
nav .alarm{flex:1}
button{font:inherit;color:var(--mark);background:none;border:1px solid var(--line);border-radius:8px;padding:8px 14px;min-height:44px;cursor:pointer}
button:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
main{display:flex;flex-direction:column;gap:14px}
main[hidden]{display:none}
header{display:flex;flex-wrap:wrap;gap:2px 16px;align-items:baseline;justify-content:space-between}
h1{font-size:1.5rem;line-height:1.25}
h2{font-size:1rem;font-weight:600;color:var(--soft)}
header p,.card p:not(.value):not(.lasts),footer{color:var(--soft);font-size:.92rem}
.alarm{color:var(--alarm);font-weight:700}
.cards{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:12px}
.card,.charts section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 14px;min-width:0}
.card.balance,.card.now{grid-column:1/-1}
.value{font-size:1.7rem;font-weight:700;line-height:1.25;font-variant-numeric:tabular-nums}
.value small{font-size:1rem;font-weight:400;color:var(--soft)}
.balance .value{font-size:2.2rem;color:var(--mark)}
.balance.empty .value{color:var(--alarm)}
.lasts{font-size:1.1rem}
.charts{display:grid;grid-template-columns:minmax(0,1fr);gap:12px}
svg{display:block;width:100%;height:auto;margin-top:6px}
svg text{font-size:10.5px;fill:var(--soft);text-anchor:middle;font-variant-numeric:tabular-nums}
svg .axis{text-anchor:end}
.grid line{stroke:var(--line);stroke-width:1}
rect{fill:var(--bar)}
rect.marked{fill:var(--mark)}
footer{display:flex;flex-wrap:wrap;gap:4px 16px;justify-content:space-between}
@media (min-width:760px){body{padding:20px}.cards{grid-template-columns:2fr 1.4fr 1fr 1fr}.card.balance,.card.now{grid-column:auto}.charts{grid-template-columns:repeat(2,minmax(0,1fr))}}
`;
