import type { CipheredApdu, GeneralCiphering, GeneralHeader, GeneralSigning } from '../apdu/apdu.js';
import { isProtected, type ProtectedApdu } from '../apdu/ciphered.js';
import { decodeApdu, encodeApdu } from '../apdu/codec.js';
import { headerOctets } from '../apdu/general-protection.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { equalBytes, toHex } from '../base/bytes.js';
import { SecurityError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { CounterGuard } from '../contracts/counter-guard.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { GlobalKeys, KeyPairs, MessageKey, Protection } from '../contracts/protection.js';
import {
  checkSystemTitle,
  keySetOf,
  protect,
  protectionOf,
  ReceiveCounter,
  securityControl,
  unprotect,
} from '../security/ciphering.js';
import { checkCounterLeft } from '../security/counter.js';
import type { Suspect } from '../security/diagnose.js';
import { type SuiteId, suiteOf } from '../security/suites.js';
import { type CipherKind, cipherKindOf, isDedicated, serviceCipheredTag } from './cipher-kind.js';
import {
  checkGeneral,
  checkRecipient,
  headerFor,
  isBroadcast,
  isMessageKey,
  keyOfReceived,
  keyToSend,
  messageKeyOf,
  signed,
  verified,
  withoutCounter,
} from './general-protection.js';

export interface CipheringConfig {
  readonly crypto: CryptoProvider;
  /** Our own, eight octets. */
  readonly systemTitle: Uint8Array;
  /** The other side's, where it is known beforehand; else it is learned from AARQ or AARE. */
  readonly peerTitle?: Uint8Array;
  /** Security suite. Default 0. */
  readonly suite?: SuiteId;
  readonly keys: GlobalKeys;
  /** The master key (KEK), for messages that bring their key along. */
  readonly masterKey?: Uint8Array;
  /** For signatures and key agreement. */
  readonly keyPairs?: KeyPairs;
  /** Whether we answer: then the transaction-id of what goes out is that of what came. */
  readonly answers?: boolean;
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
  /** Whether a digital signature held. */
  readonly signed: boolean;
  /** That of general-ciphering. */
  readonly transactionId?: Uint8Array;
}

const GENERAL_GLO = APDU_TAGS['general-glo-ciphering'];
const GENERAL_DED = APDU_TAGS['general-ded-ciphering'];
/** How many messages of one association are diagnosed. */
const MAX_SUSPECTS = 3;
/**
 * The ciphering context of one association, the same for both roles and all security suites: own and peer's title, keys, the counters that
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
  /** That of the last message that was accepted. */
  #transactionId: Uint8Array | undefined;
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

  get suite(): SuiteId {
    return this.config.suite ?? 0;
  }

  /** How what goes under the key of this association is wrapped: the dedicated one where there is one, else the global one. */
  kind(general: boolean | MessageKey): CipherKind {
    if (typeof general === 'string') return general;
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
   * @param signing whether it is signed besides, around its ciphering.
   * @throws SecurityError `counter-exhausted`, `missing-key`, `bad-key`; StateError where suite 0 is to sign or to agree on a key.
   */
  seal(apdu: Uint8Array, kind: CipherKind, protection: Protection, signing = false): Uint8Array {
    checkGeneral(this.suite, kind, signing);
    // Both may fail for want of a key: before a counter is used up.
    const header = signing || isMessageKey(kind) ? this.#header() : undefined;
    const sealed = isMessageKey(kind)
      ? this.#sealGeneral(apdu, kind, protection, header as GeneralHeader)
      : this.#sealCiphered(apdu, kind, protection);
    return signing ? signed(this.config, header as GeneralHeader, sealed) : sealed;
  }

  /** Whether we have the keys to send so: what only the other side could do is found out before anything is carried out. */
  knows(kind: CipherKind, signing: boolean): boolean {
    const { keyPairs = {}, masterKey } = this.config;
    if (signing && keyPairs.signing === undefined) return false;
    if ((signing || isMessageKey(kind)) && this.#peerTitle === undefined) return false;
    if (kind === 'wrapped') return masterKey !== undefined;
    if (kind === 'one-pass') return keyPairs.signing !== undefined && keyPairs.peerAgreement !== undefined;
    return kind !== 'static-unified' || (keyPairs.agreement !== undefined && keyPairs.peerAgreement !== undefined);
  }

  #header(): GeneralHeader {
    return headerFor(this.config, this.#peerTitle, this.config.answers === true ? this.#transactionId : undefined);
  }

  #sealCiphered(apdu: Uint8Array, kind: CipherKind, protection: Protection): Uint8Array {
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
    const control = securityControl(this.suite, protection);
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

  /** The counter runs on whatever the key is: so none of what comes under keys of one message can be played back either. */
  #sealGeneral(apdu: Uint8Array, kind: MessageKey, protection: Protection, header: GeneralHeader): Uint8Array {
    const { config } = this;
    const { key, keyInfo } = keyToSend(config, kind, header);
    const control = securityControl(this.suite, protection);
    const invocationCounter = this.nextGlobalCounter();
    const content = protect(
      config.crypto,
      {
        keys: { encryption: key, authentication: config.keys.authentication },
        control,
        systemTitle: config.systemTitle,
        invocationCounter,
        extra: headerOctets(header),
      },
      apdu,
    );
    return encodeApdu({
      type: 'general-ciphering',
      ...header,
      keyInfo,
      securityControl: control,
      invocationCounter,
      content,
    });
  }

  /**
   * Opens a protected APDU, and changes nothing: the same message opens again. Nothing is released when the tag or the signature does not hold, or
   * the counter was passed before. When to {@link accept} the counter is said in one place for each role: `client-acceptance.ts`,
   * `server-acceptance.ts`.
   * @throws SecurityError `replay`, `bad-tag`, `bad-signature`, `missing-key`, `bad-key`, `bad-key-wrap`, `compressed`, `decrypt-garbage`,
   *   `changed-envelope`, `not-protected`; DecodeError when the header makes no sense.
   */
  open(message: ProtectedApdu): Opened {
    if (message.type === 'general-signing') return this.#openSigned(message);
    const opened = message.type === 'ciphered' ? this.#openCiphered(message) : this.#openGeneral(message);
    if (opened.apdu[0] !== APDU_TAGS['general-signing']) return opened;
    // Signed first and ciphered then.
    return { ...opened, apdu: this.#verified(decodeApdu(opened.apdu) as GeneralSigning), signed: true };
  }

  #openSigned(message: GeneralSigning): Opened {
    const content = decodeApdu(this.#verified(message));
    if (!isProtected(content) || content.type === 'general-signing') throw withoutCounter();
    return { ...this.open(content), signed: true, transactionId: message.transactionId.slice() };
  }

  #verified(message: GeneralSigning): Uint8Array {
    checkSystemTitle(message.originatorTitle);
    this.#senderTitle(message.originatorTitle);
    checkRecipient(this.config, message);
    return verified(this.config, message);
  }

  #checkSuite(control: number): void {
    const suite = suiteOf(control);
    if (suite === this.suite) return;
    throw new SecurityError('bad-key', `the message uses security suite ${suite}, not ${this.suite}`, {
      hint: 'open the association with the security suite of the meter (class 64, attribute 3)',
    });
  }

  #openGeneral(message: GeneralCiphering): Opened {
    const { securityControl: control, invocationCounter: counter, originatorTitle } = message;
    this.#checkSuite(control);
    checkSystemTitle(originatorTitle);
    const sender = this.#senderTitle(originatorTitle);
    const kind = messageKeyOf(message);
    checkRecipient(this.config, message, kind === 'identified');
    const guard = isBroadcast(message) ? this.#broadcastReceived : this.#receivedFrom(sender);
    const protection = protectionOf(control);
    const apdu = unprotect(
      this.config.crypto,
      {
        keys: {
          encryption: keyOfReceived(this.config, message),
          authentication: this.config.keys.authentication,
        },
        control,
        systemTitle: sender,
        invocationCounter: counter,
        extra: headerOctets(message),
      },
      message.content,
    );
    guard.check(counter, protection !== 'encryption');
    const transactionId = message.transactionId.slice();
    return { apdu, kind, protection, guard, counter, sender, signed: false, transactionId };
  }

  #openCiphered(message: CipheredApdu): Opened {
    const { securityControl: control, invocationCounter: counter } = message;
    this.#checkSuite(control);
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
    return { apdu, kind, protection, guard, counter, sender: systemTitle, signed: false };
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
    this.#transactionId = opened.transactionId;
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
  suspect(message: ProtectedApdu): Suspect | undefined {
    if (message.type !== 'ciphered') return undefined;
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
