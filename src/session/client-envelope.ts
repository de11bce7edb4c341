/** Protects what a client sends and opens what it receives: the counterpart of `server-envelope.ts`. */

import type { Apdu, CipheredApdu, GeneralBlockTransfer } from '../apdu/apdu.js';
import { isProtected, isProtectedTag } from '../apdu/ciphered.js';
import { decodeApdu, encodeApdu } from '../apdu/codec.js';
import { readReceived } from '../apdu/received.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { equalBytes, toHex } from '../base/bytes.js';
import { AssociationError, CosemError, DecodeError, SecurityError } from '../base/errors.js';
import { given } from '../base/given.js';
import { isText } from '../base/shown.js';
import { counted, withArticle } from '../base/words.js';
import type { Protection } from '../contracts/protection.js';
import { demandProtection, protectionBits } from '../security/ciphering.js';
import { cryptoOf, handshakeProtection } from './association.js';
import { type CipherKind, inBlocks, protectionOverhead, serviceCipheredTag, wrappingOf } from './cipher-kind.js';
import { takeAnswer, takeExplanation, takeUnasked } from './client-acceptance.js';
import { decodeAnswer, errorIn } from './client-answers.js';
import type { ClientSessionConfig } from './client-config.js';
import { decodeOpened } from './decode-opened.js';
import { cannotOpen, type Envelope, keysMissing, RIGHT_METER, type Wrapping, whole } from './envelope.js';
import { receiveCounterOf } from './kept-received.js';
import { isNotification, isNotificationTag, judgedNotification, type Notification } from './notification-forms.js';
import { Ciphering, type Opened } from './protection.js';

/** Notifications that have a ciphered form of their own. */
const CIPHERED_NOTIFICATIONS: ReadonlySet<number> = new Set([
  APDU_TAGS['glo-event-notification-request'],
  APDU_TAGS['ded-event-notification-request'],
  APDU_TAGS['glo-information-report-request'],
  APDU_TAGS['ded-information-report-request'],
]);

/** How many octets an error shows of a message that is no APDU. */
const SHOWN = 8;

/** Envelopes in which an answer may come, or a notification. */
const MAY_HOLD: ReadonlySet<number> = new Set([
  APDU_TAGS['general-glo-ciphering'],
  APDU_TAGS['general-ded-ciphering'],
  APDU_TAGS['general-ciphering'],
  APDU_TAGS['general-signing'],
]);

/** What answers must have at least. */
interface Demand {
  readonly protection: Protection;
  readonly signed: boolean;
}

/** Protection of one client, both ways. */
export class ClientEnvelope implements Envelope {
  readonly ciphering: Ciphering | undefined;
  /** Whether the association is a ciphered one. */
  readonly ciphered: boolean;
  readonly #config: ClientSessionConfig;
  readonly #unreadable: (octets: Uint8Array) => void;
  readonly #request: Protection;
  readonly #demanded: Demand;
  /** Whether requests are signed. */
  readonly #signing: boolean;
  #kind: CipherKind = 'glo';
  #last: Wrapping = 'clear';
  /** A general-ciphered payload that {@link unsolicited} opened and found to be an answer. */
  #looked: { readonly payload: Uint8Array; readonly opened: Opened } | undefined;

