import type { Apdu, DataNotification, EventNotification } from '../apdu/apdu.js';
import { decodeApdu } from '../apdu/codec.js';
import { APDU_TAGS, apduTagName } from '../apdu/tags.js';
import { concat, toHex } from '../base/bytes.js';
import { DecodeError, SecurityError } from '../base/errors.js';
import {
  keySetOf,
  type Protection,
  protectionOf,
  ReceiveCounter,
  SYSTEM_TITLE_LENGTH,
  unprotect,
} from '../security/ciphering.js';
import type { CryptoProvider } from '../security/crypto.js';
import { MemoryReplayGuard, type ReplayGuard } from '../security/replay.js';
import type { GlobalKeys } from './protection.js';

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
  /** Keeps the counters that were passed; as long as the receiver lives unless given. */
  readonly guard?: ReplayGuard;
}

/** What a meter sent, in clear: a notification as a rule, but some meters send text. */
export interface OpenedPush {
  readonly content: Uint8Array;
  readonly protection: Protection;
  /** Undefined for what came in clear. */
  readonly systemTitle: Uint8Array | undefined;
  /**
   * Takes note of its counter: to be called when the content made sense, before it is used.
   * @throws SecurityError `replay`; StateError when it cannot be kept.
   */
  accept(): void;
}

/**
 * Receives what meters push to a listener that has no association with them: DataNotification and EventNotification, plain or in
 * general-glo-ciphering (or general-ded-ciphering, under the same key: without an association there is no other). Each meter's invocation
 * counters must rise. A guard that outlives the process is moved by messages alone that carry a tag: encryption without one proves nothing.
 */
export class NotificationReceiver {
  readonly #config: NotificationReceiverConfig;
  readonly #guard: ReplayGuard;
  /** For messages that are encrypted only. */
  readonly #unproved = new MemoryReplayGuard();

  constructor(config: NotificationReceiverConfig) {
    this.#config = config;
    this.#guard = config.guard ?? new MemoryReplayGuard();
  }

  /**
   * @throws SecurityError `missing-key` for an unknown meter, `bad-tag`, `replay`; DecodeError when it is no notification.
   */
  receive(payload: Uint8Array): Notification {
    const opened = this.open(payload);
    const notification = asNotification(decodeApdu(opened.content), opened.protection, opened.systemTitle);
    opened.accept();
    return notification;
  }

  /**
   * Takes the protection off, whatever is inside.
   * @throws SecurityError `missing-key` for an unknown meter, `bad-tag`, `replay`; DecodeError.
   */
  open(payload: Uint8Array): OpenedPush {
    const outer = isProtected(payload[0]) ? decodeApdu(payload) : undefined;
    if (outer?.type !== 'ciphered') {
      return { content: payload, protection: 'none', systemTitle: undefined, accept: () => {} };
    }
    const { tag, systemTitle: title, securityControl: control, invocationCounter: counter } = outer;
    const general = tag === APDU_TAGS['general-glo-ciphering'] || tag === APDU_TAGS['general-ded-ciphering'];
    if (!general || title === undefined || title.length !== SYSTEM_TITLE_LENGTH) {
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
    const { crypto } = this.#config;
    const encryption = keySetOf(control) === 'broadcast' ? broadcastKey(keys) : keys.encryption;
    const entry = `${name}/${keyName(crypto, title, encryption)}`;
    const protection = protectionOf(control);
    const unproved = protection === 'encryption';
    new ReceiveCounter(Math.max(this.#guard.lowest(entry), unproved ? this.#unproved.lowest(entry) : 0)).check(counter);
    const cipherKeys = { encryption, authentication: keys.authentication };
    const content = unprotect(
      crypto,
      { keys: cipherKeys, control, systemTitle: title, invocationCounter: counter },
      outer.content,
    );
    const guard = unproved ? this.#unproved : this.#guard;
    return { content, protection, systemTitle: title.slice(), accept: () => guard.accept(entry, counter) };
  }
}

/** Whether an APDU with this tag may be ciphered: others are not decoded twice. */
function isProtected(tag: number | undefined): boolean {
  const name = tag === undefined ? undefined : apduTagName(tag);
  return name !== undefined && (name.includes('ciphering') || name.startsWith('glo-') || name.startsWith('ded-'));
}

function broadcastKey({ broadcast }: GlobalKeys): Uint8Array {
  if (broadcast !== undefined) return broadcast;
  throw new SecurityError('missing-key', 'the message uses the global broadcast key, which was not given');
}

/** Counters belong to a key: a new one may begin anew. Four octets of a digest tell keys apart and give nothing away. */
function keyName(crypto: CryptoProvider, title: Uint8Array, key: Uint8Array): string {
  return toHex(crypto.hash('sha-256', concat(title, key)).subarray(0, 4));
}
