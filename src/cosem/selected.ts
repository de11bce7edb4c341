import { StateError } from '../base/errors.js';
import type { AccessSelection } from '../contracts/services.js';
import type { AttributeRef } from './class.js';
import type { SelectorParameters, Selectors } from './selection.js';

/** A reference to a part of an attribute. */
export interface SelectedRef<T> extends AttributeRef<T> {
  /** Which part. */
  readonly selection: AccessSelection;
}

/**
 * The part of an attribute that a selector of its class names; or, by its number and raw parameters, one that only the maker knows.
 *
 * ```ts
 * const rows = selected(profile.buffer, 'entry', { fromEntry: 1, toEntry: 4, fromSelectedValue: 1, toSelectedValue: 0 });
 * const made = selected(object.attribute(2), { selector: 200, parameters: nullValue() });
 * ```
 * @throws StateError when the attribute has no such selector, or a parameter cannot be sent.
 */
export function selected<T, S extends Selectors, K extends keyof S & string>(
  ref: AttributeRef<T, S>,
  by: K,
  parameters: SelectorParameters<S[K]>,
): SelectedRef<T>;
export function selected<T>(ref: AttributeRef<T>, selection: AccessSelection): SelectedRef<T>;
export function selected<T>(
  ref: AttributeRef<T, Selectors>,
  by: string | AccessSelection,
  parameters?: unknown,
): SelectedRef<T> {
  if (typeof by !== 'string') return { ...ref, selection: by };
  const known = Object.hasOwn(ref.selectors ?? {}, by) ? ref.selectors?.[by] : undefined;
  if (known === undefined) {
    const names = Object.keys(ref.selectors ?? {}).join(', ');
    throw new StateError(`'${ref.name}' of class ${ref.classId} has no selector '${by}'`, {
      hint: names === '' ? 'it is read as a whole' : `one of ${names}`,
    });
  }
  return { ...ref, selection: { selector: known.id, parameters: known.parameters.encode(parameters) } };
}
