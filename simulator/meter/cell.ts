import type { AttributeAccess } from '../../src/cosem/class.js';

/** An attribute that keeps what is written to it. */
export function cell<T>(initial: T): Required<AttributeAccess<T>> {
  let value = initial;
  return {
    get: () => value,
    set: (written) => {
      value = written;
    },
  };
}
