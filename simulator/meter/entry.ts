import type { Data } from '../../src/codec/data.js';
import type { AttributeAccess } from '../../src/cosem/implementation.js';

/** An object by its logical name. */
export type Entry = readonly [name: string, access: AttributeAccess<Data>];

/** @param name the logical name, with or without its last group. */
export function entry(name: string, get: () => Data, set?: (value: Data) => void): Entry {
  return [name.endsWith('.255') ? name : `${name}.255`, set === undefined ? { get } : { get, set }];
}
