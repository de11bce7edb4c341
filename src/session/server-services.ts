/** The services of one association at a server, while it is open: in clear or protected, in one piece or in blocks. */

import type { Apdu, GeneralBlockTransfer } from '../apdu/apdu.js';
import { isProtected, isProtectedTag, type ProtectedApdu } from '../apdu/ciphered.js';
import { decodeApdu, encodeApdu } from '../apdu/codec.js';
import type { ActionRequest, GetRequest, SetRequest } from '../apdu/service-apdus.js';
import { APDU_TAGS as TAG } from '../apdu/tags.js';
import type { Millis } from '../base/clock.js';
import { DecodeError, SecurityError, StateError } from '../base/errors.js';
import type { Naming } from '../contracts/association.js';
import type { RequestContext } from '../contracts/served-device.js';
import { type CipherKind, cipherKindOf, inBlocks, protectionOverhead } from './cipher-kind.js';
import { isCiphered } from './contexts.js';
import { answerProtection, type Borne, meets } from './covers.js';
import { decodeOpened } from './decode-opened.js';
import { confirms } from './notification-confirm.js';
import type { Notification } from './notification-forms.js';
import type { Ciphering, Opened } from './protection.js';
import { takeIn } from './server-acceptance.js';
import {
  counterRefusal,
  DECIPHERING_ERROR,
  isList,
  isTooLong,
  malformed,
  OPERATION_NOT_POSSIBLE,
  PDU_TOO_LONG,
  SERVICE_NOT_SUPPORTED,
  SERVICE_UNKNOWN,
} from './server-answers.js';
import { makeServerCiphering } from './server-association.js';
import { ServerBlocks } from './server-blocks.js';
import type { ServerSessionConfig } from './server-config.js';
import { CLEAR, type Envelope, envelopeOf, requestIn, unreadable, type Wrapped } from './server-envelope.js';
import { ServerShortNames } from './server-short-names.js';
import { ServerTransfer } from './server-transfer.js';

const MAX_TRANSFER = 1024 * 1024;
const GENERAL_BLOCK_WINDOW = 8;
const LONGEST_PDU = 0xffff;

/** What was negotiated, as far as the services need it. */
export interface ServiceTerms {
  readonly ciphering: Ciphering | undefined;
  readonly naming: Naming;
  readonly conformance: number;
  /** Octets of an APDU that the client takes; 0 where it bounds nothing. */
  readonly clientMaxReceivePduSize: number;
}

/** An APDU that came. */
export interface Arrival {
  readonly now: Millis;
  /** When it came in the time of the line. */
  readonly lineTime: Millis;
  /** How many octets may go back at once, beside what was negotiated. */
  readonly room: number;
}

/** Answers what comes within one association, for the {@link ServerSession} that opens and closes it. */
export class ServerServices {
  readonly #config: ServerSessionConfig;
  readonly #context: RequestContext;
  readonly #transfer: ServerTransfer;
  readonly #shortNames: ServerShortNames;
  readonly #blocks: ServerBlocks;
  readonly #ciphered: boolean;
  readonly #preEstablished: boolean;
  /** What follows the last answer. */
  #following: Uint8Array[] = [];
  #opened = false;
  #ciphering: Ciphering | undefined;
  /** Whether a tag held. */
  #tagged = false;
  #maxSend = LONGEST_PDU;
  /** The invoke id of the previous request. */
  #wrapping = '';
  #room = Number.POSITIVE_INFINITY;
  #servedAt: Millis = Number.NEGATIVE_INFINITY;
  #lineTime: Millis = 0;

