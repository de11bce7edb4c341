/** Companion specifications that come with the library. */

import type { Companion } from './companion.js';
import { generic } from './generic.js';
import { is15959 } from './is15959/is15959.js';

export const companions: readonly Companion[] = [is15959, generic];

/** A companion specification by its id, such as `is15959`. */
export function companionOf(id: string): Companion | undefined {
  return companions.find((companion) => companion.id === id);
}
