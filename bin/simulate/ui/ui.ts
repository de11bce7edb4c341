/** `cosem simulate --ui`: the meter's display in the terminal, and keys to operate it. */

import { Writable } from 'node:stream';
import type { VirtualMeter } from '../../../simulator/index.js';
import type { Run } from '../../command.js';
import { UsageError } from '../../failure.js';
import { Output } from '../../output.js';
import type { SimulatedMeter } from '../../simulated.js';
import type { FrameCounts } from './frames.js';
import { type Console, Terminal } from './terminal.js';
import { ASCII, type Glyphs, type Line, linesOf, UNICODE, type View } from './view.js';

/** Real milliseconds between two refreshes, and how many refreshes a page of the display stays. */
const REFRESH = 500;
const LOOKS_A_PAGE = 4;
const HEATER = 2000;
const RECHARGE = 10_000;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const NOTES = 2;

/** What the screen shows beside the meter itself. */
export interface Surroundings {
  readonly title: string;
  readonly place: string;
  readonly frames: FrameCounts;
  /** What is said meanwhile: {@link silenced}. */
  readonly notes: readonly string[];
}

/**
 * Whether there can be a screen.
 * @throws UsageError where there can be none.
 */
export function checkScreen({ io, options }: Run): void {
  for (const [name, why] of [
    ['json', 'a person does not read it'],
    ['fleet', 'it is the face of one meter'],
    ['template', 'a recorded meter has no face'],
  ] as const) {
    if (options[name] !== undefined)
      throw new UsageError(`--ui does not go with --${name}: ${why}`, 'leave one of them out');
  }
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true) {
    throw new UsageError(
      '--ui needs a terminal',
      'run it in one, with neither input nor output redirected, or leave --ui out',
    );
  }
}

/** The run, with its output kept for the screen. */
export function silenced(run: Run): { readonly run: Run; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const sink = (keep: (text: string) => void) =>
    new Writable({
      write(chunk, _encoding, done) {
        keep(String(chunk));
        done();
      },
    });
  const stderr = sink((text) => {
    notes.push(...text.trimEnd().split('\n'));
    notes.splice(0, Math.max(0, notes.length - NOTES));
  });
  // Lines for the time before the screen are dropped: the screen shows the same.
  const io = { ...run.io, stdout: sink(() => {}), stderr };
  return { run: { ...run, io, output: new Output(io, false) }, notes };
}

export function isVirtual(meter: SimulatedMeter): meter is VirtualMeter {
  return !('template' in meter);
}

/** Shows the meter until somebody quits or the signal is given. */
export async function showFace(
  run: Run,
  meter: VirtualMeter,
  around: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  const face = new Face(run, meter, around);
  await face.shown(signal);
}

class Face {
  readonly #run: Run;
  readonly #meter: VirtualMeter;
  readonly #around: Surroundings;
  readonly #glyphs: Glyphs;
  readonly #terminal: Terminal;
  #looks = 0;
  #page = 0;
  #held = false;
  #heater = false;
  #quit: () => void = () => {};

  constructor(run: Run, meter: VirtualMeter, around: Surroundings) {
    this.#run = run;
    this.#meter = meter;
    this.#around = around;
    this.#glyphs = isUnicode(run.io.env) ? UNICODE : ASCII;
    this.#terminal = new Terminal(run.io as Console, { key: (key) => this.#key(key), redraw: () => this.#draw() });
  }

  async shown(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const ended = new Promise<void>((resolve) => {
      this.#quit = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    let timer: NodeJS.Timeout | undefined;
    try {
      this.#terminal.open();
      const failed = new Promise<never>((_, reject) => {
        timer = setInterval(() => {
          try {
            this.#look();
          } catch (error) {
            reject(error);
          }
        }, REFRESH);
      });
      await Promise.race([ended, failed]);
    } finally {
      clearInterval(timer);
      this.#terminal.close();
    }
  }

  #look(): void {
    this.#looks++;
    if (this.#looks % LOOKS_A_PAGE === 0 && !this.#held) this.#page++;
    this.#draw();
  }

  #draw(): void {
    const { title, place, frames, notes } = this.#around;
    const view: View = {
      title,
      place,
      face: this.#meter.face(),
      page: this.#page,
      held: this.#held,
      heater: this.#heater,
      frames,
      notes,
    };
    this.#terminal.show(linesOf(view, this.#terminal.size, this.#glyphs).map((line) => this.#painted(line)));
  }

  #painted(line: Line): string {
    return line.map(({ text, tone }) => (tone === undefined ? text : this.#run.output.style(tone, text))).join('');
  }

  #key(key: string): void {
    const { controls } = this.#meter;
    const { coverOpen, magnet, powered, relay } = this.#meter.face();
    switch (key.toLowerCase()) {
      case 'q':
      case CTRL_C:
      case CTRL_D:
        this.#quit();
        return;
      case 'n':
      case ' ':
        this.#page++;
        this.#looks = 0;
        break;
      case 'h':
        this.#held = !this.#held;
        break;
      case 'c':
        controls.cover(!coverOpen);
        break;
      case 'm':
        controls.magnet(!magnet);
        break;
      case 'p':
        controls.power(!powered);
        break;
      case 'l':
        this.#heater = !this.#heater;
        controls.appliance('heater', this.#heater ? HEATER : 0, undefined);
        break;
      case 'b':
        if (relay !== undefined) this.#meter.pressButton();
        break;
      case 'r':
        if (relay !== undefined) controls.recharge(RECHARGE);
        break;
      default:
        return;
    }
    this.#draw();
  }
}

/** Whether the terminal's locale says that it knows Unicode. */
function isUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: Run['io']['env']): boolean {
  return TERM !== 'linux' && /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
