/** A terminal used as a screen: it reads single keys, writes lines in place, and restores everything afterwards. */

import type { Io } from '../../io.js';
import { safeLine } from '../../output.js';

/** What a screen needs of standard input and output. */
export interface Console {
  readonly stdin: Io['stdin'] & { setRawMode?(raw: boolean): unknown };
  readonly stdout: Io['stdout'] & { readonly columns?: number; readonly rows?: number };
}

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J';
/** Colours off, cursor on, the other screen back. */
const LEAVE = '\u001b[0m\u001b[?25h\u001b[?1049l';
const CLEAR_REST = '\u001b[K';
const SUSPEND = '\u001a';

/** What `Terminal` calls. */
export interface TerminalHandler {
  key(key: string): void;
  /** The size changed, or the screen came back. */
  redraw(): void;
}

export class Terminal {
  readonly #console: Console;
  readonly #handler: TerminalHandler;
  /** What stands on the screen. */
  #shown: readonly string[] = [];
  #open = false;
  readonly #onData = (chunk: Buffer | string) => this.#hear(String(chunk));
  readonly #onResize = () => this.#renew();
  readonly #restore = () => this.close();
  readonly #onContinue = () => this.#enter();

  constructor(console: Console, handler: TerminalHandler) {
    this.#console = console;
    this.#handler = handler;
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns = 80, rows = 24 } = this.#console.stdout;
    return { columns, rows };
  }

  open(): void {
    // The terminal is restored however this process ends, also by an exception.
    process.on('exit', this.#restore);
    process.on('uncaughtExceptionMonitor', this.#restore);
    process.on('SIGCONT', this.#onContinue);
    this.#enter();
  }

  close(): void {
    process.off('exit', this.#restore);
    process.off('uncaughtExceptionMonitor', this.#restore);
    process.off('SIGCONT', this.#onContinue);
    this.#leave();
  }

  /** Puts lines on the screen; only those that have changed are written, and nothing in them is obeyed but our own colours. */
  show(lines: readonly string[]): void {
    if (!this.#open) return;
    let text = '';
    for (let row = 0; row < Math.max(lines.length, this.#shown.length); row++) {
      const line = lines[row] ?? '';
      if (line !== this.#shown[row]) text += `\u001b[${row + 1};1H${safeLine(line)}${CLEAR_REST}`;
    }
    this.#shown = lines;
    if (text !== '') this.#console.stdout.write(text);
  }

  #enter(): void {
    if (this.#open) return;
    this.#open = true;
    const { stdin, stdout } = this.#console;
    stdout.write(ENTER);
    stdin.setRawMode?.(true);
    stdin.on('data', this.#onData);
    stdin.resume();
    stdout.on('resize', this.#onResize);
    this.#renew();
  }

  #leave(): void {
    if (!this.#open) return;
    this.#open = false;
    const { stdin, stdout } = this.#console;
    stdin.off('data', this.#onData);
    stdin.setRawMode?.(false);
    stdin.pause();
    stdout.off('resize', this.#onResize);
    stdout.write(LEAVE);
  }

  #renew(): void {
    this.#shown = [];
    this.#console.stdout.write('\u001b[2J');
    this.#handler.redraw();
  }

  #hear(text: string): void {
    // Arrows and their like begin with ESC: none of them is a key here.
    if (text.startsWith('\u001b')) return;
    for (const key of text) {
      if (key === SUSPEND) this.#suspend();
      else this.#handler.key(key);
    }
  }

  /** Ctrl-Z: the shell has the terminal until `fg`. The meter is stopped until then. */
  #suspend(): void {
    this.#leave();
    process.kill(process.pid, 'SIGTSTP');
  }
}
