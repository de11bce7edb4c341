import { fromHex, toHex } from '../../src/base/bytes.js';
import { StateError } from '../../src/base/errors.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Type } from '../../src/codec/type.js';
import type { AttributeAccess } from '../../src/cosem/class.js';

/** What can be kept of a part: JSON with octets. A member that is undefined is left out. */
export type State =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly State[]
  | { readonly [name: string]: State | undefined };

/**
 * Something of a meter that outlives a restart: whatever cannot be computed anew from the seed and the time. `save` gives all of it as it
 * stands; `load` puts it back and does nothing else: it logs no event and switches nothing.
 */
export interface Lasting<S extends State> {
  save(): S;
  load(saved: S): void;
}

/**
 * All of a meter that lasts, by name. Each behaviour adds itself when it is made; what it was told is written down before the client
 * hears that it was done. What time alone brings (a billing period that ends, a limiter that trips) needs no write: after a restart it
 * happens again, at the same moments, from what was written last. So nothing may depend on when the meter is looked at.
 */
export class Parts {
  readonly #parts = new Map<string, Lasting<State>>();
  #changed = false;

  /** @throws StateError when the name is taken. */
  add<S extends State>(name: string, part: Lasting<S>): void {
    if (this.#parts.has(name)) throw new StateError(`two parts of the meter are called '${name}'`);
    this.#parts.set(name, part as unknown as Lasting<State>);
  }

  /** An attribute that keeps what is written to it, for good. */
  cell<T>(name: string, type: Type<T>, initial: T): Required<AttributeAccess<T>> {
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

  /** Something was changed by another way than a SET or an ACTION: a failed authentication, a button. It is written down next. */
  changed(): void {
    this.#changed = true;
  }

  /** Whether something was changed since this was asked last. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  save(): Map<string, State> {
    return new Map([...this.#parts].map(([name, part]) => [name, part.save()]));
  }

  /** @throws StateError when there is no such part. */
  savePart(name: string): State {
    const part = this.#parts.get(name);
    if (part === undefined) throw new StateError(`the meter has no part '${name}'`);
    return part.save();
  }

  /** Puts back what was saved; parts that were not there then stay as they are new. */
  load(saved: ReadonlyMap<string, State>): void {
    for (const [name, part] of this.#parts) {
      const state = saved.get(name);
      if (state !== undefined) part.load(state);
    }
  }
}

const OCTETS = '$octets';

/** A state as text: JSON, octets in hexadecimal. */
export function encodeState(state: State): string {
  return JSON.stringify(state, (_, value: unknown) =>
    value instanceof Uint8Array ? { [OCTETS]: toHex(value) } : value,
  );
}

/** @throws SyntaxError when it is no JSON. */
export function decodeState(text: string): State {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(OCTETS in value)) return value;
    return fromHex(String(value[OCTETS]));
  }) as State;
}
