import type { Clock, Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import type { MeterStore } from '../../src/contracts/meter-store.js';
import { damaged, keptNumber } from './damaged.js';

/** A time in which nobody simulated: a power failure for the meters. */
export interface Absence {
  readonly from: Millis;
  readonly to: Millis;
}

/** Version of the stored format; changes whenever the format of anything stored does. */
const VERSION = 1;
const LIFE = 'life';
const ALIVE = 'alive';
/** The longest life of a meter. An earlier beginning must be an error, since every day would be worked through. */
const LONGEST_LIFE: Millis = 200 * 366 * 86_400_000;
/** Default: 15 s. */
const LEASE: Millis = 15_000;

interface Life {
  readonly version: number;
  /** Everything that the past of the meters follows from. */
  readonly origin: string;
  readonly created: Millis;
  readonly absences: readonly (readonly [from: Millis, to: Millis])[];
}

/**
 * When a meter, or a fleet, was made, and when it was simulated. Before a client is told anything, it is stored that the meters lived at
 * that time. A later time is stored, so that few answers need a write. After a kill the meters have lived up to the stored time and had no
 * power from then on: nobody has seen a later moment.
 */
export class Lifetime {
  readonly created: Millis;
  readonly absences: readonly Absence[];
  readonly #store: MeterStore;
  readonly #name: string;
  readonly #lease: Millis;
  #until: Millis;

  /**
   * Begins a life, or continues it: the time since it was last stored is an absence.
   * @param name the store's entry.
   * @param origin what must be the same each time: profile, seed and the like.
   * @throws StateError when the entry is of another meter or version, or damaged, or the clock has gone back.
   */
  constructor(store: MeterStore, name: string, origin: string, clock: Clock, lease: Millis = LEASE) {
    this.#store = store;
    this.#name = name;
    this.#lease = lease;
    const now = clock.now();
    const texts = store.load(name);
    const text = texts.get(LIFE);
    const life: Life =
      text === undefined ? { version: VERSION, origin, created: now, absences: [] } : lifeOf(text, name);
    check(life, origin, name);
    within(life, now, lease, name);
    const absences = life.absences.slice();
    if (text !== undefined) absences.push(absence(keptMoment(texts.get(ALIVE) ?? '', name), now, lease));
    this.created = life.created;
    this.absences = absences.map(([from, to]) => ({ from, to }));
    this.#until = now + lease;
    store.save(
      name,
      new Map([
        [LIFE, JSON.stringify({ ...life, absences })],
        [ALIVE, String(this.#until)],
      ]),
    );
  }

  /** Stores, if necessary, that the meters live at this time, because somebody is about to see it. */
  alive(now: Millis): void {
    if (now <= this.#until - this.#lease / 2) return;
    this.#write(now + this.#lease);
  }

  /** Stores that the meters were put away at this time: nobody has seen a later one. */
  end(now: Millis): void {
    this.#write(now);
  }

  #write(until: Millis): void {
    this.#store.save(this.#name, new Map([[ALIVE, String(until)]]));
    this.#until = until;
  }
}

/** The latest time at which somebody may have seen the meter or fleet of that entry; undefined when there is none. */
export function aliveUntil(store: MeterStore, name: string): Millis | undefined {
  const text = store.load(name).get(ALIVE);
  return text === undefined ? undefined : keptMoment(text, name);
}

/** Reads the stored times, which must be in order. @throws StateError */
function lifeOf(text: string, name: string): Life {
  let life: Partial<Life> | null;
  try {
    life = JSON.parse(text);
  } catch (cause) {
    throw damaged(name, `${LIFE} is no JSON`, cause);
  }
  // The content is only checked for our own version.
  if (life?.version !== undefined && life.version !== VERSION) return life as Life;
  const { created, absences } = life ?? {};
  let last = created;
  const inOrder = (time: unknown) => {
    if (!isMoment(time) || time < (last as Millis)) return false;
    last = time;
    return true;
  };
  const isWhole =
    typeof life?.origin === 'string' &&
    isMoment(created) &&
    Array.isArray(absences) &&
    absences.every((times: unknown) => Array.isArray(times) && times.length === 2 && times.every(inOrder));
  if (!isWhole || life?.version === undefined) throw damaged(name, `${LIFE} holds no such times`);
  return life as Life;
}

function keptMoment(text: string, name: string): Millis {
  const at = keptNumber(text, name, ALIVE);
  if (!isMoment(at)) throw damaged(name, `${ALIVE} is no time`);
  return at;
}

/** What a Date can hold. */
const isMoment = (time: unknown): time is Millis => Number.isInteger(time) && Math.abs(time as number) <= 8.64e15;

function check(life: Life, origin: string, name: string): void {
  if (life.version !== VERSION) {
    throw new StateError(`the state of ${name} was written by another version of cosem`, {
      hint: 'begin with a new file, or use the version that wrote it',
    });
  }
  if (life.origin !== origin) {
    throw new StateError(`the state of ${name} is that of another meter: ${life.origin}, not ${origin}`, {
      hint: 'use the options that it began with, or begin with a new file',
    });
  }
}

/** Checks that a life does not lie in the future or begin impossibly early. @throws StateError */
function within({ created, absences }: Life, now: Millis, lease: Millis, name: string): void {
  if (created < now - LONGEST_LIFE) throw damaged(name, `${LIFE} begins more than 200 years ago`);
  const [, last] = absences.at(-1) ?? [created, created];
  if (Math.max(created, last) > now + lease) throw wentBack(Math.max(created, last));
}

function wentBack(until: Millis): StateError {
  return new StateError(`the meter was simulated up to ${new Date(until).toISOString()}, and now it is earlier`, {
    hint: 'check whether the clock was set back: a meter cannot live through the same time twice',
  });
}

function absence(until: Millis, now: Millis, lease: Millis): readonly [from: Millis, to: Millis] {
  if (now < until - lease) throw wentBack(until - lease);
  return [Math.min(until, now), now];
}
