/** Several requests under way at once: they are sent before the answers to earlier ones come, and answers are matched by invoke id. */

import type { Apdu } from '../apdu/apdu.js';
import { LinkError } from '../base/errors.js';
import type { Exchange, Procedure } from '../contracts/procedure.js';
import type { ClientCore } from './client-core.js';
import { waitOn } from './procedure.js';

const NOTHING = new Uint8Array(0);
/** An answer may be overtaken by so many others, in times of the window. */
const OVERTAKEN = 4;
/** Only part of an answer, of which the rest has to be asked for: a meter has room for one such transfer. */
const BLOCKS: ReadonlySet<string> = new Set(['get-response-with-datablock', 'action-response-with-pblock']);
/** They name no request. */
const REFUSALS: ReadonlySet<string> = new Set(['exception-response', 'confirmed-service-error']);

/** A procedure that reads, and may begin anew. */
export interface Flier {
  /** Makes it, from its beginning. */
  make(): Pick<Procedure<unknown>, 'next' | 'throw'>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Goes before others, and with high priority. */
  readonly high: boolean;
}

/** One whose answer is awaited. */
interface Waiting {
  readonly flier: Flier;
  readonly procedure: Pick<Procedure<unknown>, 'next' | 'throw'>;
  /** How many answers to later requests came. */
  overtaken: number;
}

/** Where procedures come from. */
export interface Departures {
  /** The next procedure; undefined when there is none, or the line is wanted for something else. */
  next(): Flier | undefined;
}

/**
 * Runs procedures that only read over one association, so many at a time. It is one procedure to the driver, which is poked when there is
 * another to begin. What needs the line for itself, such as a transfer in blocks, is asked again when all else is answered. Requests are
 * protected in the order in which they are sent.
 */
export class InFlight {
  readonly #session: ClientCore;
  readonly #most: number;
  readonly #departures: Departures;
  readonly #waiting = new Map<number, Waiting>();
  /** Asked again, alone, when all others are answered. */
  readonly #alone: Flier[] = [];
  /** Answers that name no request: refusals, and first blocks of a general block transfer. */
  #nameless: Uint8Array[] = [];
  #blocks = 0;
  /** Answers that came while another was awaited. */
  #matched = 0;

  constructor(session: ClientCore, most: number, departures: Departures) {
    this.#session = session;
    this.#most = most;
    this.#departures = departures;
  }

  /** Whether the meter has shown that it answers several. */
  get proved(): boolean {
    return this.#matched >= 2 * this.#most;
  }

  /** Whether more than one answer is awaited. */
  get several(): boolean {
    return this.#waiting.size > 1;
  }

  /** Runs until nothing is left to do. Every procedure is told how it ended. */
  *run(): Procedure<void> {
    try {
      for (;;) {
        yield* this.#depart();
        if (this.#waiting.size === 0) {
          const flier = this.#alone.shift();
          if (flier === undefined) return;
          yield* this.#solo(flier);
          continue;
        }
        const payload = yield { ...waitOn('not the answer to any request under way'), beside: true };
        if (payload.length > 0) yield* this.#arrive(payload);
      }
    } catch (error) {
      // The line is gone, or cannot be trusted any more.
      this.fail(error);
      throw error;
    } finally {
      this.#session.channel.busy.clear();
      this.#session.channel.highPriority = undefined;
      this.#session.channel.forget();
    }
  }

  /** Ends all that are under way. */
  fail(error: unknown): void {
    const under = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of under) abandoned(one, error);
    for (const flier of this.#alone.splice(0)) flier.reject(error);
  }

