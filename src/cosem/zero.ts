import { DecodeError } from '../base/errors.js';
import type { Data } from '../codec/data.js';
import type { Type } from '../codec/type.js';

const ZERO: Data = { type: 'integer', value: 0 };

/**
 * The parameter of a method that needs none: the Blue Book has the client send `integer` 0, and meters refuse anything else.
 * A server takes null-data and any integer too: some clients send them.
 */
export const zero: Type<void> = {
  name: 'integer(0)',
  shape: { kind: 'scalar', type: 'integer' },
  decode(data) {
    if (data.type !== 'null-data' && typeof data.value !== 'number') {
      throw new DecodeError('bad-value', `${data.type} where the method takes integer 0`);
    }
  },
  encode: () => ZERO,
};
