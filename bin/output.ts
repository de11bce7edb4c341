import { styleText } from 'node:util';
import Table from 'cli-table3';
import yoctoSpinner, { type Spinner } from 'yocto-spinner';
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

  /** A line for people. Not shown with `--json`. */
  line(text = ''): void {
    if (!this.json) this.#print(text);
  }

  /** A heading for people. */
  heading(text: string): void {
    this.line(this.style('bold', text));
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
    table.push(...rows.map((row) => [...row]));
    for (const line of table.toString().split('\n')) this.#print((indent + line).trimEnd());
  }

  /** The one document of `--json`. Not shown to people. */
  document(document: object): void {
    if (this.json) this.#print(JSON.stringify(document, undefined, 2));
  }

  /** The document of `--json` in one line, for commands that go on afterwards. */
  documentLine(document: object): void {
    if (this.json) this.#print(JSON.stringify(document));
  }

  /** A remark on stderr, shown always. */
  note(text: string): void {
    this.#pause(() => this.#io.stderr.write(`${text}\n`));
  }

  /** A line on stderr that replaces itself, on a terminal only. */
  progress(text: string): void {
    if (!this.#io.stderr.isTTY) return;
    this.#spinner ??= yoctoSpinner({ text, stream: this.#io.stderr, handleSignals: false }).start();
    this.#spinner.text = text;
  }

  /** Takes the progress line away. */
  endProgress(): void {
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  /** Colour, on a terminal that wants it. */
  style(style: Style, text: string): string {
    const { stdout, env } = this.#io;
    return stdout.isTTY && !env.NO_COLOR && env.TERM !== 'dumb' ? styleText(style, text) : text;
  }

  /** Line by line: a colour does not go on through the neighbouring columns. */
  #dim(title: string): string {
    return title
      .split('\n')
      .map((line) => this.style('dim', line))
      .join('\n');
  }

  #print(text: string): void {
    this.#pause(() => this.#io.stdout.write(`${text}\n`));
  }

  #pause(write: () => void): void {
    const text = this.#spinner?.text;
    this.endProgress();
    write();
    if (text !== undefined) this.progress(text);
  }
}
