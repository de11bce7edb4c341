import { judgeMoment, type Reception, readReceived } from '../apdu/received.js';
import { APDU_TAGS, apduTagName } from '../apdu/tags.js';
import { equalBytes, toHex, toLatin1 } from '../base/bytes.js';
import { CosemError, SecurityError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import { protectionError } from '../causes/protection-error.js';
import { oddMoment } from '../codec/odd-moments.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Protection } from '../contracts/protection.js';
import type { ReplayGuard } from '../contracts/replay-guard.js';
import {
  keySetOf,
  protectionOf,
  ReceiveCounter,
  SecurityControl,
  SYSTEM_TITLE_LENGTH,
  unprotect,
} from '../security/ciphering.js';
import { openUnverified } from '../security/diagnose.js';
import { MemoryReplayGuard } from '../security/replay.js';
import { decodeOpened } from './decode-opened.js';
import { receivedEntryOf } from './kept-received.js';
import { asNotification, type Notification } from './notification-forms.js';
import { PushFaults, type PushKeys, readablePush } from './push-faults.js';

/** Options of a {@link NotificationReceiver}. */
export interface NotificationReceiverConfig extends Reception {
  /** Cryptography. */
  readonly crypto: CryptoProvider;
  /** Gives the keys of the meter with this system title (8 octets); undefined for an unknown meter. */
  readonly keysOf: (systemTitle: Uint8Array) => PushKeys | undefined;
  /**
   * Accepts messages that are not authenticated when they open with the encryption key: those whose tag cannot be checked because there is no
   * authentication key, and those with encryption alone, which have no tag. They are marked `authenticated: false` and do not move the guard, so a
   * recording of them can be played back. Default false. With an authentication key, a wrong tag is always refused.
   */
  readonly acceptUnauthenticated?: boolean;
  /** Stores the counters that were accepted. Default in memory, as long as the receiver lives. */
  readonly guard?: ReplayGuard;
}

const RECEIVER_OPTIONS: OptionNames<NotificationReceiverConfig> = {
  crypto: true,
  keysOf: true,
  acceptUnauthenticated: true,
  guard: true,
  strict: true,
  onRemark: true,
};

/** A pushed message after deciphering: usually a notification, but some meters send text. */
export interface OpenedPush {
  /** The deciphered octets. */
  readonly content: Uint8Array;
  /** How it was protected, by its header. */
  readonly protection: Protection;
  /** Whether a tag proved who made it. */
  readonly authenticated: boolean;
  /** System title of the sender; undefined when it was not ciphered. */
  readonly systemTitle: Uint8Array | undefined;
  /** @internal Security suite of the envelope. */
  readonly suite?: number;
  /**
   * Accepts its counter. Call it when the content was understood, before it is used.
   * @throws SecurityError `replay`, or `not-verified` for encryption alone unless that is accepted; StateError when it cannot be stored.
   */
  accept(): void;
  /** @internal The fault behind content that cannot be read. Under encryption alone there is no tag, so a wrong key shows here. */
  explain(error: CosemError): CosemError;
}

/**
 * Receives what meters push to a listener without an association: DataNotification and EventNotification, plain or in general-glo-ciphering (or
 * general-ded-ciphering, under the same key, because without an association there is no other). The invocation counters of each meter must rise.
 * Only messages with a tag move a guard that outlives the process, because encryption alone proves nothing.
 */
export class NotificationReceiver {
  readonly #config: NotificationReceiverConfig;
  readonly #guard: ReplayGuard;
  /** For messages that are encrypted only. */
  readonly #unproved = new MemoryReplayGuard();
  readonly #faults: PushFaults;

  constructor(config: NotificationReceiverConfig) {
    checkOptions(config, RECEIVER_OPTIONS, 'NotificationReceiver', { others: { counters: 'guard', keys: 'keysOf' } });
    this.#config = config;
    this.#guard = config.guard ?? new MemoryReplayGuard();
    this.#faults = new PushFaults(config.crypto);
  }

  /**
   * @internal Whether this is the title of a meter that has keys: keys of its own, where any meter is given some, or a title as makers
   * form it, three letters in front.
   */
  isTitleWithKeys(title: Uint8Array): boolean {
    const keys = this.#config.keysOf(title);
    if (keys === undefined) return false;
    const others = this.#config.keysOf(NOBODY);
    return others === undefined || MAKER.test(toLatin1(title.subarray(0, 3))) || !sameKeys(keys, others);
  }

  /** @internal Tells what was pushed from anything else. */
  digestOf(content: Uint8Array): string {
    return toHex(this.#config.crypto.hash('sha-256', content).subarray(0, 16));
  }

  /** @internal How it reads what was opened. */
  get reception(): Reception {
    const { strict, onRemark } = this.#config;
    return given({ strict, onRemark });
  }

  /**
   * @throws SecurityError `missing-key` for an unknown meter, `replay`, `not-verified` without a tag or the key for it; which key, title or
   * counter is wrong where that can be proved, a few times for each sender, else `bad-tag`; DecodeError when it is no notification.
   */
  receive(payload: Uint8Array): Notification {
    const push = this.open(payload);
    const { content, protection, systemTitle, authenticated } = push;
    let notification: Notification;
    try {
      const apdu = decodeOpened({ apdu: content, protection }, this.#config);
      notification = asNotification(apdu, protection, systemTitle, authenticated);
      judgeMoment(this.#config, oddMoment(apdu));
    } catch (error) {
      throw error instanceof CosemError ? push.explain(error) : error;
    }
    push.accept();
    return notification;
  }

  /**
   * Takes the protection off, whatever is inside.
   * @param reception how the envelope is read; as configured unless given.
   * @throws SecurityError as {@link receive}; DecodeError.
   */
  open(payload: Uint8Array, reception: Reception = this.#config): OpenedPush {
    const outer = isProtected(payload[0]) ? readReceived(payload, reception) : undefined;
    if (outer?.type !== 'ciphered') {
      const clear = { content: payload, protection: 'none', authenticated: false, systemTitle: undefined } as const;
      return { ...clear, accept: () => {}, explain: (error) => error };
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
        hint: 'give its encryption key and authentication key (--ek and --ak)',
      });
    }
    const { crypto } = this.#config;
    const encryption = keySetOf(control) === 'broadcast' ? broadcastKey(keys) : keys.encryption;
    const entry = receivedEntryOf(crypto, title, encryption);
    const protection = protectionOf(control);
    const unproved = protection === 'encryption';
    const lowest = Math.max(this.#guard.lowest(entry), unproved ? this.#unproved.lowest(entry) : 0);
    const received = new ReceiveCounter(lowest);
    const context = { control, systemTitle: title, invocationCounter: counter };
    // In Indian meters one key is often both.
    const cipherKeys = { encryption, authentication: keys.authentication ?? keys.encryption };
    const explain = (error: CosemError) => this.#faults.explained(error, outer, title, keys);
    const readsAs = readablePush(outer);
    const opened = { protection, systemTitle: title.slice(), suite: control & SecurityControl.suite };
    try {
      const content = unprotect(crypto, { ...context, keys: cipherKeys }, outer.content);
      // After the tag: only then is the counter known to be from the meter.
      received.check(counter);
      const guard = unproved ? this.#unproved : this.#guard;
      const accept = () => {
        if (unproved && this.#config.acceptUnauthenticated !== true) throw untagged();
        guard.accept(entry, counter);
        if (!unproved) this.#faults.proved(title);
      };
      const unread = (error: CosemError) => {
        const length = readsAs(content);
        // It can be read as an APDU, so the key is right.
        if (!unproved || length === content.length) return error;
        const found = explain(error);
        const nothing = found instanceof SecurityError && found.reason === 'decrypt-garbage';
        // Octets after an APDU are reported, unless a diagnosis proves more.
        return length !== undefined && nothing ? error : found;
      };
      return { ...opened, content, authenticated: !unproved, accept, explain: unread };
    } catch (error) {
      // A head that claims no protection, or content too short for a tag, is no matter of keys.
      if (!(error instanceof SecurityError) || error.reason === 'replay') throw error;
      const unchecked = error.reason === 'bad-tag' && keys.authentication === undefined;
      const content = unchecked
        ? openUnverified(crypto, { ...context, keys: { encryption } }, outer.content, readsAs)
        : undefined;
      if (content === undefined) throw explain(error);
      if (this.#config.acceptUnauthenticated !== true) throw protectionError({ reason: 'not-verified', facts: {} });
      received.check(counter);
      return { ...opened, content, authenticated: false, accept: () => {}, explain: (error) => error };
    }
  }
}

/** Whether an APDU with this tag may be ciphered: others are not decoded twice. */
function isProtected(tag: number | undefined): boolean {
  const name = tag === undefined ? undefined : apduTagName(tag);
  return name !== undefined && (name.includes('ciphering') || name.startsWith('glo-') || name.startsWith('ded-'));
}

/** Only after the content was understood: a wrong key is reported first. */
function untagged(): SecurityError {
  const message = 'the message is encrypted only (security control 20): it has no tag, and nothing proves who made it';
  return new SecurityError('not-verified', message, {
    hint: 'set the meter to authenticate what it pushes; to take it all the same, say acceptUnauthenticated',
  });
}

/** No meter has this title. */
const NOBODY = new Uint8Array(SYSTEM_TITLE_LENGTH);
const MAKER = /^[A-Z]{3}$/;

function sameKeys(one: PushKeys, other: PushKeys): boolean {
  const octets = ({ encryption, authentication, broadcast }: PushKeys) => [encryption, authentication, broadcast];
  const others = octets(other);
  return octets(one).every((key, i) => equalBytes(key ?? NO_KEY, others[i] ?? NO_KEY));
}

const NO_KEY = new Uint8Array(0);

function broadcastKey({ broadcast }: PushKeys): Uint8Array {
  if (broadcast !== undefined) return broadcast;
  throw new SecurityError('missing-key', 'the message uses the global broadcast key, which was not given', {
    hint: 'give it beside the encryption key of the meter (gbek in the file of --keys)',
  });
}
