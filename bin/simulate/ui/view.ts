/** The display of a meter as lines of a terminal. Pure: state in, lines out. */

import type { CreditLamp, DisplayItem, MeterFace } from '../../../simulator/index.js';
import { counted } from '../../../src/inspect.js';
import { segments } from './segments.js';

export type Tone = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'inverse';

/** A piece of a line in one colour. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}
export type Line = readonly Span[];

/** Everything that is shown. */
export interface View {
  /** `Virtual meter CSM…`. */
  readonly title: string;
  /** Where it listens: `tcp 127.0.0.1:4059, wrapper`. */
  readonly place: string;
  readonly face: MeterFace;
  /** Number of the page of the display; it counts up without end. */
  readonly page: number;
  /** Whether the display stays as it is. */
  readonly held: boolean;
  /** Whether the heater of the `l` key is on. */
  readonly heater: boolean;
  readonly frames: {
    readonly received: number;
    readonly sent: number;
    readonly discarded: number;
    readonly reason: string | undefined;
    readonly lines: number;
  };
  /** Messages of the program, the newest last. */
  readonly notes: readonly string[];
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Characters that a terminal without Unicode lacks. */
export interface Glyphs {
  readonly on: string;
  readonly off: string;
  readonly full: string;
  readonly empty: string;
  readonly corners: readonly [string, string, string, string];
  readonly across: string;
  readonly down: string;
}

export const UNICODE: Glyphs = {
  on: '●',
  off: '○',
  full: '█',
  empty: '░',
  corners: ['┌', '┐', '└', '┘'],
  across: '─',
  down: '│',
};
export const ASCII: Glyphs = {
  on: '*',
  off: 'o',
  full: '#',
  empty: '.',
  corners: ['+', '+', '+', '+'],
  across: '-',
  down: '|',
};

/** Inside of the display's frame. */
const DISPLAY_WIDTH = 50;
/** With the frame, a gap and the lamps: below that the display is one line. */
const WIDE = 76;
const LAMPS = 20;
const FEWEST_EVENTS = 3;

const CREDIT: Readonly<Record<Exclude<CreditLamp, 'none'>, readonly [text: string, tone: Tone]>> = {
  good: ['good', 'green'],
  low: ['low', 'yellow'],
  emergency: ['emergency credit', 'yellow'],
  exhausted: ['used up', 'red'],
};

/** The lines of a view: at most as many and as wide as the terminal is. What matters least goes first when there is no room. */
export function linesOf(view: View, { columns, rows }: Size, glyphs: Glyphs = UNICODE): readonly Line[] {
  const wide = columns >= WIDE;
  const keys = keysOf(view, columns);
  const head = [headOf(view, columns), [{ text: view.place, tone: 'dim' as const }]];
  const lamps = lampsOf(view, glyphs);
  const display = wide ? framed(view, lamps, glyphs) : [plainDisplay(view), ...inRows(lamps, columns)];
  const load = loadOf(view, columns, glyphs);
  const frames = framesOf(view);
  const notes = view.notes.slice(-2).map((text): Line => [{ text, tone: 'yellow' }]);
  const fixed: readonly (readonly Line[])[] = [head, display, [load, frames]];
  // A blank line between the parts where there is room for it.
  const least = fixed.flat().length + keys.length;
  const airy = rows >= least + notes.length + FEWEST_EVENTS + 6;
  const top = airy ? fixed.flatMap((part) => [...part, []]) : fixed.flat();
  const room = rows - top.length - keys.length - notes.length - (airy ? 2 : 1);
  const events = room > 0 ? eventsOf(view, room) : [];
  const body = [...top, ...events];
  const space = Math.max(0, rows - keys.length - notes.length - body.length);
  const all = [...body, ...new Array<Line>(space).fill([]), ...notes, ...keys];
  // A terminal that is much too low keeps the display and the keys.
  const lines = all.length <= rows ? all : [...display, ...keys].slice(0, Math.max(0, rows));
  return lines.map((line) => cutTo(line, columns));
}

/** A line without its colours. */
export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

function headOf({ title, face }: View, columns: number): Line {
  const gap = columns - title.length - face.time.length;
  if (gap < 1) return [{ text: title, tone: 'bold' }];
  return [{ text: title, tone: 'bold' }, { text: ' '.repeat(gap) }, { text: face.time }];
}

/** The page that is shown, and which of how many it is. */
function pageOf({ face: { display }, page, held }: View): { readonly item?: DisplayItem; readonly count: string } {
  if (display.length === 0) return { count: '' };
  const at = page % display.length;
  const item = display[at];
  return { ...(item === undefined ? {} : { item }), count: `${held ? 'held ' : ''}${at + 1}/${display.length}` };
}

function framed(view: View, lamps: readonly Line[], { corners, across, down }: Glyphs): Line[] {
  const { item, count } = pageOf(view);
  const digits = item === undefined ? undefined : segments(item.text);
  const unit = item?.unit ?? '';
  const rows = digits !== undefined && digits[0].length + 6 <= DISPLAY_WIDTH ? digits : ['', item?.text ?? '', ''];
  const shown = rows.map((row, i) => `${row} ${(i === 2 ? unit : '').padEnd(5)}`.padStart(DISPLAY_WIDTH - 1));
  const name = item === undefined ? '' : ` ${item.label}`;
  const where = shortName(item?.logicalName);
  const foot = `${name.padEnd(DISPLAY_WIDTH - where.length - count.length - 4)} ${where}  ${count} `;
  const edge = across.repeat(DISPLAY_WIDTH);
  const box = [
    `${corners[0]}${edge}${corners[1]}`,
    ...shown.map((row) => `${down}${row.padEnd(DISPLAY_WIDTH)}${down}`),
    `${down}${foot.padEnd(DISPLAY_WIDTH)}${down}`,
    `${corners[2]}${edge}${corners[3]}`,
  ];
  return box.map((text, i): Line => [{ text }, { text: '   ' }, ...(lamps[i] ?? [])]);
}

function plainDisplay(view: View): Line {
  const { item, count } = pageOf(view);
  if (item === undefined) return [{ text: '[ ]' }];
  return [
    { text: `[ ${item.text}${item.unit === '' ? '' : ` ${item.unit}`} ]`, tone: 'bold' },
    { text: ` ${[item.label, shortName(item.logicalName), count].filter((text) => text !== '').join('  ')}` },
  ];
}

/** An OBIS code without the 255 that all have. */
function shortName(name: string | undefined): string {
  return name?.replace(/\.255$/, '') ?? '';
}

function lampsOf({ face }: View, { on, off }: Glyphs): Line[] {
  const lamp = (name: string, lit: boolean, text: string, tone: Tone): Line => [
    { text: name.padEnd(8) },
    { text: lit ? on : off, tone: lit ? tone : 'dim' },
    { text: ` ${text}` },
  ];
  const { relay, credit, powered, coverOpen, magnet } = face;
  return [
    lamp('power', powered, powered ? 'on' : 'failed', 'green'),
    ...(relay === undefined ? [] : [relayLamp(relay, lamp)]),
    ...(credit === 'none' ? [] : [lamp('credit', powered, ...CREDIT[credit])]),
    lamp('cover', coverOpen, coverOpen ? 'open' : 'closed', 'red'),
    lamp('magnet', magnet, magnet ? 'held' : 'away', 'red'),
  ];
}

function relayLamp(
  { state, closed }: NonNullable<MeterFace['relay']>,
  lamp: (name: string, lit: boolean, text: string, tone: Tone) => Line,
): Line {
  const stuck = closed !== (state === 'connected');
  const words = state === 'ready-for-reconnection' ? 'ready' : closed ? 'closed' : 'open';
  return lamp('relay', closed, stuck ? `stuck ${closed ? 'closed' : 'open'}` : words, stuck ? 'red' : 'green');
}

/** Lamps one beside the other. */
function inRows(lamps: readonly Line[], columns: number): Line[] {
  const each = Math.max(1, Math.floor(columns / LAMPS));
  const rows: Line[] = [];
  for (let i = 0; i < lamps.length; i += each) {
    rows.push(lamps.slice(i, i + each).flatMap((lamp) => padTo(lamp, LAMPS)));
  }
  return rows;
}

function loadOf({ face: { load }, heater }: View, columns: number, { full, empty }: Glyphs): Line {
  const { watts, limit } = load;
  const text = ` ${kilo(watts)} of ${kilo(limit)} kW${heater ? ', heater on' : ''}`;
  const width = Math.max(0, Math.min(40, columns - 8 - text.length));
  const share = limit > 0 ? Math.min(1, Math.abs(watts) / limit) : 0;
  const filled = Math.round(share * width);
  const tone: Tone = share >= 1 ? 'red' : share > 0.8 ? 'yellow' : 'green';
  return [
    { text: 'load    ' },
    { text: full.repeat(filled), tone },
    { text: empty.repeat(width - filled), tone: 'dim' },
    { text: watts < 0 ? `${text}, fed in` : text },
  ];
}

function kilo(watts: number): string {
  return (watts / 1000).toFixed(3);
}

function framesOf({ frames }: View): Line {
  const { received, sent, discarded, reason, lines } = frames;
  const open = `${counted(lines, 'line')} open`;
  return [
    { text: `frames  ${received} in, ${sent} out; ${open}` },
    ...(discarded === 0 ? [] : [{ text: `; ${discarded} discarded: ${reason}`, tone: 'yellow' as const }]),
  ];
}

function eventsOf({ face: { events } }: View, room: number): Line[] {
  return events
    .slice(0, room)
    .map(({ time, code, meaning, kind }, i) => [
      { text: i === 0 ? 'events  ' : '        ' },
      { text: time, tone: 'dim' },
      { text: ` ${String(code).padStart(4)}  ${meaning}${kind === 'event' ? '' : `, ${kind}`}` },
    ]);
}

function keysOf({ face, heater, held }: View, columns: number): Line[] {
  const { relay, powered, coverOpen, magnet } = face;
  const keys: readonly (readonly [key: string, what: string])[] = [
    ['n', 'next page'],
    ['h', held ? 'go on' : 'hold page'],
    ['c', coverOpen ? 'close cover' : 'open cover'],
    ['m', magnet ? 'take magnet away' : 'hold magnet'],
    ['p', powered ? 'cut power' : 'power back'],
    ['l', heater ? 'heater off' : 'heater on'],
    ...(relay === undefined
      ? []
      : ([
          ['b', 'press button'],
          ['r', 'recharge Rs 100'],
        ] as const)),
    ['q', 'quit'],
  ];
  const rows: Span[][] = [[]];
  let width = 0;
  for (const [key, what] of keys) {
    const length = key.length + what.length + 5;
    if (width > 0 && width + length > columns + 2) {
      rows.push([]);
      width = 0;
    }
    width += length;
    rows.at(-1)?.push({ text: ` ${key} `, tone: 'inverse' }, { text: ` ${what}  ` });
  }
  return rows;
}

function padTo(line: Line, width: number): Line {
  const left = width - plainText(line).length;
  return left > 0 ? [...line, { text: ' '.repeat(left) }] : line;
}

function cutTo(line: Line, width: number): Line {
  let left = width;
  const kept: Span[] = [];
  for (const span of line) {
    if (left <= 0) break;
    kept.push(span.text.length <= left ? span : { ...span, text: span.text.slice(0, left) });
    left -= span.text.length;
  }
  return kept;
}
