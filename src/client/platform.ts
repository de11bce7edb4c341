/** What the entries provide to the client room: links and cryptography. */

import type { Millis } from '../base/clock.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Framing, Link } from '../contracts/link.js';
import type { OpenOptions } from './options.js';

/** Addresses and limits of a data link. */
export type LinkOptions = Pick<
  OpenOptions,
  | 'serverLower'
  | 'addressSize'
  | 'maxInfo'
  | 'window'
  | 'octetTime'
  | 'maxBaud'
  | 'hdlcBaud'
  | 'signOnBaud'
  | 'deviceAddress'
  | 'wakeUp'
  | 'turnaround'
  | 'interFrameDelay'
  | 'acknowledgeByAnswer'
  | 'retries'
  | 'responseTimeout'
  | 'patience'
> & {
  /** HDLC: after this much silence the link is checked by RR; 0 for never. */
  readonly keepAlive?: Millis;
  readonly client: number;
  readonly server: number;
  /** Mode E: the speed agreed before the line broke; HDLC continues at it without a sign-on. */
  readonly continueAt?: number;
  /** Mode E: the line cannot change its speed, for example behind a serial server or a modem. */
  readonly fixedLine?: boolean;
};

/** The code of a framing is loaded when a line has it: a program that reads meters has most often one of them. */
export type LoadedLinks = Readonly<Record<Framing, () => Promise<(options: LinkOptions) => Link>>>;

/** Links and cryptography, provided by the entries: the client room only knows their contracts. */
export interface Platform {
  readonly links: LoadedLinks;
  /** Cryptography where the options name none. */
  readonly crypto: () => Promise<CryptoProvider>;
  /** Counters that last as long as the process. */
  readonly memoryCounters: () => Promise<CounterStore>;
}
