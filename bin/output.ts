import { randomInt } from 'node:crypto';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import yoctoSpinner, { type Spinner } from 'yocto-spinner';
import { jsonText, visibleText } from '../src/inspect.js';
import type { Io } from './io.js';

/** One column of a table for people. */
export interface Column {
  readonly title: string;
  /** Numbers stand right, words left. Left unless told. */
  readonly align?: 'left' | 'right';
}

/** Anything that goes into a JSON document. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

type Style = Parameters<typeof styleText>[0];

/**
 * Marks the colours that are ours, until they are written: text of a meter cannot hold this number, so its own escape sequences are shown, not
 * obeyed.
 */
const OURS = randomInt(1_000_000, 9_999_999);
const STYLED = new RegExp(`\\u001b\\[(\\d+);${OURS}m`, 'g');

/** What may go to a terminal or a file as one line: of all that a terminal obeys only our own colours. Line feeds within it are none of ours. */
export function safeLine(text: string): string {
  return betweenColours(text, visibleText, (number) => `\u001b[${number}m`);
}

/** Changes what stands between our own colours, and these. */
function betweenColours(text: string, change: (text: string) => string, colour: (number: string) => string): string {
  let out = '';
  let at = 0;
  for (const match of text.matchAll(STYLED)) {
    out += change(text.slice(at, match.index)) + colour(match[1] as string);
    at = match.index + match[0].length;
  }
  return out + change(text.slice(at));
}

/** Lines as they are written: all that this program says goes through here, screens and questions excepted, which use {@link safeLine}. */
function written(lines: readonly string[]): string {
  return lines.map((line) => `${safeLine(line)}\n`).join('');
}

/** Tables without frames: columns aligned, two blanks between them. */
const NO_FRAME = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** A cell of a row is one line: what a meter sent makes no rows of ours. */
function cell(text: string): string {
  return betweenColours(text, visibleText, (number) => `\u001b[${number};${OURS}m`);
}

/** Text between our own marks of a colour; what the text holds itself is no mark. */
function styled(style: Style, text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that styleText writes.
  const codes = styleText(style, '|').replace(/\u001b\[(\d+)m/g, `\u001b[$1;${OURS}m`);
  const [open = '', close = ''] = codes.split('|');
  return open + text + close;
}

/**
 * Where a command's words go. For people: text on stdout, progress and notes on stderr. With `--json`: one document on stdout, nothing
 * else there.
 */
export class Output {
  readonly json: boolean;
  readonly #io: Io;
  #spinner: Spinner | undefined;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.json = json;
  }

  /** A line for people, or several: each argument is one, whatever stands in it. Not shown with `--json`. */
  line(...lines: readonly string[]): void {
    if (!this.json) this.#print(lines.length === 0 ? [''] : lines);
  }

  /** A heading for people, in one line whatever a meter calls itself. */
  heading(text: string): void {
    this.line(this.style('bold', visibleText(text)));
  }

  /** Columns of the terminal that stdout is; without one there is no end to a line. */
  get width(): number {
    const { isTTY, columns } = this.#io.stdout as { isTTY?: boolean; columns?: number };
    return isTTY === true ? (columns ?? 80) : Number.POSITIVE_INFINITY;
  }

  /** An aligned table for people; a heading row only when a column has a title. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): void {
    if (this.json || rows.length === 0) return;
    const head = columns.some(({ title }) => title !== '') ? columns.map(({ title }) => this.#dim(title)) : [];
    const table = new Table({
      head,
      chars: NO_FRAME,
      colAligns: columns.map(({ align }) => align ?? 'left'),
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    });
    table.push(...rows.map((row) => row.map(cell)));
    this.#print(
      table
        .toString()
        .split('\n')
        .map((line) => (indent + line).trimEnd()),
    );
  }

  /** The one document of `--json`. Not shown to people. */
  document(document: object): void {
    if (this.json) this.#print(jsonText(document, 2).split('\n'));
  }

  /** The document of `--json` in one line, for commands that go on afterwards. */
  documentLine(document: object): void {
    if (this.json) this.#print([jsonText(document)]);
  }

  /** A text in place of a file, with its own ends of lines, LF or CR LF: on stdout, also with `--json`. */
  file(text: string): void {
    const lines = text.split('\n').map((line) => safeLine(line.replace(/\r$/, '')) + (line.endsWith('\r') ? '\r' : ''));
    this.#pause(() => this.#io.stdout.write(lines.join('\n')));
  }

  /** A remark on stderr, shown always; each argument is a line. */
  note(...lines: readonly string[]): void {
    this.#pause(() => this.#io.stderr.write(written(lines)));
  }

  /** A line on stderr that replaces itself, on a terminal only. */
  progress(text: string): void {
    if (!this.#io.stderr.isTTY) return;
    this.#spinner ??= yoctoSpinner({ text: visibleText(text), stream: this.#io.stderr, handleSignals: false }).start();
    this.#spinner.text = visibleText(text);
  }

  /** Takes the progress line away. */
  endProgress(): void {
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  /** Colour, on a terminal that wants it. */
  style(style: Style, text: string): string {
    const { stdout, env } = this.#io;
    return stdout.isTTY && !env.NO_COLOR && env.TERM !== 'dumb' ? styled(style, text) : text;
  }

  /** Line by line: a colour does not go on through the neighbouring columns. */
  #dim(title: string): string {
    return title
      .split('\n')
      .map((line) => this.style('dim', line))
      .join('\n');
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
