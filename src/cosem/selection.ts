/**
 * Selective access (IEC 62056-6-2): an attribute declares which parts of it can be asked for. By that declaration the client makes typed
 * selections, and the server reads them and names them in object lists.
 */

import { AccessError } from '../base/errors.js';
import type { Type } from '../codec/type.js';
import type { AccessSelection } from '../contracts/services.js';

/** One kind of selective access to an attribute. */
export interface Selector<P> {
  /** access-selector, from 1. */
  readonly id: number;
  /** The view of the access-parameters. */
  readonly parameters: Type<P>;
}

/** Kinds of selective access by name. */
export type Selectors = Readonly<Record<string, Selector<unknown>>>;

/** No selective access. */
// biome-ignore lint/complexity/noBannedTypes: the empty set of selectors, which `Record<string, never>` is not
export type NoSelectors = {};

/** Declares one kind of selective access: `selector(2, entryDescriptor)`. */
export function selector<P>(id: number, parameters: Type<P>): Selector<P> {
  return { id, parameters };
}

/** The parameters that a selector takes. */
export type SelectorParameters<S> = S extends Selector<infer P> ? P : never;

/** A selection as a server gets it: the selector's name with its parameters, read. */
export type SelectionOf<S extends Selectors> = {
  readonly [K in keyof S & string]: {
    /** Name of the selector. */
    readonly by: K;
    /** Its parameters. */
    readonly parameters: SelectorParameters<S[K]>;
  };
}[keyof S & string];

/**
 * Reads a selection that a peer sent, by what the attribute declares.
 * @throws AccessError `type-unmatched` for a selector that the attribute does not declare; DecodeError when its parameters do not fit.
 */
export function selectionOf<S extends Selectors>(
  selectors: S | undefined,
  { selector: id, parameters }: AccessSelection,
  target: string,
): SelectionOf<S> {
  const found = Object.entries<Selector<unknown>>(selectors ?? {}).find(([, known]) => known.id === id);
  if (found === undefined) throw new AccessError('type-unmatched', target, `the attribute has no selector ${id}`);
  return { by: found[0], parameters: found[1].parameters.decode(parameters) } as SelectionOf<S>;
}

/** The ids of the selectors that an attribute declares, as object lists name them; undefined where it has none. */
export function selectorIds(selectors: Selectors | undefined): readonly number[] | undefined {
  const ids = Object.values(selectors ?? {}).map(({ id }) => id);
  return ids.length === 0 ? undefined : ids;
}
