/** Protects what a client sends and opens what it receives: the counterpart of `server-envelope.ts`. */

import type { Apdu, GeneralBlockTransfer } from '../apdu/apdu.js';
import { isCipheredTag } from '../apdu/ciphered.js';
import { encodeApdu } from '../apdu/codec.js';
import { readReceived } from '../apdu/received.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { toHex } from '../base/bytes.js';
import { CosemError, DecodeError, SecurityError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { isText } from '../base/shown.js';
import { counted, withArticle } from '../base/words.js';
import type { Protection } from '../contracts/protection.js';
import { demandProtection } from '../security/ciphering.js';
import { takeAnswer, takeExplanation, takeUnasked } from './client-acceptance.js';
import { decodeAnswer } from './client-answers.js';
import { errorIn, handshakeProtection } from './client-association.js';
import type { ClientSessionConfig } from './client-config.js';
import { receiveCounterOf } from './kept-received.js';
import { isNotification, isNotificationTag, judgedNotification, type Notification } from './notification.js';
import {
  Ciphering,
  type CipherKind,
  cipherKindOf,
  decodeOpened,
  inBlocks,
  type Opened,
  protectionOverhead,
} from './protection.js';

/** How many octets an error shows of a message that is no APDU. */
const SHOWN = 8;

/** How a received payload was protected. */
export type Wrapping = CipherKind | 'clear';

/** Protection of one client, both ways. */
export class ClientEnvelope {
  readonly ciphering: Ciphering | undefined;
  /** Whether the association is a ciphered one. */
  readonly ciphered: boolean;
  readonly #config: ClientSessionConfig;
  readonly #unreadable: (octets: Uint8Array) => void;
  readonly #request: Protection;
  readonly #demanded: Protection;
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
      throw new StateError('this association needs keys and a system title', {
        hint: 'give encryption key, authentication key and the system title of the client',
      });
    }
    this.#request = security?.request ?? 'authenticated-encryption';
    this.#demanded = security?.response ?? this.#request;
  }

  /** Prepares for the services of an association. @returns how many octets protection adds to a request, at most. */
  establish(): number {
    this.#kind = this.ciphering?.kind(this.#config.security?.general === true) ?? 'glo';
    return this.ciphered ? protectionOverhead(this.#kind, this.#request) : 0;
  }

  /** How the last payload came. */
  get last(): Wrapping {
    return this.#last;
  }

  /** A request as it goes out. */
  seal(request: Uint8Array): Uint8Array {
    return this.ciphered ? (this.ciphering as Ciphering).seal(request, this.#kind, this.#request) : request;
  }

  /** The same for pass 3 of HLS, which is protected as the association itself is. */
  sealHandshake(request: Uint8Array): Uint8Array {
    const protection = handshakeProtection(this.#config);
    return this.ciphered ? (this.ciphering as Ciphering).seal(request, 'glo', protection) : request;
  }

  /** What confirms a notification: it has no ciphered form but the general one. */
  sealConfirm(confirm: Uint8Array): Uint8Array {
    return this.ciphered ? (this.ciphering as Ciphering).seal(confirm, inBlocks(this.#kind), this.#request) : confirm;
  }

  /** A block of a request that is protected as a whole. The block itself is protected only when the meter protects its blocks. */
  sealBlock(block: GeneralBlockTransfer, wrapped: Wrapping | undefined): Uint8Array {
    const octets = encodeApdu(block);
    if (wrapped === undefined || wrapped === 'clear') return octets;
    return (this.ciphering as Ciphering).seal(octets, inBlocks(wrapped), this.#request);
  }

  /** The APDU in a payload. @throws SecurityError, DecodeError */
  read(payload: Uint8Array): Apdu {
    return this.#read(payload, this.#demanded);
  }

  /** The same for pass 4 of HLS. */
  readHandshake(payload: Uint8Array): Apdu {
    return this.#read(payload, handshakeProtection(this.#config));
  }

  /** The APDU joined from blocks. It needs no protection of its own when the blocks were protected. */
  readJoined(octets: Uint8Array, wrapped: Wrapping | undefined): Apdu {
    const protectedAlready = wrapped !== undefined && wrapped !== 'clear' && !isCipheredTag(octets[0] ?? 0);
    const opened = protectedAlready ? readReceived(octets, this.#config) : this.read(octets);
    if (opened.type !== 'general-block-transfer') return opened;
    throw new DecodeError('bad-value', 'what came by general-block-transfer is another block of it');
  }

  /** The answer to an AARQ may be an error under the keys. If it does not open, it is left as it is: it proves nothing. */
  openRefusal(answer: Apdu): Apdu {
    const { ciphering } = this;
    if (answer.type !== 'ciphered' || ciphering === undefined) return answer;
    try {
      return takeExplanation(ciphering, answer, (opened) => errorIn(decodeOpened(opened, this.#config))) ?? answer;
    } catch (error) {
      if (error instanceof CosemError) return answer;
      throw error;
    }
  }

  /** See {@link ClientSession.unsolicited}. */
  unsolicited(payload: Uint8Array): Notification | undefined {
    const tag = payload[0];
    const config = this.#config;
    if (tag === undefined) return undefined;
    if (isNotificationTag(tag)) return judgedNotification(readReceived(payload, config), config);
    const { ciphering } = this;
    const sure =
      tag === APDU_TAGS['glo-event-notification-request'] || tag === APDU_TAGS['ded-event-notification-request'];
    const perhaps = tag === APDU_TAGS['general-glo-ciphering'] || tag === APDU_TAGS['general-ded-ciphering'];
    if (ciphering === undefined || !(sure || perhaps)) return undefined;
    let found: Parameters<typeof judgedNotification>;
    try {
      // The reader of the answer reports what is wrong with its form.
      const { strict = false } = config;
      const outer = readReceived(payload, { strict });
      if (outer.type !== 'ciphered') return undefined;
      const taken = takeUnasked(ciphering, outer, (opened): typeof found | undefined => {
        if (!isNotificationTag(opened.apdu[0])) return undefined;
        readReceived(payload, config);
        return [decodeOpened(opened, config), config, opened.protection, outer.systemTitle];
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

  #read(payload: Uint8Array, demanded: Protection): Apdu {
    const outer = this.#told(payload, () => this.#outer(payload));
    this.#last = outer.type === 'ciphered' ? cipherKindOf(outer.tag) : 'clear';
    if (outer.type !== 'ciphered') {
      if (this.ciphered && !mayBeClear(outer)) {
        throw new SecurityError('not-protected', `the meter sent ${withArticle(outer.type)} in clear`, {
          hint: 'a ciphered association was agreed: do not trust the value',
        });
      }
      return outer;
    }
    const { ciphering } = this;
    if (ciphering === undefined) {
      throw new SecurityError('missing-key', 'the meter sent a ciphered message, but there are no keys', {
        hint: 'give encryption key, authentication key and system title',
      });
    }
    const looked = this.#looked;
    this.#looked = undefined;
    const judge = (opened: Opened) => {
      const apdu = this.#told(opened.apdu, () => decodeOpened(opened, this.#config));
      demandProtection(outer.securityControl, demanded);
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

/**
 * All blocks of a transfer must come in the same envelope; otherwise unprotected blocks would count as protected as the others.
 * @throws SecurityError `not-protected`
 */
export function sameWrapping(before: Wrapping | undefined, now: Wrapping): Wrapping {
  if (before === undefined || before === now) return now;
  throw new SecurityError('not-protected', `a block in ${now} came among blocks in ${before}`);
}

function makeCiphering(config: ClientSessionConfig): Ciphering | undefined {
  const { security, systemTitle, crypto } = config;
  if (security === undefined || systemTitle === undefined) return undefined;
  const { keys, counters, counterEntry, serverTitle } = security;
  return new Ciphering({
    crypto,
    systemTitle,
    keys,
    counters,
    counterEntry,
    oneCounter: true,
    ...given({ peerTitle: serverTitle }),
    receivedFrom: (title) => receiveCounterOf(config, security, title),
  });
}

/** Errors are accepted unprotected too: they can prevent an answer, but never give a wrong one. */
function mayBeClear(apdu: Apdu): boolean {
  return errorIn(apdu) !== undefined || apdu.type === 'general-block-transfer' || isNotification(apdu);
}
