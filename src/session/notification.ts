import type { Apdu, DataNotification, EventNotification } from '../apdu/apdu.js';
import { decodeApdu } from '../apdu/codec.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { toHex } from '../base/bytes.js';
import { DecodeError, SecurityError } from '../base/errors.js';
import { type Protection, ReceiveCounter } from '../security/ciphering.js';
import { MemoryCounterStore } from '../security/counter.js';
import type { CryptoProvider } from '../security/crypto.js';
import { Ciphering, type GlobalKeys } from './protection.js';

/** Something a meter sent without being asked. */
export interface Notification {
  readonly apdu: DataNotification | EventNotification;
  /** How it was protected; of a message without authentication the origin is not proved. */
  readonly protection: Protection;
  /** The sender's system title, where the message told it. */
  readonly systemTitle?: Uint8Array;
}

/** Whether an APDU with this tag is a notification. */
export function isNotificationTag(tag: number | undefined): boolean {
  return tag === APDU_TAGS['data-notification'] || tag === APDU_TAGS['event-notification-request'];
}

/** @throws DecodeError when the APDU is no notification. */
export function asNotification(apdu: Apdu, protection: Protection, systemTitle: Uint8Array | undefined): Notification {
  if (apdu.type === 'data-notification' || apdu.type === 'event-notification-request') {
    return { apdu, protection, ...(systemTitle === undefined ? {} : { systemTitle: systemTitle.slice() }) };
  }
  throw new DecodeError('bad-value', `a notification was expected, a ${apdu.type} came`);
}

export interface NotificationReceiverConfig {
  readonly crypto: CryptoProvider;
  /** The keys of the meter with this system title; undefined when it is not known. */
  readonly keysOf: (systemTitle: Uint8Array) => GlobalKeys | undefined;
}

/**
 * Receives what meters push to a listener that has no association with them: DataNotification and EventNotification, plain or in
 * general-glo-ciphering. Each meter's invocation counters must rise.
 */
export class NotificationReceiver {
  readonly #config: NotificationReceiverConfig;
  readonly #meters = new Map<string, ReceiveCounter>();

  constructor(config: NotificationReceiverConfig) {
    this.#config = config;
  }

  /**
   * @throws SecurityError `missing-key` for an unknown meter, `bad-tag`, `replay`; DecodeError when it is no notification.
   */
  receive(payload: Uint8Array): Notification {
    const outer = decodeApdu(payload);
    if (outer.type !== 'ciphered') return asNotification(outer, 'none', undefined);
    const title = outer.systemTitle;
    if (outer.tag !== APDU_TAGS['general-glo-ciphering'] || title === undefined || title.length !== 8) {
      throw new SecurityError('missing-key', 'a ciphered notification that does not say whose it is', {
        hint: 'meters push in general-glo-ciphering with their system title',
      });
    }
    const name = toHex(title);
    const keys = this.#config.keysOf(title);
    if (keys === undefined) {
      throw new SecurityError('missing-key', `no keys for the meter with system title ${name}`, {
        hint: 'give its encryption key and authentication key',
      });
    }
    const received = this.#meters.get(name) ?? new ReceiveCounter();
    const ciphering = new Ciphering({
      crypto: this.#config.crypto,
      systemTitle: title,
      peerTitle: title,
      keys,
      counters: new MemoryCounterStore(),
      counterEntry: 'unused',
      received,
    });
    const opened = ciphering.openUnaccepted(outer);
    const notification = asNotification(decodeApdu(opened.apdu), opened.protection, title);
    ciphering.accept(opened);
    // Only a meter that proved itself is remembered.
    this.#meters.set(name, received);
    return notification;
  }
}
