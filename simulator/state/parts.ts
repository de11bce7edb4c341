import { fromHex, toHex } from '../../src/base/bytes.js';
import { StateError } from '../../src/base/errors.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Type } from '../../src/codec/type.js';

/** A value that can be read and written. */
export interface Writable<T> {
  get(): T;
  set(value: T): void;
}

/**
 * State of a meter that survives a restart: whatever cannot be computed again from the seed and the time. `save` gives all of it in plain
 * values: numbers, texts, octets, arrays and objects of them. `load` restores it and does nothing else: it logs no event and switches
 * nothing.
 */
export interface Lasting<S> {
  save(): S;
  load(saved: S): void;
}

/**
 * All state of a meter that is kept, by name. Each behaviour adds its part when it is made. What a client changes is stored before the
 * client hears that it was done. What happens by time alone (a billing period that ends, a limiter that trips) needs no write: after a
 * restart it happens again at the same moments, from what was stored last. So nothing may depend on when the meter is looked at.
 */
export class Parts {
  readonly #parts = new Map<string, Lasting<unknown>>();
  #changed = false;

  /** @throws StateError when the name is taken. */
  add<S>(name: string, part: Lasting<S>): void {
    if (this.#parts.has(name)) throw new StateError(`two parts of the meter are called '${name}'`);
    this.#parts.set(name, part as Lasting<unknown>);
  }

  /** Makes a value that is kept. */
  cell<T>(name: string, type: Type<T>, initial: T): Writable<T> {
    let value = initial;
    this.add<Uint8Array>(name, {
      save: () => encodeData(type.encode(value)),
      load: (saved) => {
        value = type.decode(decodeData(saved));
      },
    });
    return {
      get: () => value,
      set: (written) => {
        value = written;
      },
    };
  }

  /** Says that something changed in another way than by a SET or an ACTION: a failed authentication, a button. It is stored next. */
  changed(): void {
    this.#changed = true;
  }

  /** Whether something changed since this was last asked. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  save(): Map<string, unknown> {
    return new Map([...this.#parts].map(([name, part]) => [name, part.save()]));
  }

  /** @throws StateError when there is no such part. */
  savePart(name: string): unknown {
    const part = this.#parts.get(name);
    if (part === undefined) throw new StateError(`the meter has no part '${name}'`);
    return part.save();
  }

  /**
   * Restores what was saved. Parts that did not exist then keep their initial state.
   * @param each runs the loading of a part.
   */
  load(saved: ReadonlyMap<string, unknown>, each = (_name: string, load: () => void): void => load()): void {
    for (const [name, part] of this.#parts) {
      if (saved.has(name)) each(name, () => part.load(saved.get(name)));
    }
  }
}

/** Values that JSON does not have are stored as an object with one of these members. */
const OCTETS = '$octets';
const UNDEFINED = '$undefined';

/**
 * A state as text: JSON, octets in hexadecimal.
 * @throws StateError for what would not come back as it was.
 */
export function encodeState(state: unknown): string {
  return JSON.stringify(state, function (this: Readonly<Record<string, unknown>>, name) {
    // The raw value, before toJSON: otherwise a date would come back as text.
    const value = this[name];
    if (value instanceof Uint8Array) return { [OCTETS]: toHex(value) };
    if (value === undefined && Array.isArray(this)) return { [UNDEFINED]: true };
    checkPlain(value);
    return value;
  });
}

/** @throws SyntaxError when it is no JSON. */
export function decodeState(text: string): unknown {
  return revived(JSON.parse(text));
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  if (OCTETS in value) return fromHex(String(value[OCTETS]));
  if (UNDEFINED in value) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revived(member)]));
}

function checkPlain(value: unknown): void {
  const lost =
    typeof value === 'function' ||
    typeof value === 'symbol' ||
    (typeof value === 'number' && !Number.isFinite(value)) ||
    (typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.getPrototypeOf(value) !== Object.prototype);
  if (lost) throw new StateError(`a part of the meter saves what JSON cannot hold: ${String(value)}`);
}