  constructor(config: ServerSessionConfig) {
    this.#config = config;
    const { association, application, maxTransfer = MAX_TRANSFER, generalBlockWindow = GENERAL_BLOCK_WINDOW } = config;
    this.#ciphered = isCiphered(association.context);
    this.#preEstablished = association.preEstablished === true;
    this.#context = { client: association.client, association, authenticated: false, now: 0 };
    this.#transfer = new ServerTransfer(application, this.#context, maxTransfer);
    this.#shortNames = new ServerShortNames(application, this.#context, maxTransfer, (name) =>
      this.#transfer.allows(name),
    );
    this.#blocks = new ServerBlocks(maxTransfer, generalBlockWindow);
  }

  /** When a request was let in last, or the association opened, in the time of the line. */
  get servedAt(): Millis {
    return this.#servedAt;
  }

  /** Whether a request came whose tag held. */
  get tagged(): boolean {
    return this.#tagged;
  }

  /** Whether a transfer in blocks is under way, either way. */
  get transferring(): boolean {
    return this.#transfer.transferring || this.#shortNames.transferring || this.#blocks.transferring;
  }

  /** The association is open from now on. One that is open for ever is opened before anything came. */
  begin({ ciphering, naming, conformance, clientMaxReceivePduSize: clientMax }: ServiceTerms): void {
    const ownMax = this.#config.association.maxSendPduSize || LONGEST_PDU;
    this.#ciphering = ciphering;
    this.#maxSend = clientMax === 0 ? ownMax : Math.min(clientMax, ownMax);
    if (!this.#preEstablished) this.#servedAt = this.#lineTime;
    this.#context.naming = naming;
    this.#reset(conformance);
    this.#blocks.reset();
    this.#opened = true;
  }

  /** The association is no more. */
  end(): void {
    this.#ciphering = undefined;
    this.#reset(0);
    this.#blocks.reset();
    this.#following = [];
    this.#opened = false;
  }

  /** The data link went down: what is under way in blocks ends, of an association that stays open too. */
  disconnected(): void {
    this.#blocks.reset();
    this.#following = [];
    this.#abandon();
  }

  /** An APDU came, for the services or for the association itself. What should have followed the previous answer is dropped. */
  arrived({ now, lineTime, room }: Arrival): void {
    this.#lineTime = lineTime;
    this.#context.now = now;
    this.#room = room;
    this.#following = [];
  }

  /** The answer to an APDU within the open association; undefined where none is due. @throws SecurityError, DecodeError */
  answer(apdu: Uint8Array): Uint8Array | undefined {
    if (isTooLong(apdu, this.#config.association)) return PDU_TOO_LONG;
    if (apdu[0] === TAG['general-block-transfer']) {
      return this.#block(decodeApdu(apdu) as GeneralBlockTransfer, undefined);
    }
    return this.#inBlocks(this.#service(apdu));
  }

  /** See {@link ServerSession.following}. */
  following(): Uint8Array | undefined {
    return this.#following.shift();
  }

  /** See {@link ServerSession.notify}. */
  notify(apdu: Notification['apdu']): Uint8Array {
    const plain = encodeApdu(apdu);
    const { association } = this.#config;
    const policy = answerProtection(association, 'none');
    if (!this.#ciphered || policy === 'none') return plain;
    const within = this.#opened && !this.#preEstablished && apdu.type !== 'data-notification';
    const ciphering = this.#ciphering ?? (makeServerCiphering(this.#config, undefined) as Ciphering);
    const signing = association.signed?.response === true && ciphering.knows('identified', true);
    return ciphering.seal(plain, within ? ciphering.kind(false) : 'general-glo', policy, signing);
  }

  /** See {@link ServerSession.confirms}. */
  confirms(apdu: Uint8Array, longInvokeId: number): boolean {
    const { policy } = this.#config.association;
    try {
      const outer = decodeApdu(apdu, { lenient: true });
      if (!this.#ciphered || policy === undefined || policy === 'none') return confirms(outer, longInvokeId);
      if (!isProtected(outer)) return false;
      const ciphering = this.#ciphering ?? (makeServerCiphering(this.#config, undefined) as Ciphering);
      const { judged } = takeIn(ciphering, outer, (opened) => {
        if (!meets(opened, policy, this.#signing)) return undefined;
        const inner = decodeOpened(opened, {});
        return confirms(inner, longInvokeId) ? inner : undefined;
      });
      return judged !== undefined;
    } catch (error) {
      if (error instanceof DecodeError || error instanceof SecurityError) return false;
      throw error;
    }
  }

  /**
   * The answer to an APDU whose protection does not hold. A block of somebody else ends what it would be part of; one that came before is only
   * passed over.
   */
  refuse({ reason }: SecurityError, tag: number): Uint8Array {
    if (reason !== 'replay') {
      this.#abandon();
      this.#blocks.reset();
      return DECIPHERING_ERROR;
    }
    const known = this.#ciphering?.lowestReceived(cipherKindOf(tag));
    const invocationCounter = known ?? this.#config.association.security?.received.lowest ?? 0;
    return counterRefusal(invocationCounter);
  }

  /** The answer to a request that came in one piece, or was `joined` from blocks. */
  #service(apdu: Uint8Array, joined = false): Uint8Array | undefined {
    return isProtectedTag(apdu[0]) ? this.#cipheredService(apdu, joined) : this.#clearService(apdu);
  }

  get #naming(): Naming {
    return this.#context.naming ?? 'ln';
  }

  /** Another association, or none. */
  #reset(conformance: number): void {
    this.#transfer.reset(conformance);
    this.#shortNames.abandon();
  }

  /** Ends what is under way in the blocks of a service. */
  #abandon(): void {
    this.#transfer.abandon();
    this.#shortNames.abandon();
  }

  /** Octets that an APDU to the client may have now. */
  get #longest(): number {
    return Math.min(this.#maxSend, this.#room);
  }

  get #answersInBlocks(): boolean {
    return this.#transfer.allows('general-block-transfer') && this.#config.association.longAnswers !== 'service-blocks';
  }

  /** An answer as it goes out: in blocks where it is too long for one APDU. */
  #inBlocks(answer: Uint8Array | undefined): Uint8Array | undefined {
    if (answer === undefined || answer.length <= this.#longest || !this.#answersInBlocks) return answer;
    return this.#stream(this.#blocks.begin(answer, this.#longest), undefined);
  }

  /**
   * A block of the client. The APDU that blocks make together is protected as a whole; an `envelope` is there when the block itself is
   * (and then the APDU may go without).
   */
  #block(block: GeneralBlockTransfer, envelope: Wrapped | undefined): Uint8Array | undefined {
    if (!this.#transfer.allows('general-block-transfer')) return SERVICE_NOT_SUPPORTED;
    const pduSize = this.#longest - (envelope === undefined ? 0 : this.#overhead(inBlocks(envelope.kind), envelope));
    try {
      const served = this.#blocks.receive(block, pduSize, envelope?.wrapping ?? '');
      if (served.type === 'listen') return undefined;
      if (served.type === 'send') return this.#stream(served.blocks, envelope);
      const { request } = served;
      if (request[0] === TAG['general-block-transfer']) throw blocksWithin();
      const inClear = envelope === undefined || isProtectedTag(request[0]);
      const reply = inClear ? this.#service(request, true) : this.#serve(request, envelope);
      return this.#opened ? this.#stream(this.#blocks.answer(reply), envelope) : reply;
    } catch (error) {
      this.#blocks.reset();
      if (error instanceof DecodeError || error instanceof StateError) return OPERATION_NOT_POSSIBLE;
      throw error;
    }
  }

  /** Sends blocks in a row, each in the envelope that the client's came in. */
  #stream(blocks: readonly GeneralBlockTransfer[], envelope: Wrapped | undefined): Uint8Array | undefined {
    const kind = inBlocks(envelope?.kind);
    const octets = blocks.map((block) => {
      const plain = encodeApdu(block);
      return envelope === undefined
        ? plain
        : (this.#ciphering as Ciphering).seal(plain, kind, envelope.protection, envelope.signed);
    });
    this.#following = octets.slice(1);
    return octets[0];
  }

  #clearService(apdu: Uint8Array): Uint8Array | undefined {
    const { policy: demanded = 'none' } = this.#config.association;
    if (this.#ciphered && demanded !== 'none') return SERVICE_UNKNOWN;
    this.#context.authenticated = false;
    return this.#serve(apdu, CLEAR);
  }

  #cipheredService(apdu: Uint8Array, joined: boolean): Uint8Array | undefined {
    const ciphering = this.#ciphering;
    if (!this.#ciphered || ciphering === undefined) return SERVICE_UNKNOWN;
    const outer = decodeApdu(apdu) as ProtectedApdu;
    const { association } = this.#config;
    const { policy: demanded = 'none' } = association;
    const enough = (opened: Opened) => meets(opened, demanded, this.#signing);
    const { opened, judged: request } = takeIn(ciphering, outer, (opened) =>
      enough(opened) ? requestIn(opened, this.#naming) : undefined,
    );
    if (!enough(opened)) return SERVICE_UNKNOWN;
    this.#context.authenticated = meets(opened, 'authentication', false);
    this.#tagged ||= this.#context.authenticated;
    const answered = answerProtection(association, opened.protection);
    const signed = association.signed?.response === true || (opened.signed && ciphering.knows(opened.kind, true));
    // Nothing is carried out whose answer could not be given.
    if (!ciphering.knows(opened.kind, signed)) return DECIPHERING_ERROR;
    const envelope = { ...envelopeOf(outer, opened), signed };
    if (request?.type === 'general-block-transfer') {
      if (joined) throw blocksWithin();
      return this.#block(request, { ...envelope, protection: answered });
    }
    const reply = request === undefined ? unreadable(opened, this.#naming) : this.#carryOut(request, envelope);
    if (reply === undefined || reply[0] === TAG['exception-response']) return reply;
    return ciphering.seal(reply, opened.kind, answered, signed);
  }

  /** A request in clear, or of blocks that were let in. */
  #serve(request: Uint8Array, envelope: Envelope): Uint8Array | undefined {
    let apdu: Apdu;
    try {
      apdu = decodeApdu(request);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return malformed(request, this.#naming);
    }
    return this.#carryOut(apdu, envelope);
  }

  /** Carries out a request that was let in. */
  #carryOut(apdu: Apdu, envelope: Envelope): Uint8Array | undefined {
    this.#servedAt = this.#lineTime;
    const transfer = this.#transfer;
    // Otherwise the whole transfer would count as protected as its last block.
    if (envelope.wrapping !== this.#wrapping) this.#abandon();
    this.#wrapping = envelope.wrapping;
    if (this.#config.association.ignores?.(apdu.type) === true) return undefined;
    if (this.#naming === 'sn') return this.#shortNames.answer(apdu, this.#limit(envelope));
    switch (apdu.type) {
      case 'get-request-normal':
      case 'get-request-next':
      case 'get-request-with-list':
        return transfer.allows('get') && this.#listsAllowed(apdu)
          ? transfer.get(apdu, this.#limit(envelope))
          : SERVICE_NOT_SUPPORTED;
      case 'set-request-normal':
      case 'set-request-with-list':
      case 'set-request-with-first-datablock':
      case 'set-request-with-list-and-first-datablock':
      case 'set-request-with-datablock':
        return transfer.allows('set') && this.#listsAllowed(apdu) ? transfer.set(apdu) : SERVICE_NOT_SUPPORTED;
      case 'action-request-normal':
      case 'action-request-with-list':
      case 'action-request-with-first-pblock':
      case 'action-request-with-list-and-first-pblock':
      case 'action-request-with-pblock':
      case 'action-request-next-pblock':
        return transfer.allows('action') && this.#listsAllowed(apdu)
          ? transfer.action(apdu, this.#limit(envelope))
          : SERVICE_NOT_SUPPORTED;
      case 'access-request':
        return transfer.allows('access') ? transfer.access(apdu, this.#limit(envelope)) : SERVICE_NOT_SUPPORTED;
      default:
        return SERVICE_UNKNOWN;
    }
  }

  /** Whether requests must be signed. */
  get #signing(): boolean {
    return this.#config.association.signed?.request === true;
  }

  #overhead(kind: CipherKind, { protection, signed }: Borne): number {
    return protectionOverhead(kind, protection, { suite: this.#config.association.suite, signing: signed });
  }

  #listsAllowed(apdu: GetRequest | SetRequest | ActionRequest): boolean {
    return !isList(apdu) || this.#transfer.allows('multiple-references');
  }

  /** Octets that an answer in this envelope may have before it is protected. */
  #limit(envelope: Envelope): number {
    const { kind, protection } = envelope;
    if (this.#answersInBlocks) return Number.POSITIVE_INFINITY;
    if (kind === undefined) return this.#longest;
    const answered = answerProtection(this.#config.association, protection);
    return this.#longest - this.#overhead(kind, { protection: answered, signed: envelope.signed });
  }
}

/** An APDU joined from blocks must not be a block again, protected or not: otherwise layers could be nested without end. */
function blocksWithin(): DecodeError {
  return new DecodeError('bad-value', 'blocks within blocks');
}
