import { randomInt } from 'node:crypto';
import { styleText } from 'node:util';
import yoctoSpinner, { type Spinner } from 'yocto-spinner';
import { jsonText, visibleText } from '../src/inspect.js';
import { fitted, widthOf } from './fit-table.js';
import { wrapWords } from './format.js';
import type { Io, LogFields } from './io.js';

/** One column of a table for people. */
export interface Column {
  /** Heading of the column; empty for none. */
  readonly title: string;
  /** Alignment: right for numbers, left for words. Default left. */
  readonly align?: 'left' | 'right';
}

/** Anything that goes into a JSON document. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

type Style = Parameters<typeof styleText>[0];

/**
 * Marks our own colours until they are written. Text of a meter cannot contain this number, so its escape sequences are shown instead of
 * obeyed.
 */
const OURS = randomInt(1_000_000, 9_999_999);
const STYLED = new RegExp(`\\u001b\\[(\\d+);${OURS}m`, 'g');

/**
 * Makes text safe as one line for a terminal or a file: of all that a terminal obeys, only our own colours remain. Line feeds become
 * visible.
 */
export function safeLine(text: string): string {
  return betweenColours(text, visibleText, (number) => `\u001b[${number}m`);
}

/** Applies one function to the text between our own colours, and one to the colours. */
function betweenColours(text: string, change: (text: string) => string, colour: (number: string) => string): string {
  let out = '';
  let at = 0;
  for (const match of text.matchAll(STYLED)) {
    out += change(text.slice(at, match.index)) + colour(match[1] as string);
    at = match.index + match[0].length;
  }
  return out + change(text.slice(at));
}

/**
 * Makes lines ready to be written. Everything that this program says goes through here, except screens and questions, which use {@link
 * safeLine}.
 */
function written(lines: readonly string[]): string {
  return lines.map((line) => `${safeLine(line)}\n`).join('');
}

/** Columns that a sentence has at least. */
const LEAST_SENTENCE = 20;
/** Columns of the moving mark in front of progress. */
const SPINNER = 2;
/** Blanks between two columns. */
const GAP = 2;

/** A cell is one line, so that text of a meter cannot add rows. */
function cell(text: string): string {
  return betweenColours(text, visibleText, (number) => `\u001b[${number};${OURS}m`);
}

