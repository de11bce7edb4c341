import { concat } from '../base/bytes.js';
import type { Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import { shownOctets } from '../base/shown.js';
import { counted } from '../base/words.js';
import type { Link, LinkEvent } from '../contracts/link.js';
import { type DecodedTelegram, type TelegramMeter, TelegramSplitter } from './telegram.js';

/** Options of a {@link TelegramLink}. */
export interface TelegramLinkConfig {
  /** How long to wait for a telegram, in milliseconds. */
  readonly listen: Millis;
}

/** From so many refused telegrams on there is a remark: the first may have begun before we listened. */
const SAID_AFTER = 2;

/** From so many control characters outside telegrams on there is a remark: a few come while a plug is put in. */
const CONTROLS = 16;
/** From so many ends of telegrams without a beginning on there is a remark: the first had begun before we listened. */
const ENDS = 2;
const BANG = 0x21;
const LF = 0x0a;
/** Control characters that telegrams contain, and the octets of an idle line. */
const QUIET: ReadonlySet<number> = new Set([0, 2, 3, 9, 10, 13]);
/** Octets that are shown of it. */
const SHOWN = 16;

/** Counts octets that are not a telegram: the end of one that began before we listened, or something else. */
class Strange {
  #octets = 0;
  #controls = 0;
  #ends = 0;
  #first: Uint8Array = new Uint8Array(0);
  #last = 0;
  #told = false;

  /** @returns a sentence for a remark, once. */
  add(bytes: Uint8Array): string | undefined {
    if (this.#told) return undefined;
    this.#octets += bytes.length;
    if (this.#first.length < SHOWN) this.#first = concat(this.#first, bytes).slice(0, SHOWN);
    for (const octet of bytes) {
      const seven = octet & 0x7f;
      if (seven < 0x20 && !QUIET.has(seven)) this.#controls++;
      if (seven === BANG && this.#last === LF) this.#ends++;
      this.#last = seven;
    }
    if (this.#controls < CONTROLS && this.#ends < ENDS) return undefined;
    this.#told = true;
    const what = `${counted(this.#octets, 'octet')} came that are no telegram, beginning with ${shownOctets(this.#first)}`;
    return this.#ends >= ENDS
      ? `${what}: no line that begins with / comes before the data`
      : `${what}: another speed (--fixed-baud), or frames and ciphered messages, which cosem listen reads`;
  }
}

/**
 * Listens to a port that only sends, in mode D or P1. It is connected when a telegram was right; the first `send` gives that telegram as the payload.
 * Refused telegrams are reported, from the second on as a remark.
 */
export class TelegramLink implements Link {
  readonly #listen: Millis;
  readonly #events: LinkEvent[] = [];
  readonly #splitter = new TelegramSplitter((bytes, reason, telegram) => this.#refuse(bytes, reason, telegram));
  #phase: 'idle' | 'listening' | 'ready' = 'idle';
  #deadline: Millis | undefined;
  #telegram: DecodedTelegram | undefined;
  #refused = 0;
  #why = '';
  readonly #strange = new Strange();

  /** @throws StateError for an unknown option. */
  constructor(config: TelegramLinkConfig) {
    checkOptions(config, { listen: true }, 'TelegramLink');
    this.#listen = config.listen;
  }

  /** The sender of the telegram; undefined until one was right. */
  get identification(): (TelegramMeter & { readonly mode: 'D' }) | undefined {
    return this.#telegram === undefined ? undefined : { ...this.#telegram.meter, mode: 'D' };
  }

  connect(now: Millis): void {
    this.#phase = 'listening';
    this.#deadline = now + this.#listen;
  }

  /** @throws StateError when no telegram has come. */
  send(): void {
    const telegram = this.#telegram;
    if (this.#phase !== 'ready' || telegram === undefined) throw new StateError('no telegram has come');
    this.#events.push({ type: 'payload', bytes: telegram.octets, client: 0, server: 0, unconfirmed: true });
  }

  disconnect(): void {
    if (this.#phase === 'idle') return;
    this.#close('local', 'disconnected');
  }

  receive(chunk: Uint8Array): void {
    if (this.#phase !== 'listening') return;
    for (const telegram of this.#splitter.push(chunk)) {
      if (this.#telegram !== undefined) return;
      this.#telegram = telegram;
      this.#phase = 'ready';
      this.#deadline = undefined;
      this.#events.push({ type: 'connected', maxInfo: 0, window: 1, client: 0, server: 0 });
    }
  }

  #refuse(bytes: Uint8Array, reason: string, telegram: boolean): void {
    if (this.#telegram !== undefined) return;
    this.#why = telegram ? `a telegram was refused: ${reason}` : reason;
    if (telegram) this.#refused++;
    const refused = telegram && this.#refused === SAID_AFTER;
    const strange = telegram ? undefined : this.#strange.add(bytes);
    const told = refused || strange !== undefined;
    const text = strange ?? `${this.#refused} telegrams came and were refused: ${reason}`;
    this.#events.push({
      type: 'discarded',
      bytes,
      reason: this.#why,
      ...(told ? { remark: { code: 'telegram-refused', text, weight: 'note' } } : {}),
    });
  }

  handleTimeout(now: Millis): void {
    if (this.#deadline === undefined || now < this.#deadline) return;
    if (this.#refused === 0) this.#close('timeout', 'no telegram came');
    else this.#close('timeout', `no telegram could be read, ${counted(this.#refused, 'was', 'were')} refused`);
  }

  pollTimeout(): Millis | undefined {
    return this.#deadline;
  }

  pollTransmit(): undefined {
    return undefined;
  }

  pollEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }

  pending(): string | undefined {
    return this.#phase === 'listening' ? this.#splitter.pending : undefined;
  }

  #close(cause: 'local' | 'timeout', reason: string): void {
    this.#phase = 'idle';
    this.#deadline = undefined;
    this.#events.push({ type: 'closed', cause, reason });
  }
}
