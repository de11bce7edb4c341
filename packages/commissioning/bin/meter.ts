import {
  type ConnectionSettings,
  causeFound,
  causeKnown,
  languageOf,
  lineTo,
  type MeterOnLine,
  type Run,
  speak,
  type Trying,
  withMeterOn,
} from 'cosem/command';
import { wordProgress } from 'cosem/inspect';
import {
  ClientMeterPort,
  type Language,
  type MeterPort,
  type MeterProfileName,
  OnDemandMeterPort,
  type RefusalCause,
  say,
} from '../src/index.js';
import type { MeterSource } from './guide.js';

interface Held {
  readonly port: MeterPort;
  release(): Promise<void>;
}

/** The meter at the other end of the settings, kept open from one step to the next. */
export class HeldMeter implements MeterSource {
  readonly port: MeterPort = new OnDemandMeterPort(
    async () => (await this.#hold()).port,
    (error, mayAsk) => this.#causeOf(error, mayAsk),
  );
  readonly #run: Run;
  readonly #settings: ConnectionSettings;
  readonly #profile: MeterProfileName;
  readonly #stop = new AbortController();
  readonly #onWait: () => void;
  readonly #onTrying: Trying | undefined;
  /** Notes an error of the meter that is or was held. */
  #note: (error: unknown) => void = () => {};
  /** Whether the meter was open with these settings: then they are right, and no others are looked for. */
  #proven = false;
  #held: Promise<Held> | undefined;
  #shields = 0;

  /**
   * @param onWait told when an interruption has to wait.
   * @param onTrying told what is tried to find out why there is no meter.
   */
  constructor(
    run: Run,
    settings: ConnectionSettings,
    profile: MeterProfileName,
    onWait: () => void,
    onTrying?: Trying,
  ) {
    this.#run = { ...run, io: { ...ioOf(run), signal: this.#stop.signal } };
    speak(this.#run.io, languageOf(run.io));
    this.#settings = settings;
    this.#profile = profile;
    this.#onWait = onWait;
    this.#onTrying = onTrying;
    const { signal } = run.io;
    const interrupted = () => {
      if (this.#shields > 0) this.#onWait();
      else this.#stop.abort(signal.reason);
    };
    if (signal.aborted) interrupted();
    else signal.addEventListener('abort', interrupted, { once: true });
  }

  async release(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    try {
      await (await held).release();
    } catch {
      // It could not be opened, or is gone: the step has said so.
    }
  }

  async shielded<T>(work: () => Promise<T>): Promise<T> {
    this.#shields++;
    try {
      return await work();
    } finally {
      this.#shields--;
    }
  }

  #hold(): Promise<Held> {
    this.#held ??= this.#open();
    return this.#held;
  }

  async #causeOf(error: unknown, mayAsk: boolean): Promise<RefusalCause | undefined> {
    this.#note(error);
    const found = mayAsk && !this.#proven ? await causeFound(error, this.#onTrying) : causeKnown(error);
    return found && { id: found.id, facts: found.facts };
  }

  #open(): Promise<Held> {
    const connect = () => lineTo(this.#settings, this.#run.io);
    return new Promise((resolve, reject) => {
      const held = ({ meter, note }: MeterOnLine) => {
        this.#proven = true;
        this.#note = note;
        return new Promise<void>((letGo) => {
          const release = () => {
            letGo();
            return work;
          };
          resolve({ port: new ClientMeterPort(meter, this.#profile), release });
        });
      };
      const work = withMeterOn(connect(), this.#settings, this.#run, held, connect);
      work.catch(reject);
    });
  }
}

/** A meter of a visit: it is told what is tried to find out why there is none, and when an interruption has to wait. */
export function heldMeter(
  run: Run,
  language: Language,
  settings: ConnectionSettings,
  profile: MeterProfileName,
): HeldMeter {
  const { output } = run;
  return new HeldMeter(
    run,
    settings,
    profile,
    () => output.note(say(language, 'relay-first')),
    (what, facts) => output.progress(typeof what === 'string' ? wordProgress(what, facts, language) : what.probe),
  );
}

/** Members of streams are their prototype's: picked, not spread. */
function ioOf({ io: { stdin, stdout, stderr, env, signal, clock, lines, log } }: Run): Run['io'] {
  return {
    ...{ stdin, stdout, stderr, env, signal },
    ...(clock === undefined ? {} : { clock }),
    ...(lines === undefined ? {} : { lines }),
    ...(log === undefined ? {} : { log }),
  };
}