/** Text between our own colour marks; marks inside the text are not ours. */
function styled(style: Style, text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that styleText writes.
  const codes = styleText(style, '|').replace(/\u001b\[(\d+)m/g, `\u001b[$1;${OURS}m`);
  const [open = '', close = ''] = codes.split('|');
  return open + text + close;
}

/**
 * Where a command's words go. For people: text on stdout, progress and notes on stderr. With `--json`: one document on stdout, and nothing
 * else there.
 */
export class Output {
  /** Whether `--json` was given. */
  readonly json: boolean;
  readonly #io: Io;
  #spinner: Spinner | undefined;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.json = json;
  }

  /** Writes lines for people: each argument is one line, whatever it contains. Not shown with `--json`. */
  line(...lines: readonly string[]): void {
    if (!this.json) this.#print(lines.length === 0 ? [''] : lines);
  }

  /** Writes a heading for people, whatever a meter calls itself: on a terminal in lines that fit. */
  heading(text: string): void {
    for (const line of this.#wrapped(visibleText(text), 0)) this.line(this.style('bold', line));
  }

  /** Writes sentences for people: on a terminal in lines that fit, broken between words, below each other behind `mark`. Not shown with `--json`. */
  text(words: string, mark = ''): void {
    const indent = ' '.repeat(widthOf(mark));
    const lines = this.#wrapped(visibleText(words), indent.length);
    this.line(...lines.map((line, i) => (i === 0 ? mark : indent) + line));
  }

  /** Columns of the terminal that stdout is; without one there is no end to a line. */
  get width(): number {
    const { isTTY, columns } = this.#io.stdout as { isTTY?: boolean; columns?: number };
    return isTTY === true ? (columns ?? 80) : Number.POSITIVE_INFINITY;
  }

  /** An aligned table for people, no wider than the terminal where words can be broken; a heading row only when a column has a title. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): void {
    if (this.json || rows.length === 0) return;
    const head = columns.some(({ title }) => title !== '') ? [columns.map(({ title }) => this.#dim(title))] : [];
    const cells = [...head, ...rows.map((row) => row.map(cell))];
    const flexible = columns.map(({ align }) => align !== 'right');
    const lines = fitted(cells, this.width - indent.length, flexible, GAP).map((row) =>
      row.map((one) => one.split('\n')),
    );
    const widths = columns.map((_, i) => Math.max(0, ...lines.flatMap((row) => (row[i] ?? []).map(widthOf))));
    const shown = (text: string, column: number) => {
      const blanks = ' '.repeat((widths[column] ?? 0) - widthOf(text));
      return columns[column]?.align === 'right' ? blanks + text : text + blanks;
    };
    this.#print(
      lines.flatMap((row) =>
        Array.from({ length: Math.max(...row.map(({ length }) => length)) }, (_, i) =>
          (indent + row.map((cell, column) => shown(cell[i] ?? '', column)).join(' '.repeat(GAP))).trimEnd(),
        ),
      ),
    );
  }

  /** Writes the document of `--json`. Not shown to people. */
  document(document: object): void {
    if (this.json) this.#print(jsonText(document, 2).split('\n'));
  }

  /** Writes a document of `--json` in one line, for commands that continue afterwards. */
  documentLine(document: object): void {
    if (this.json) this.#print([jsonText(document)]);
  }

  /** Writes the content of a file with its own line ends, LF or CR LF: on stdout, also with `--json`. */
  file(text: string): void {
    const lines = text.split('\n').map((line) => safeLine(line.replace(/\r$/, '')) + (line.endsWith('\r') ? '\r' : ''));
    this.#pause(() => this.#io.stdout.write(lines.join('\n')));
  }

  /** Writes a note on stderr, always; each argument is a line. */
  note(...lines: readonly string[]): void {
    this.#pause(() => this.#io.stderr.write(written(lines)));
  }

  /** Adds a line to the log of the run, where there is one (`--log`). Nothing secret or personal may be in it. */
  logged(event: string, fields: LogFields): void {
    this.#io.log?.add(event, fields);
  }

  /** Writes a sentence on stderr, always: on a terminal in lines that fit, broken between words, below each other behind `mark`. */
  sentence(mark: string, words: string): void {
    const { isTTY, columns } = this.#io.stderr as { isTTY?: boolean; columns?: number };
    const width = isTTY === true ? Math.max((columns ?? 80) - mark.length, LEAST_SENTENCE) : Number.POSITIVE_INFINITY;
    const [first = '', ...more] = wrapWords(visibleText(words), width).split('\n');
    this.note(mark + first, ...more.map((line) => ' '.repeat(mark.length) + line));
  }

  /** Shows progress: a line on stderr that replaces itself, on a terminal only. */
  progress(text: string): void {
    if (!this.#io.stderr.isTTY) return;
    const { columns = 80 } = this.#io.stderr as { columns?: number };
    const shown = wrapWords(visibleText(text), Math.max(columns - SPINNER, LEAST_SENTENCE));
    this.#spinner ??= yoctoSpinner({ text: shown, stream: this.#io.stderr, handleSignals: false }).start();
    this.#spinner.text = shown;
  }

  /** Removes the progress line. */
  endProgress(): void {
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  /** Colours a text, on a terminal that supports it. */
  style(style: Style, text: string): string {
    const { stdout, env } = this.#io;
    return stdout.isTTY && !env.NO_COLOR && env.TERM !== 'dumb' ? styled(style, text) : text;
  }

  /** Line by line, so that a colour does not continue in neighbouring columns. */
  #dim(title: string): string {
    return title
      .split('\n')
      .map((line) => this.style('dim', line))
      .join('\n');
  }

  #wrapped(text: string, indent: number): string[] {
    return wrapWords(text, Math.max(this.width - indent, LEAST_SENTENCE)).split('\n');
  }

  #print(lines: readonly string[]): void {
    this.#pause(() => this.#io.stdout.write(written(lines)));
  }

  #pause(write: () => void): void {
    const text = this.#spinner?.text;
    this.endProgress();
    write();
    if (text !== undefined) this.progress(text);
  }
}
