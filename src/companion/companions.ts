import type { Companion } from './companion.js';
import { generic } from './generic.js';
import { is15959 } from './is15959/is15959.js';

/** The companion specifications that come with the library. */
export const companions: readonly Companion[] = [is15959, generic];

/** A companion specification by its id, such as `is15959`; undefined when there is none. */
export function companionOf(id: string): Companion | undefined {
  return companions.find((companion) => companion.id === id);
}
