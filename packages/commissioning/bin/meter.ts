import { type ConnectionSettings, type Run, withMeterOn } from 'cosem/command';
import { transportOf } from 'cosem/node';
import { ClientMeterPort, type MeterPort, type MeterProfileName, OnDemandMeterPort } from '../src/index.js';
import type { MeterSource } from './guide.js';

interface Held {
  readonly port: MeterPort;
  release(): Promise<void>;
}

/** The meter at the other end of the settings, kept open from one step to the next. */
export class HeldMeter implements MeterSource {
  readonly port: MeterPort = new OnDemandMeterPort(async () => (await this.#hold()).port);
  readonly #run: Run;
  readonly #settings: ConnectionSettings;
  readonly #profile: MeterProfileName;
  readonly #stop = new AbortController();
  readonly #onWait: () => void;
  #held: Promise<Held> | undefined;
  #shields = 0;

  /** @param onWait told when an interruption has to wait. */
  constructor(run: Run, settings: ConnectionSettings, profile: MeterProfileName, onWait: () => void) {
    this.#run = { ...run, io: { ...ioOf(run), signal: this.#stop.signal } };
    this.#settings = settings;
    this.#profile = profile;
    this.#onWait = onWait;
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

  #open(): Promise<Held> {
    return new Promise((resolve, reject) => {
      const work = withMeterOn(transportOf(this.#settings), this.#settings, this.#run, ({ meter }) => {
        return new Promise<void>((letGo) => {
          const release = () => {
            letGo();
            return work;
          };
          resolve({ port: new ClientMeterPort(meter, this.#profile), release });
        });
      });
      work.catch(reject);
    });
  }
}

/** Members of streams are their prototype's: picked, not spread. */
function ioOf({ io: { stdin, stdout, stderr, env, signal } }: Run): Run['io'] {
  return { stdin, stdout, stderr, env, signal };
}
