import { LinkError, TimeoutError } from '../base/errors.js';
import type { OnRemark } from '../base/remark.js';
import type { ClientCore } from '../session/client-core.js';
import { type Flier, InFlight } from '../session/in-flight.js';
import type { ClientDriver } from '../transport/driver.js';

/** How many requests a meter is sent before its answers come; it may turn out to be one. */
export interface Window {
  most: number;
}

/** Hands calls that only read to an association, so that several are under way at once. */
export class Flight {
  readonly #driver: ClientDriver;
  readonly #session: ClientCore;
  readonly #window: Window;
  readonly #onRemark: OnRemark | undefined;
  readonly #queue: Flier[] = [];
  #running = false;

  constructor(driver: ClientDriver, session: ClientCore, window: Window, onRemark: OnRemark | undefined) {
    this.#driver = driver;
    this.#session = session;
    this.#window = window;
    this.#onRemark = onRemark;
  }

  /** Whether several may be under way. A fixed invoke id tells no answer from another. */
  get open(): boolean {
    return this.#window.most > 1 && this.#session.config.fixedInvokeId === undefined;
  }

  /** As `ClientDriver.run`; `make` may be called again, where the answer is one that others have to wait for. */
  run<T>(make: () => ReturnType<Flier['make']>, high: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const flier: Flier = { make, resolve: resolve as (value: unknown) => void, reject, high };
      this.#queue.push(flier);
      if (this.#running) this.#driver.poke();
      else this.#start();
    });
  }

  #start(): void {
    this.#running = true;
    const flight = new InFlight(this.#session, this.#window.most, { next: () => this.#next() });
    let several = false;
    // The calls of this turn go out together.
    Promise.resolve()
      .then(() => this.#driver.run(watched(flight, () => (several ||= flight.several))))
      .then(
        () => this.#over(),
        (error: unknown) => {
          if (several && isOfMeter(error, flight)) this.#oneAtATime();
          this.#over(error);
        },
      );
  }

  /** What else wants the line gets it: what is under way ends first. */
  #next(): Flier | undefined {
    if (this.#driver.queued) return undefined;
    const high = this.#queue.findIndex((one) => one.high);
    return this.#queue.splice(Math.max(0, high), 1)[0];
  }

  #over(error?: unknown): void {
    this.#running = false;
    if (error !== undefined) {
      // Answers to what was under way may still come: nobody is to take them for his own.
      void this.#driver.close();
      for (const { reject } of this.#queue.splice(0)) reject(error);
    }
    if (this.#queue.length > 0) this.#start();
  }

  #oneAtATime(): void {
    this.#window.most = 1;
    this.#onRemark?.({
      code: 'in-flight',
      text: 'the meter does not answer several requests at once; from now on it gets the next one after its answer',
      weight: 'note',
    });
  }
}

/** Whether the meter, and not the line, is why it failed. */
function isOfMeter(error: unknown, flight: InFlight): boolean {
  return error instanceof TimeoutError || (error instanceof LinkError && !flight.proved);
}

/** The procedure of a flight; each step is told. */
function watched(flight: InFlight, step: () => void): ReturnType<InFlight['run']> {
  const procedure = flight.run();
  const next = procedure.next.bind(procedure);
  procedure.next = (...input) => {
    const result = next(...input);
    step();
    return result;
  };
  return procedure;
}
