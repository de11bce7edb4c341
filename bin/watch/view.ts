/** Where usage is shown as it changes: a screen, lines, a page. */

import type { Usage } from '../../src/index.js';
import type { Run } from '../command.js';
import { languageOf } from '../language.js';
import { Output } from '../output.js';
import { type Console, Terminal } from '../simulate/ui/terminal.js';
import { usageJson, usageLines } from './show.js';
import { WORDS } from './words.js';

/** What follows a meter. */
export interface View {
  update(usage: Usage): void;
  /** The meter does not answer: what is shown is old. Said once until the next update. */
  away(): void;
  close(): void | Promise<void>;
}

/** Keeps notes and progress to itself while a screen has the terminal. */
export class HushedOutput extends Output {
  hushed = false;

  override note(...lines: readonly string[]): void {
    if (!this.hushed) super.note(...lines);
  }

  override progress(text: string): void {
    if (!this.hushed) super.progress(text);
  }
}

/** Shows usage once. @param whole whether it is the one document of `--json`, or one of many. */
export function showUsage({ io, output }: Run, usage: Usage, whole: boolean): void {
  const document = { command: 'watch', ...usageJson(usage) };
  if (whole) output.document(document);
  else output.documentLine(document);
  const { columns = 100 } = io.stdout as Console['stdout'];
  for (const line of usageLines(usage, columns, (style, text) => output.style(style, text), languageOf(io))) {
    output.line(line);
  }
}

/** Each refresh below the one before. */
export class LinesView implements View {
  readonly #run: Run;
  #away = false;

  constructor(run: Run, first: Usage) {
    this.#run = run;
    showUsage(run, first, false);
  }

  update(usage: Usage): void {
    this.#away = false;
    this.#run.output.line();
    showUsage(this.#run, usage, false);
  }

  away(): void {
    if (this.#away) return;
    this.#away = true;
    const { io, output } = this.#run;
    output.documentLine({ event: 'away' });
    output.note(WORDS[languageOf(io)].lost);
  }

  close(): void {}
}

/** The whole terminal. */
export class ScreenView implements View {
  readonly #run: Run & { readonly output: HushedOutput };
  readonly #interval: number;
  readonly #terminal: Terminal;
  #latest: Usage;
  #away = false;

  /**
   * @param interval between two refreshes, in milliseconds.
   * @param end called when a person ends it here.
   */
  constructor(run: Run & { readonly output: HushedOutput }, first: Usage, interval: number, end: () => void) {
    this.#run = run;
    this.#latest = first;
    this.#interval = interval;
    const { stdin, stdout } = run.io;
    this.#terminal = new Terminal({ stdin, stdout } as Console, {
      // In raw mode Ctrl-C is a key like any other.
      key: (key) => {
        if (key === 'q' || key === '\u0003') end();
      },
      redraw: () => this.#draw(),
    });
    run.output.endProgress();
    run.output.hushed = true;
    this.#terminal.open();
  }

  update(usage: Usage): void {
    this.#latest = usage;
    this.#away = false;
    this.#draw();
  }

  away(): void {
    this.#away = true;
    this.#draw();
  }

  close(): void {
    this.#terminal.close();
    this.#run.output.hushed = false;
    // The last values stay on the terminal.
    showUsage(this.#run, this.#latest, false);
  }

  #draw(): void {
    const { io, output } = this.#run;
    const words = WORDS[languageOf(io)];
    const { columns, rows } = this.#terminal.size;
    const head = this.#away ? [output.style('red', words.lost), ''] : [];
    const room = Math.max(0, rows - 2 - head.length);
    const lines = usageLines(this.#latest, columns, (style, text) => output.style(style, text), languageOf(io), room);
    const foot = output.style('dim', words.every(this.#interval / 1000));
    this.#terminal.show([...head, ...lines.slice(0, room), '', foot]);
  }
}
