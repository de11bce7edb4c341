/** Usage as text on a terminal, and as a document. */

import type { CosemDateTime, Decimal, Usage } from '../../src/index.js';
import { dateText, type Language, visibleText } from '../../src/inspect.js';
import { alignNumbers, columnsOf, padded, wrapWords } from '../format.js';
import type { Json } from '../output.js';
import { basisText, WORDS } from './words.js';

/** Marks text: bold, dim, a colour. */
export type Marked = (style: 'bold' | 'dim' | 'cyan' | 'red', text: string) => string;

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Columns of the short name of a day, in each language. */
const DAY_COLUMNS = 5;
/** Columns that a remark beside a value has at least. */
const LEAST_NOTE = 12;

/** Lines of at most `width` columns, as far as there is room for words. @param height how many lines there is room for; all where left out. */
export function usageLines(
  usage: Usage,
  width: number,
  mark: Marked,
  language: Language = 'en',
  height?: number,
): string[] {
  const words = WORDS[language];
  const { today, month, account, daysLeft } = usage;
  const lines = [
    `${mark('bold', `${words.meter} ${visibleText(usage.serial ?? '')}`.trimEnd())}  ${timeText(usage.time)}`,
    '',
  ];
  if (usage.connected === false) lines.push(mark('red', words.supplyOff), '');
  const rows: [string, string, string][] = [
    [words.now, usage.power === undefined ? words.unknown : `${inKilo(usage.power)} kW`, phasesText(usage)],
    [words.today, today === undefined ? words.unknown : `${inKilo(today.energy)} kWh`, ''],
    [words.month, month === undefined ? words.unknown : `${inKilo(month.energy)} kWh`, sinceText(usage, language)],
  ];
  if (account?.balance !== undefined) {
    const counted = account.balanceTime === undefined ? '' : `${words.counted} ${timeText(account.balanceTime)}`;
    rows.push([words.balance, `₹ ${account.balance}`, counted]);
  }
  if (daysLeft.days !== undefined || daysLeft.reason !== 'not-prepaid') {
    const days = daysLeft.days === undefined ? words.unknown : words.lasts(String(daysLeft.days));
    rows.push([words.daysLeft, days, basisText(daysLeft, language)]);
  }
  const label = Math.max(...rows.map(([text]) => columnsOf(text)));
  const value = Math.max(...rows.map(([, text]) => columnsOf(text)));
  for (const [name, text, note] of rows) {
    const begin = `${padded(name, label)}  `;
    const room = Math.max(LEAST_NOTE, width - label - value - 4);
    const [shown = '', ...more] = wrapWords(note, room).split('\n');
    lines.push(`${begin}${mark('bold', padded(text, value))}  ${mark('dim', shown)}`.trimEnd());
    for (const rest of more) lines.push(`${' '.repeat(label + value + 4)}${mark('dim', rest)}`);
  }
  lines.push('', mark('bold', `${words.days}, kWh`));
  // Where there is no room for all days, the last ones are told, today above all.
  const room = height === undefined ? undefined : Math.max(1, height - lines.length);
  const days = bars(usage, width, mark, language);
  lines.push(...(room === undefined ? days : days.slice(-room)));
  return lines;
}

function bars({ days, today, time }: Usage, width: number, mark: Marked, language: Language): string[] {
  const all = [...days, { date: time.toText().slice(0, 10), energy: today?.energy }];
  const most = Math.max(1, ...all.map(({ energy }) => energy?.toNumber() ?? 0));
  const numbers = alignNumbers(all.map(({ energy }) => (energy === undefined ? '–' : inKilo(energy))));
  const wide = Math.max(...numbers.map((text) => text.length));
  const room = Math.max(5, Math.min(50, width - wide - 20));
  return all.map(({ date, energy }, i) => {
    const eighths = Math.round(((energy?.toNumber() ?? 0) / most) * room * 8);
    const bar = '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] as string);
    const name = i === all.length - 1 ? WORDS[language].todayShort : weekday(date, language);
    return `  ${dateText(date).slice(0, 5)} ${padded(name, DAY_COLUMNS)}  ${(numbers[i] as string).padStart(wide)}  ${mark('cyan', bar)}`.trimEnd();
  });
}

export function weekday(date: string, language: Language = 'en'): string {
  return new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
}

/** From when the month counts, where that is not its first day. */
export function sinceText({ month }: Usage, language: Language): string {
  if (month === undefined || month.since.endsWith('-01')) return '';
  const { since } = WORDS[language];
  const day = dateText(month.since);
  return language === 'hi' ? `${day} ${since}` : `${since} ${day}`;
}

export function phasesText({ phases }: Usage): string {
  return phases
    .map(({ phase, voltage, current }) => {
      const parts = [voltage === undefined ? '' : `${voltage} V`, current === undefined ? '' : `${current} A`];
      return `${phase} ${parts.filter((part) => part !== '').join(', ')}`.trim();
    })
    .join('   ');
}

/** `23-11-2026 14:05:00`, without hundredths and offset. */
export function timeText(time: CosemDateTime): string {
  return dateText(time.toText().slice(0, 19));
}

/** Wh as kWh: exact, without trailing zeros. */
export function inKilo(value: Decimal): string {
  const text = value.shift(-3).toString();
  return text.includes('.') ? text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') : text;
}

/** What programs get: numbers as decimal text in the units of the names, times of the meter. */
export function usageJson(usage: Usage): { readonly [key: string]: Json } {
  const { account, daysLeft, today, month } = usage;
  const text = (value: { toString(): string } | undefined) => value?.toString() ?? null;
  return {
    time: usage.time.toText(),
    serial: usage.serial ?? null,
    connected: usage.connected ?? null,
    powerW: text(usage.power),
    phases: usage.phases.map(({ phase, voltage, current }) => ({
      phase,
      voltageV: text(voltage),
      currentA: text(current),
    })),
    totalWh: text(usage.total),
    todayWh: text(today?.energy),
    monthWh: text(month?.energy),
    monthSince: month?.since ?? null,
    days: usage.days.map(({ date, energy }) => ({ date, energyWh: text(energy) })),
    blocks: usage.blocks.map(({ end, energy }) => ({ end: end.toText(), energyWh: text(energy) })),
    account:
      account === undefined
        ? null
        : {
            prepaid: account.prepaid,
            balanceINR: text(account.balance),
            balanceTime: account.balanceTime?.toText() ?? null,
            lastRechargeINR: text(account.lastRecharge?.amount),
            lastRechargeTime: account.lastRecharge?.time.toText() ?? null,
          },
    daysLeft:
      daysLeft.days === undefined
        ? { days: null, reason: daysLeft.reason }
        : { days: text(daysLeft.days), perDayINR: text(daysLeft.perDay), basis: basisJson(daysLeft.basis) },
  };
}

function basisJson(basis: Extract<Usage['daysLeft'], { perDay: Decimal }>['basis']): Json {
  if (basis.type === 'price') return { type: basis.type, priceINR: basis.price.toString(), wholeDays: basis.wholeDays };
  return { type: basis.type, spentINR: basis.spent.toString(), from: basis.from.toText(), to: basis.to.toText() };
}