  /**
   * @param unreadable called with octets that cannot be read as an APDU, before the error is thrown.
   * @throws StateError when the configuration lacks keys that its context or mechanism needs.
   */
  constructor(config: ClientSessionConfig, unreadable: (octets: Uint8Array) => void) {
    this.#config = config;
    this.#unreadable = unreadable;
    const { security } = config;
    this.ciphered = config.context === 'ln-ciphered';
    this.ciphering = makeCiphering(config);
    if (this.ciphering === undefined && (this.ciphered || config.mechanism === 5)) {
      throw keysMissing();
    }
    this.#request = security?.request ?? 'authenticated-encryption';
    this.#signing = security?.sign === true;
    this.#demanded = {
      protection: security?.response ?? this.#request,
      signed: security?.signedResponse ?? this.#signing,
    };
  }

  establish(): number {
    this.#kind = this.ciphering?.kind(this.#config.security?.general ?? false) ?? 'glo';
    const { suite } = this.#config;
    return this.ciphered ? protectionOverhead(this.#kind, this.#request, { suite, signing: this.#signing }) : 0;
  }

  get last(): Wrapping {
    return this.#last;
  }

  seal(request: Uint8Array): Uint8Array {
    if (!this.ciphered) return request;
    const { hasDedicatedKey } = this.ciphering as Ciphering;
    // ACCESS and the confirm of a notification have no ciphered form but the general one.
    const own = serviceCipheredTag(request[0] as number, hasDedicatedKey) !== undefined;
    const kind = own ? this.#kind : inBlocks(this.#kind);
    return (this.ciphering as Ciphering).seal(request, kind, this.#request, this.#signing);
  }

  sealHandshake(request: Uint8Array): Uint8Array {
    const protection = handshakeProtection(this.#config);
    return this.ciphered ? (this.ciphering as Ciphering).seal(request, 'glo', protection) : request;
  }

  sealBlock(block: GeneralBlockTransfer, wrapped: Wrapping | undefined): Uint8Array {
    const octets = encodeApdu(block);
    if (wrapped === undefined || wrapped === 'clear') return octets;
    return (this.ciphering as Ciphering).seal(octets, inBlocks(wrapped), this.#request, this.#signing);
  }

  read(payload: Uint8Array): Apdu {
    return this.#read(payload, this.#demanded);
  }

  readHandshake(payload: Uint8Array): Apdu {
    return this.#read(payload, { protection: handshakeProtection(this.#config), signed: false });
  }

  readJoined(octets: Uint8Array, wrapped: Wrapping | undefined): Apdu {
    const protectedAlready = wrapped !== undefined && wrapped !== 'clear' && !isProtectedTag(octets[0]);
    const opened = protectedAlready ? readReceived(octets, this.#config) : this.read(octets);
    return whole(opened);
  }

  openRefusal(answer: Apdu): Apdu {
    const { ciphering } = this;
    if (!isProtected(answer) || ciphering === undefined) return answer;
    try {
      return takeExplanation(ciphering, answer, (opened) => errorIn(decodeOpened(opened, this.#config))) ?? answer;
    } catch (error) {
      if (error instanceof CosemError) return answer;
      throw error;
    }
  }

  openHandshake(outer: CipheredApdu): Apdu {
    demandProtection(outer.securityControl, handshakeProtection(this.#config));
    return takeAnswer(required(this.ciphering), outer, (opened) => decodeOpened(opened, this.#config));
  }

  explain(outer: CipheredApdu, title: Uint8Array | undefined): ReturnType<Envelope['explain']> {
    const { ciphering } = this;
    if (ciphering === undefined) return undefined;
    if (title !== undefined) this.learnTitle(title);
    return takeExplanation(ciphering, outer, (opened) => errorIn(decodeApdu(opened.apdu, { lenient: true })));
  }

  otherTitle(title: Uint8Array | undefined): string | undefined {
    const given = this.ciphering?.config.peerTitle;
    if (given === undefined || title === undefined || equalBytes(given, title)) return undefined;
    return `the meter says its system title is ${toHex(title)}, ${toHex(given)} was expected`;
  }

  learnTitle(title: Uint8Array): void {
    const { ciphering } = this;
    if (ciphering === undefined) return;
    const other = this.otherTitle(title);
    if (other !== undefined) throw new AssociationError(other, { hint: RIGHT_METER });
    if (equalBytes(title, ciphering.config.systemTitle)) {
      throw new SecurityError('bad-challenge', 'the meter has our own system title', {
        hint: 'what we protect could come back as its answer: give this client a system title that no meter has',
      });
    }
    if (title.length === 8) ciphering.learnPeerTitle(title);
  }

  unsolicited(payload: Uint8Array): Notification | undefined {
    const tag = payload[0];
    const config = this.#config;
    if (tag === undefined) return undefined;
    if (isNotificationTag(tag)) return judgedNotification(readReceived(payload, config), config);
    const { ciphering } = this;
    const sure = CIPHERED_NOTIFICATIONS.has(tag);
    const perhaps = MAY_HOLD.has(tag);
    if (ciphering === undefined || !(sure || perhaps)) return undefined;
    let found: Parameters<typeof judgedNotification>;
    try {
      // The reader of the answer reports what is wrong with its form.
      const { strict = false } = config;
      const outer = readReceived(payload, { strict });
      if (!isProtected(outer)) return undefined;
      const taken = takeUnasked(ciphering, outer, (opened): typeof found | undefined => {
        if (!isNotificationTag(opened.apdu[0])) return undefined;
        readReceived(payload, config);
        const title = outer.type === 'ciphered' ? outer.systemTitle : opened.sender;
        return [decodeOpened(opened, config), config, opened.protection, title];
      });
      if (taken.judged === undefined) {
        this.#looked = { payload, opened: taken.opened };
        return undefined;
      }
      found = taken.judged;
    } catch (error) {
      // The requester judges what may be its answer.
      if (perhaps && error instanceof CosemError) return undefined;
      throw error;
    }
    return judgedNotification(...found);
  }

  #read(payload: Uint8Array, demanded: Demand): Apdu {
    const outer = this.#told(payload, () => this.#outer(payload));
    this.#last = isProtected(outer) ? (wrappingOf(outer) ?? 'identified') : 'clear';
    if (!isProtected(outer)) {
      if (this.ciphered && !mayBeClear(outer)) {
        throw new SecurityError('not-protected', `the meter sent ${withArticle(outer.type)} in clear`, {
          hint: 'a ciphered association was agreed: do not trust the value',
        });
      }
      return outer;
    }
    const { ciphering } = this;
    if (ciphering === undefined) {
      throw cannotOpen();
    }
    const looked = this.#looked;
    this.#looked = undefined;
    const judge = (opened: Opened) => {
      const apdu = this.#told(opened.apdu, () => decodeOpened(opened, this.#config));
      demandProtection(protectionBits[opened.protection], demanded.protection);
      if (demanded.signed && !opened.signed) throw notSigned();
      return apdu;
    };
    return takeAnswer(ciphering, outer, judge, looked?.payload === payload ? looked.opened : undefined);
  }

  /** Some servers accept no dedicated key and answer requests under it with octets that are no APDU. */
  #outer(payload: Uint8Array): Apdu {
    try {
      return decodeAnswer(payload, this.#config);
    } catch (error) {
      if (!(error instanceof DecodeError) || this.ciphering?.hasDedicatedKey !== true || isText(payload)) throw error;
      const { reason, offset } = error;
      const octets = counted(payload.length, 'octet that is', 'octets that are');
      const what = `under the dedicated key the meter answered ${octets} no APDU`;
      throw new DecodeError(reason, `${what}, ${toHex(payload.subarray(0, SHOWN))}`, offset, {
        hint: 'some servers know no dedicated key, though they take one: try without dedicated key',
        cause: error,
      });
    }
  }

  #told(octets: Uint8Array, read: () => Apdu): Apdu {
    try {
      return read();
    } catch (error) {
      this.#unreadable(octets);
      throw error;
    }
  }
}

function makeCiphering(config: ClientSessionConfig): Ciphering | undefined {
  const { security, systemTitle } = config;
  if (security === undefined || systemTitle === undefined) return undefined;
  const { keys, counters, counterEntry, serverTitle } = security;
  return new Ciphering({
    crypto: cryptoOf(config),
    systemTitle,
    keys,
    counters,
    counterEntry,
    oneCounter: true,
    ...given({ peerTitle: serverTitle, suite: config.suite, keyPairs: config.keyPairs, masterKey: security.masterKey }),
    receivedFrom: (title) => receiveCounterOf(config, security, title),
  });
}

function notSigned(): SecurityError {
  return new SecurityError('not-protected', 'the meter did not sign its answer, and a signature is demanded', {
    hint: 'check the security policy of the meter (class 64, attribute 2): does it sign its answers?',
  });
}

/** Errors are accepted unprotected too: they can prevent an answer, but never give a wrong one. */
function mayBeClear(apdu: Apdu): boolean {
  return errorIn(apdu) !== undefined || apdu.type === 'general-block-transfer' || isNotification(apdu);
}

/** @throws StateError when there are no keys though they are needed. */
export function required(ciphering: Ciphering | undefined): Ciphering {
  if (ciphering !== undefined) return ciphering;
  throw keysMissing();
}
