/** Typed views that only the class declarations need, beside those of the codec room. */

import { DecodeError, StateError } from '../base/errors.js';
import type { LogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import type { Type } from '../codec/type.js';
import { choice, logicalName } from '../codec/types.js';

const ZERO: Data = { type: 'integer', value: 0 };

/**
 * The parameter of a method that needs none: the Blue Book has the client send `integer` 0, and meters refuse anything else.
 * A server takes null-data and any integer too: some clients send them.
 */
export const zero: Type<void> = {
  name: 'integer',
  shape: { kind: 'scalar', type: 'integer' },
  decode(data) {
    if (data.type !== 'null-data' && typeof data.value !== 'number') throw mismatch('integer', data);
  },
  encode: () => ZERO,
};

/** An enum whose values are better known by number (control modes) or are bits (security policy of version 1). */
export const enumNumber: Type<number> = {
  name: 'enum',
  shape: { kind: 'scalar', type: 'enum' },
  decode(data) {
    if (data.type !== 'enum') throw mismatch('enum', data);
    return data.value;
  },
  encode(value) {
    if (!Number.isInteger(value) || value < 0 || value > 255) {
      throw new StateError(`${value} cannot be sent as enum`, { hint: 'a whole number from 0 to 255' });
    }
    return { type: 'enum', value };
  },
};

const noLogicalName: Type<''> = {
  name: 'octet-string',
  shape: { kind: 'scalar', type: 'octet-string', length: 0 },
  decode(data) {
    if (data.type !== 'octet-string' || data.value.length > 0) throw mismatch('empty octet-string', data);
    return '';
  },
  encode(value) {
    if (value !== '') throw new StateError(`'${value}' where there must be no value`);
    return { type: 'octet-string', value: new Uint8Array(0) };
  },
};

/** A reference to an object that may be absent: an empty octet-string, here the empty text. */
export const optionalLogicalName: Type<LogicalName | ''> = choice(noLogicalName, logicalName);

function mismatch(expected: string, found: Data): DecodeError {
  return new DecodeError('bad-tag', `${expected} expected, ${found.type} found`, -1);
}
