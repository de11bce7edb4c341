/** The end of a log for a support file. A log is a file that anybody may have changed: of each line only what `RunLog` writes is taken. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ANNOUNCED } from '../announced.js';
import { MASK } from '../masked-words.js';
import type { Json } from '../output.js';

/** Octets of the end that are looked at, and lines of it that are taken. */
const TAIL = 256 * 1024;
const MOST_LINES = 300;

/** What a field must look like to be taken; what does not is left out. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/,
  event: /^(began|ended|failed|refused|frames|(meter|call)\.[a-z-]{1,20})$/,
  level: /^(debug|info|warn|error)$/,
  cosem: /^\d+\.\d+\.\d+$/,
  node: /^\d+\.\d+\.\d+$/,
  system: /^(linux|win32|darwin) [a-z0-9]{1,10} \d[\w.-]{0,40}$/,
  line: /^((serial|tcp|udp) )?(\/dev\/[\w./-]{1,80}|COM\d{1,3}|\d+\.\d+\.\d+\.\d+:\d+)$/,
  framing: /^(hdlc|mode-e|wrapper[a-z-]*)$/,
  code: /^[a-z][a-z-]{1,40}$/,
  reason: /^(commander\.[a-zA-Z]{1,40}|[a-z][a-z-]{1,40})$/,
  cause: /^[a-z][a-z0-9-]{1,40}$/,
  stage: /^[a-z]{1,20}$/,
  step: /^[a-z][a-z-]{1,20}$/,
  weight: /^[a-z]{1,12}$/,
};
const NUMBERS: ReadonlySet<string> = new Set([
  ...['run', 'client', 'duration', 'lost', 'attempts', 'exit', 'seconds'],
  ...['sent', 'sentOctets', 'received', 'receivedOctets'],
]);
/** Words of a command line that are taken: commands, names of options, short numbers, objects. */
const WORD = /^(\*\*\*|cosem|energy|balance|relay|clock|nameplate|instant|all|\d{1,5}|(\d+:)?\d+(\.\d+){5}(:\d+)?)$/;
const OPTION = /^(--?[a-z][a-z-]{0,30})(=.*)?$/;

export interface LogTail {
  /** Octets of the file. */
  readonly octets: number;
  /** Its last lines, oldest first. */
  readonly lines: readonly Readonly<Record<string, Json>>[];
  /** Lines among these that are not of a log of cosem; they are left out. */
  readonly others: number;
}

/** @throws what the file system throws. */
export function tailOf(file: string): LogTail {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const octets = Buffer.alloc(Math.min(size, TAIL));
    const read = readSync(handle, octets, 0, octets.length, size - octets.length);
    const texts = octets.toString('utf8', 0, read).split('\n');
    // The first may be the end of a line.
    const whole = size > TAIL ? texts.slice(1) : texts;
    const written = whole.filter((text) => text !== '').slice(-MOST_LINES);
    const lines = written.map(lineOf).filter((line) => line !== undefined);
    return { octets: size, lines, others: written.length - lines.length };
  } finally {
    closeSync(handle);
  }
}

function lineOf(text: string): Record<string, Json> | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const line = Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const taken = fieldOf(name, value);
      return taken === undefined ? [] : [[name, taken]];
    }),
  );
  return line.time === undefined || line.event === undefined ? undefined : line;
}

function fieldOf(name: string, value: unknown): Json | undefined {
  if (typeof value === 'number') return NUMBERS.has(name) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (name === 'command') return value.split(' ').map(wordOf).join(' ');
  return Object.hasOwn(FIELDS, name) && FIELDS[name]?.test(value) ? value : undefined;
}

function wordOf(word: string): string {
  if (WORD.test(word) || Object.hasOwn(ANNOUNCED, word)) return word;
  const [, option, value] = OPTION.exec(word) ?? [];
  if (option === undefined) return MASK;
  return value === undefined ? option : `${option}=${MASK}`;
}

/** How often each cause or code of a failure is in these lines, and when last; the most frequent first. */
export function causesIn(lines: LogTail['lines']): Json[] {
  const seen = new Map<string, { cause: Json; times: number; last: Json }>();
  for (const { event, cause, code, time = null } of lines) {
    const name = cause ?? code;
    if ((event !== 'failed' && event !== 'refused') || typeof name !== 'string') continue;
    const { times } = seen.get(name) ?? { times: 0 };
    seen.set(name, { cause: name, times: times + 1, last: time });
  }
  return [...seen.values()].sort((a, b) => b.times - a.times);
}
