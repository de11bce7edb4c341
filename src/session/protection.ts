import type { Apdu, CipheredApdu } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import { isDeviation, type Reception, readReceived } from '../apdu/received.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { equalBytes, toHex } from '../base/bytes.js';
import { SecurityError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { counted } from '../base/words.js';
import type { CounterGuard } from '../contracts/counter-guard.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { GlobalKeys, Protection } from '../contracts/protection.js';
import {
  keySetOf,
  protect,
  protectionOf,
  ReceiveCounter,
  SecurityControl,
  securityControl,
  TAG_LENGTH,
  unprotect,
} from '../security/ciphering.js';
import { checkCounterLeft } from '../security/counter.js';
import type { Suspect } from '../security/diagnose.js';

/**
 * How a ciphered APDU is wrapped: service-specific (glo-, ded-) or general, with the global or the dedicated key
 * (IEC 62056-5-3, Green Book 9.2.7.2.3).
 */
export type CipherKind = 'glo' | 'ded' | 'general-glo' | 'general-ded';

export interface CipheringConfig {
  readonly crypto: CryptoProvider;
  /** Our own, eight octets. */
  readonly systemTitle: Uint8Array;
  /** The other side's, where it is known beforehand; else it is learned from AARQ or AARE. */
  readonly peerTitle?: Uint8Array;
  readonly keys: GlobalKeys;
  readonly counters: CounterStore;
  /** The entry of `counters` for our sending under the global key. */
  readonly counterEntry: string;
  /**
   * Whether what goes under a dedicated key draws its counters from `counters` too, as a client's does: there are servers that check one
   * running counter over both keys. Else a dedicated key counts from 0.
   */
  readonly oneCounter?: boolean;
  /** Guards what comes under the global key. A server keeps it across associations. */
  readonly received?: CounterGuard;
  /** The same for a client: made when it is known which meter it is. */
  readonly receivedFrom?: (peerTitle: Uint8Array) => CounterGuard;
  /** Guards what comes under the broadcast key. */
  readonly broadcastReceived?: CounterGuard;
}

/** An opened message. Its counter is not accepted before {@link Ciphering.accept}. */
export interface Opened {
  readonly apdu: Uint8Array;
  readonly kind: CipherKind;
  readonly protection: Protection;
  readonly guard: CounterGuard;
  readonly counter: number;
  readonly sender: Uint8Array;
}

const GENERAL_GLO = APDU_TAGS['general-glo-ciphering'];
const GENERAL_DED = APDU_TAGS['general-ded-ciphering'];
/** How many messages of one association are diagnosed. */
const MAX_SUSPECTS = 3;
/** Tag, length of up to three octets, security control, invocation counter. */
const SERVICE_OVERHEAD = 9;
/** A length octet and the system title. */
const TITLE_OVERHEAD = 9;

/** The tag of a service-specific ciphered APDU, or undefined where the standard has none (exception-response, notifications). */
export function serviceCipheredTag(tag: number, dedicated: boolean): number | undefined {
  if (tag >= 0xc0 && tag <= 0xc7) return tag + (dedicated ? 0x10 : 0x08);
  if (tag === 0x01 || tag === 0x08 || tag === 0x0e) return tag + (dedicated ? 0x40 : 0x20);
  return undefined;
}

/** How many octets protection adds to an APDU, at most. */
export function protectionOverhead(kind: CipherKind, protection: Protection): number {
  const tag = protection === 'encryption' ? 0 : TAG_LENGTH;
  return SERVICE_OVERHEAD + tag + (kind === 'glo' || kind === 'ded' ? 0 : TITLE_OVERHEAD);
}

/** Whether it is protected by the key of one association. */
export function isDedicated(kind: CipherKind): boolean {
  return kind === 'ded' || kind === 'general-ded';
}

/** How blocks go beside an APDU that is wrapped so: general, under the same key. */
export function inBlocks(kind: CipherKind | undefined): CipherKind {
  return kind !== undefined && isDedicated(kind) ? 'general-ded' : 'general-glo';
}

/** How a ciphered APDU was wrapped, by its tag. */
export function cipherKindOf(tag: number): CipherKind {
  if (tag === GENERAL_GLO) return 'general-glo';
  if (tag === GENERAL_DED) return 'general-ded';
  if (tag >= 0xd0 || (tag >= 0x41 && tag <= 0x5f)) return 'ded';
  return 'glo';
}

/**
 * The ciphering context of one association, security suite 0, the same for both roles: own and peer's title, keys, the counters that
 * never repeat and the guards against replay.
 */
export class Ciphering {
  readonly config: CipheringConfig;
  #peerTitle: Uint8Array | undefined;
  #dedicatedKey: Uint8Array | undefined;
  /** The dedicated key lives as long as the association; a server counts from 0 under it. */
  #dedicatedCounter = 0;
  #dedicatedReceived: CounterGuard = new ReceiveCounter();
  /** Whether a tag was right: then the keys are right too, and a message with a wrong tag was changed on the way. */
  #proved = false;
  #suspects = 0;
  #received: CounterGuard;
  readonly #broadcastReceived: CounterGuard;

  constructor(config: CipheringConfig) {
    if (config.systemTitle.length !== 8) {
      throw new StateError(`a system title of ${counted(config.systemTitle.length, 'octet')} instead of 8`);
    }
    this.config = config;
    this.#peerTitle = config.peerTitle;
    const known = config.peerTitle && config.receivedFrom?.(config.peerTitle);
    this.#received = config.received ?? known ?? new ReceiveCounter();
    this.#broadcastReceived = config.broadcastReceived ?? new ReceiveCounter();
  }

  get peerTitle(): Uint8Array | undefined {
    return this.#peerTitle;
  }

  /** Takes the other side's title from AARQ or AARE. */
  learnPeerTitle(title: Uint8Array): void {
    this.settle();
    this.#peerTitle = title.slice();
    this.#received = this.config.receivedFrom?.(title) ?? this.#received;
  }

  /** Guards what comes under the global key. */
  get received(): CounterGuard {
    return this.#received;
  }

  /** The association has ended: its last counters are written down. */
  settle(): void {
    this.#received.settle();
  }

  /** Starts a dedicated key, with fresh counters, or ends it. */
  useDedicatedKey(key: Uint8Array | undefined): void {
    this.#dedicatedKey = key?.slice();
    this.#dedicatedCounter = 0;
    this.#dedicatedReceived = new ReceiveCounter();
  }

  get hasDedicatedKey(): boolean {
    return this.#dedicatedKey !== undefined;
  }

  /** How what goes under the key of this association is wrapped: the dedicated one where there is one, else the global one. */
  kind(general: boolean): CipherKind {
    if (this.hasDedicatedKey) return general ? 'general-ded' : 'ded';
    return general ? 'general-glo' : 'glo';
  }

  /** The lowest counter that is acceptable for messages of that kind. */
  lowestReceived(kind: CipherKind): number {
    return (isDedicated(kind) ? this.#dedicatedReceived : this.received).lowest;
  }

  /** Uses up a counter of the global key: also for HLS mechanism 5 and a client's dedicated key, which count along. */
  nextGlobalCounter(): number {
    return this.config.counters.next(this.config.counterEntry);
  }

  /**
   * Protects an APDU.
   * @throws SecurityError `counter-exhausted`, `missing-key`, `bad-key`.
   */
  seal(apdu: Uint8Array, kind: CipherKind, protection: Protection): Uint8Array {
    const { crypto, systemTitle, keys } = this.config;
    const dedicated = isDedicated(kind);
    const general = kind === 'general-glo' || kind === 'general-ded';
    const tag = general ? (dedicated ? GENERAL_DED : GENERAL_GLO) : serviceCipheredTag(apdu[0] as number, dedicated);
    if (tag === undefined) {
      throw new StateError(`an APDU with tag ${apdu[0]} has no ${kind}-ciphered form`, {
        hint: 'use general ciphering for it',
      });
    }
    const encryption = dedicated ? this.#dedicated() : keys.encryption;
    const invocationCounter = dedicated ? this.#nextDedicatedCounter() : this.nextGlobalCounter();
    const control = securityControl(0, protection);
    const context = {
      keys: { encryption, authentication: keys.authentication },
      control,
      systemTitle,
      invocationCounter,
    };
    const content = protect(crypto, context, apdu);
    return encodeApdu(
      general
        ? { type: 'ciphered', tag, systemTitle, securityControl: control, invocationCounter, content }
        : { type: 'ciphered', tag, securityControl: control, invocationCounter, content },
    );
  }

  /**
   * Opens a ciphered APDU, and changes nothing: the same message opens again. Nothing is released when the tag does not hold or the counter
   * was passed before. When to {@link accept} the counter is said in one place for each role: `client-acceptance.ts`, `server-acceptance.ts`.
   * @throws SecurityError `replay`, `bad-tag`, `missing-key`, `bad-key`, `compressed`, `decrypt-garbage`, `changed-envelope`; DecodeError when
   *   the header makes no sense.
   */
  open(message: CipheredApdu): Opened {
    const { securityControl: control, invocationCounter: counter } = message;
    if ((control & SecurityControl.suite) !== 0) {
      throw new SecurityError('bad-key', `the message uses security suite ${control & SecurityControl.suite}, not 0`);
    }
    const kind = cipherKindOf(message.tag);
    const dedicated = isDedicated(kind);
    const broadcast = !dedicated && keySetOf(control) === 'broadcast';
    const systemTitle = this.#senderTitle(message.systemTitle);
    const guard = dedicated
      ? this.#dedicatedReceived
      : broadcast
        ? this.#broadcastReceived
        : this.#receivedFrom(systemTitle);
    const { keys, crypto } = this.config;
    const encryption = dedicated ? this.#dedicated() : broadcast ? this.#broadcast() : keys.encryption;
    const context = {
      keys: { encryption, authentication: keys.authentication },
      control,
      systemTitle,
      invocationCounter: counter,
    };
    const protection = protectionOf(control);
    const tagged = protection !== 'encryption';
    // The tag is checked first: without it anybody could have written the counter.
    const apdu = unprotect(crypto, context, message.content);
    guard.check(counter, tagged);
    if (message.systemTitle === undefined && serviceCipheredTag(apdu[0] ?? 0, dedicated) !== message.tag) {
      throw otherInside(tagged);
    }
    return { apdu, kind, protection, guard, counter, sender: systemTitle };
  }

  /**
   * Accepts the counter of a message that was judged.
   * @throws SecurityError `replay` when it was accepted before.
   */
  accept(opened: Opened): void {
    const { guard, counter, sender } = opened;
    const proved = opened.protection !== 'encryption';
    this.#proved ||= proved;
    guard.accept(counter);
    if (!proved) return;
    guard.proved(counter);
    const other = guard === this.#dedicatedReceived || guard === this.#broadcastReceived;
    if (this.#peerTitle !== undefined || this.config.receivedFrom === undefined || other) return;
    // A meter that does not say its title in the AARE says it in each message: the first that holds tells who it is.
    this.#peerTitle = sender.slice();
    this.#received = guard;
  }

  #receivedFrom(sender: Uint8Array): CounterGuard {
    return this.#peerTitle === undefined ? (this.config.receivedFrom?.(sender) ?? this.#received) : this.#received;
  }

  /** What a diagnosis needs of a message that does not open. Only for a few messages, because a peer may send many. */
  suspect(message: CipheredApdu): Suspect | undefined {
    const { keys, systemTitle } = this.config;
    const peer = message.systemTitle?.length ? message.systemTitle : this.#peerTitle;
    const kind = cipherKindOf(message.tag);
    const keySet = isDedicated(kind) ? 'dedicated' : keySetOf(message.securityControl);
    const encryption = { dedicated: this.#dedicatedKey, broadcast: keys.broadcast, unicast: keys.encryption }[keySet];
    if (peer === undefined || encryption === undefined || this.#proved || this.#suspects >= MAX_SUSPECTS)
      return undefined;
    this.#suspects += 1;
    return {
      keys: {
        encryption,
        authentication: keys.authentication,
        others: { unicast: keys.encryption, dedicated: this.#dedicatedKey, broadcast: keys.broadcast },
      },
      control: message.securityControl,
      systemTitle: peer,
      invocationCounter: message.invocationCounter,
      content: message.content,
      keySet,
      otherTitle: systemTitle,
    };
  }

  #senderTitle(stated: Uint8Array | undefined): Uint8Array {
    const known = this.#peerTitle;
    if (stated === undefined || stated.length === 0) {
      if (known !== undefined) return known;
      throw new SecurityError('missing-key', 'the system title of the sender is not known', {
        hint: 'give the system title of the meter: a pre-established association does not exchange it',
      });
    }
    if (known !== undefined && !equalBytes(known, stated)) {
      throw new SecurityError('bad-key', `the message is from system title ${toHex(stated)}, not ${toHex(known)}`, {
        hint: 'is another meter on the line?',
      });
    }
    return stated;
  }

  #dedicated(): Uint8Array {
    if (this.#dedicatedKey !== undefined) return this.#dedicatedKey;
    throw new SecurityError('missing-key', 'this association has no dedicated key');
  }

  #nextDedicatedCounter(): number {
    if (this.config.oneCounter === true) return this.nextGlobalCounter();
    const counter = this.#dedicatedCounter;
    checkCounterLeft(counter);
    this.#dedicatedCounter = counter + 1;
    return counter;
  }

  #broadcast(): Uint8Array {
    const key = this.config.keys.broadcast;
    if (key !== undefined) return key;
    throw new SecurityError('missing-key', 'the message uses the global broadcast key, which was not given');
  }
}

/** Where the tag holds, the keys are right: the envelope itself is covered by none. */
function otherInside(tagged: boolean): SecurityError {
  const what = 'a message is another one inside than its envelope says';
  if (!tagged) {
    return new SecurityError('decrypt-garbage', what, {
      hint: 'check the encryption key and the system title of the sender',
    });
  }
  return new SecurityError('changed-envelope', `${what}, though its tag holds`, {
    hint: 'the keys are right: its first octet was changed on the way, or its sender is at fault. Do not trust it',
  });
}

/**
 * Reads what was opened. Without authentication a wrong key shows only here; and octets behind the APDU are not borne there: the
 * authentication tag of a message whose security control was changed on its way looks so.
 */
export function decodeOpened(opened: Pick<Opened, 'apdu' | 'protection'>, reception: Reception): Apdu {
  if (opened.protection !== 'encryption') return readReceived(opened.apdu, reception);
  const { strict = false, onRemark } = reception;
  let surplus = false;
  let apdu: Apdu;
  try {
    apdu = readReceived(opened.apdu, {
      strict,
      onRemark: (remark) => {
        if (remark.code === 'surplus-octets') surplus = true;
        onRemark?.(remark);
      },
    });
  } catch (error) {
    if (isDeviation(error)) throw error;
    throw garbage(error);
  }
  // Nearly any octets read as that.
  if (apdu.type === 'unsupported' || apdu.type === 'gateway-request' || apdu.type === 'gateway-response')
    throw garbage();
  if (!surplus) return apdu;
  throw new SecurityError('decrypt-garbage', 'octets stand behind a message that is encrypted and not authenticated', {
    hint: 'do not trust it: its authentication may have been taken away on the way',
  });
}

function garbage(cause?: unknown): SecurityError {
  return new SecurityError('decrypt-garbage', 'a message makes no sense after decryption', {
    hint: 'check the encryption key and the system title of the sender',
    ...given({ cause }),
  });
}