  /** Sends requests until the window is full. */
  *#depart(): Procedure<void> {
    while (this.#waiting.size < this.#most) {
      // What is to be asked alone, and what names no request, waits for those alone that are under way.
      const held = this.#alone.length + this.#nameless.length + this.#blocks > 0;
      const flier = held ? undefined : this.#departures.next();
      if (flier === undefined) return;
      const procedure = flier.make();
      yield* this.#advance({ flier, procedure, overtaken: 0 }, NOTHING);
    }
  }

  /** Feeds a procedure, and sends what it asks next. */
  *#advance(one: Waiting, input: Uint8Array, asked?: number): Procedure<void> {
    const { channel } = this.#session;
    const { flier, procedure } = one;
    for (let fed = input; ; fed = NOTHING) {
      let step: IteratorResult<Exchange, unknown>;
      channel.highPriority = this.#priorityOf(flier);
      try {
        step = procedure.next(fed);
      } catch (error) {
        flier.reject(error);
        return;
      }
      if (step.done === true) {
        flier.resolve(step.value);
        return;
      }
      if (step.value.until !== undefined || !step.value.reply) {
        yield { ...step.value, beside: true };
        continue;
      }
      // Where nothing is to be sent, what came was not its answer: it waits on.
      const waitsOn = step.value.apdu.length === 0 && asked !== undefined;
      const id = waitsOn ? asked : channel.lastInvokeId;
      channel.busy.add(id);
      this.#waiting.set(id, one);
      if (!waitsOn) yield { apdu: step.value.apdu, reply: false, more: true, beside: true };
      return;
    }
  }

  /** Where the meter manages priorities, the others give way to what has a high one. */
  #priorityOf({ high }: Flier): boolean | undefined {
    if (high) return true;
    return this.#session.negotiated('priority-mgmt-supported') ? false : undefined;
  }

  *#arrive(payload: Uint8Array): Procedure<void> {
    const { channel } = this.#session;
    const apdu = channel.look(payload);
    if (!('invokeId' in apdu)) return yield* this.#arriveNameless(apdu, payload);
    const id = apdu.invokeId & 0x0f;
    const one = this.#waiting.get(id);
    if (one === undefined) throw confused(`an answer to request ${id} came, which was not asked`);
    if (this.#waiting.size > 1) this.#matched++;
    for (const [other, earlier] of this.#waiting) {
      if (other === id) break;
      if (++earlier.overtaken > OVERTAKEN * this.#most)
        throw confused(`request ${other} is not answered, ${earlier.overtaken} later ones were`);
    }
    this.#waiting.delete(id);
    if (BLOCKS.has(apdu.type)) {
      // A meter that was asked something else meanwhile has given the transfer up.
      if (this.#waiting.size > 0 || this.#alone.length > 0) {
        channel.busy.delete(id);
        this.#alone.push(one.flier);
      } else {
        channel.busy.clear();
        yield* this.#finish(one.flier, one.procedure, payload);
      }
      return;
    }
    channel.busy.delete(id);
    yield* this.#advance(one, payload, id);
    yield* this.#settle();
  }

  /** What names no request is an answer to those that nothing else answers. */
  *#arriveNameless(apdu: Apdu, payload: Uint8Array): Procedure<void> {
    if (apdu.type === 'general-block-transfer') {
      // Further blocks of a transfer that is asked for again.
      if (apdu.blockNumber !== 1) return;
      this.#blocks++;
    } else if (REFUSALS.has(apdu.type)) this.#nameless.push(payload);
    else return;
    yield* this.#settle();
  }

  *#settle(): Procedure<void> {
    if (this.#nameless.length + this.#blocks < this.#waiting.size || this.#waiting.size === 0) return;
    const { channel } = this.#session;
    const left = [...this.#waiting.values()];
    const [refusal] = this.#nameless;
    const onlyRefusals = this.#blocks === 0;
    this.#waiting.clear();
    this.#nameless = [];
    this.#blocks = 0;
    channel.busy.clear();
    for (const waiting of left) {
      if (onlyRefusals && refusal !== undefined) {
        channel.look(refusal);
        yield* this.#advance(waiting, refusal);
      } else this.#alone.push(waiting.flier);
    }
  }

  /** Runs a procedure as if there were no others. */
  *#solo(flier: Flier): Procedure<void> {
    this.#session.channel.busy.clear();
    this.#session.channel.highPriority = this.#priorityOf(flier);
    yield* this.#finish(flier, flier.make(), NOTHING);
  }

  *#finish(flier: Flier, procedure: Waiting['procedure'], input: Uint8Array): Procedure<void> {
    for (let fed = input; ; ) {
      let step: IteratorResult<Exchange, unknown>;
      try {
        step = procedure.next(fed);
      } catch (error) {
        flier.reject(error);
        return;
      }
      if (step.done === true) {
        flier.resolve(step.value);
        return;
      }
      try {
        fed = yield step.value;
      } catch (error) {
        abandoned({ flier, procedure }, error);
        throw error;
      }
    }
  }
}

/** Ends a procedure, so that it can tidy up its session. */
function abandoned({ flier, procedure }: Pick<Waiting, 'flier' | 'procedure'>, error: unknown): void {
  try {
    procedure.throw(error);
    flier.reject(error);
  } catch (thrown) {
    flier.reject(thrown);
  }
}

/** The answers do not fit the requests: which answer is whose cannot be told any more, so the line is given up. */
function confused(what: string): LinkError {
  return new LinkError('transport', `several requests were under way, and ${what}`, {
    hint: 'the meter may not take several requests at once: leave inFlight out',
  });
}
