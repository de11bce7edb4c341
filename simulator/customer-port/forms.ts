/** The customer ports that a virtual meter can have. */

import type { Millis } from '../../src/base/clock.js';

/** The names of the customer ports that a virtual meter can have. */
export const CUSTOMER_PORTS = ['p1', 'p1-se', 'p1-lu', 'han-no', 'mbus-at'] as const;

/** A kind of customer port. */
export type CustomerPortForm = (typeof CUSTOMER_PORTS)[number];

/** What is known of a kind of customer port. */
export interface CustomerPortInfo {
  /** The port in words. */
  readonly title: string;
  /** How often it sends, in milliseconds of the line's clock. */
  readonly interval: Millis;
  /** The setting of its serial line. */
  readonly line: {
    /** Speed in baud. */
    readonly baud: number;
    /** Data bits, parity and stop bits. */
    readonly format: '8N1' | '8E1';
  };
  /** How messages are protected: with the key of the customer, or not. */
  readonly protection: 'none' | 'encryption' | 'authenticated-encryption';
}

/** Every customer port by its name: where it is found, how often it sends, on which line, protected how. */
export const customerPorts: Readonly<Record<CustomerPortForm, CustomerPortInfo>> = {
  p1: {
    title: 'P1 of the Netherlands and Belgium (DSMR 5.0.2): telegrams',
    interval: 1000,
    line: { baud: 115_200, format: '8N1' },
    protection: 'none',
  },
  'p1-se': {
    title: 'P1 of Sweden: telegrams with totals',
    interval: 10_000,
    line: { baud: 115_200, format: '8N1' },
    protection: 'none',
  },
  'p1-lu': {
    title: 'P1 of Luxembourg: ciphered telegrams',
    interval: 10_000,
    line: { baud: 115_200, format: '8N1' },
    protection: 'authenticated-encryption',
  },
  'han-no': {
    title: 'HAN of Norway: lists of 2.5 s, 10 s and an hour in HDLC',
    interval: 2500,
    line: { baud: 2400, format: '8E1' },
    protection: 'none',
  },
  'mbus-at': {
    title: 'customer port of Austria: encrypted lists in M-Bus frames',
    interval: 5000,
    line: { baud: 2400, format: '8E1' },
    protection: 'encryption',
  },
};
