import type { Data } from '../codec/data.js';

/** Selective-Access-Descriptor: which part of an attribute is meant. */
export interface AccessSelection {
  readonly selector: number;
  readonly parameters: Data;
}
