import type { ActionRequest, Apdu, CipheredApdu, GeneralBlockTransfer, GetRequest, SetRequest } from '../apdu/apdu.js';
import { isCipheredTag } from '../apdu/ciphered.js';
import { decodeApdu, encodeApdu } from '../apdu/codec.js';
import { APDU_TAGS as TAG } from '../apdu/tags.js';
import type { Millis } from '../base/clock.js';
import { DecodeError, SecurityError, StateError } from '../base/errors.js';
import { octets } from '../codec/make.js';
import type { RequestContext } from '../contracts/served-device.js';
import { covers } from './association.js';
import { type Ciphering, cipherKindOf, decodeOpened, inBlocks, type Opened, protectionOverhead } from './protection.js';
import {
  DECIPHERING_ERROR,
  isList,
  isRequestTag,
  isTooLong,
  malformed,
  OPERATION_NOT_POSSIBLE,
  PDU_TOO_LONG,
  SERVICE_NOT_SUPPORTED,
  SERVICE_UNKNOWN,
} from './server-answers.js';
import {
  acceptingAare,
  heldRefusal,
  initiateRefusal,
  initiateResponse,
  judgeAarq,
  makeServerCiphering,
  proveServer,
  refusingAare,
  refusingPass4,
  serverChallenge,
  settleChallenge,
  type Terms,
} from './server-association.js';
import { ServerBlocks } from './server-blocks.js';
import type { ServerSessionConfig } from './server-config.js';
import { CLEAR, type Envelope, judgeRelease, type Wrapped, wrappingOf } from './server-envelope.js';
import { type Coming, passThreeOf, sealedAs } from './server-handshake.js';
import { ServerTransfer } from './server-transfer.js';

const MAX_TRANSFER = 1024 * 1024;
const GENERAL_BLOCK_WINDOW = 8;
const LONGEST_PDU = 0xffff;

type State = 'idle' | 'pending' | 'associated';

/**
 * The server's side of one association: for one client SAP on one logical device. Without I/O; `now` comes as an argument. Whatever a
 * client sends gets an answer or silence, never an exception.
 */
export class ServerSession {
  readonly #config: ServerSessionConfig;
  readonly #context: RequestContext;
  readonly #transfer: ServerTransfer;
  readonly #blocks: ServerBlocks;
  /** What goes out after the answer given last. */
  #following: Uint8Array[] = [];
  readonly #ciphered: boolean;
  readonly #preEstablished: boolean;
  #state: State = 'idle';
  #terms: Terms | undefined;
  #ciphering: Ciphering | undefined;
  /** That which waits for pass 3: the one that is open goes on until then. */
  #coming: Coming | undefined;
  /** Whether a tag held in one that is open for ever. */
  #tagged = false;
  #maxSend = LONGEST_PDU;
  /** That of the request before. */
  #wrapping = '';
  #room = Number.POSITIVE_INFINITY;
  #servedAt: Millis = Number.NEGATIVE_INFINITY;
  /** When what is being answered came, in the time of the line. */
  #lineTime: Millis = 0;

  constructor(config: ServerSessionConfig) {
    this.#config = config;
    const { association, application } = config;
    if (association.context === 'ln-ciphered' && association.security === undefined) {
      throw new StateError(`association '${association.name}' is ciphered but has no keys`);
    }
    this.#ciphered = association.context === 'ln-ciphered';
    this.#preEstablished = association.preEstablished === true;
    this.#context = { client: association.client, association, authenticated: false, now: 0 };
    const { maxTransfer = MAX_TRANSFER, generalBlockWindow = GENERAL_BLOCK_WINDOW } = config;
    this.#transfer = new ServerTransfer(application, this.#context, maxTransfer);
    this.#blocks = new ServerBlocks(maxTransfer, generalBlockWindow);
    if (this.#preEstablished) this.#open();
  }

  get state(): State {
    return this.#state;
  }

  /** Whether a client has this association: one that is open for ever tells nothing of who is there until a request was let in. */
  get associated(): boolean {
    return this.#state === 'associated' && (!this.#preEstablished || this.#servedAt > Number.NEGATIVE_INFINITY);
  }

  /** Whether it has shown besides that it knows a secret. */
  get proved(): boolean {
    if (this.#preEstablished) return this.associated && this.#tagged;
    return this.associated && this.#terms !== undefined && this.#terms.mechanism !== 0;
  }

  /** When a request was let in last within the association that is open, in the time of the line. */
  get servedAt(): Millis {
    return this.#servedAt;
  }

  /** Whether a transfer in blocks is under way, either way. */
  get transferring(): boolean {
    return this.#transfer.transferring || this.#blocks.transferring;
  }

  /**
   * Takes one APDU of the client. `room` is how many octets may go back at once, where that is bounded beside what was negotiated.
   * `lineTime` is when it came in the time of the line, where that of the meter runs otherwise.
   * @returns the answer, which {@link following} may continue; undefined where none is due.
   */
  receive(apdu: Uint8Array, now: Millis, room?: number, lineTime: Millis = now): Uint8Array | undefined {
    const tag = apdu[0];
    if (tag === undefined) return undefined;
    this.#lineTime = lineTime;
    this.#context.now = now;
    this.#room = room ?? Number.POSITIVE_INFINITY;
    this.#following = [];
    try {
      if (tag === TAG.aarq) return this.#associate(apdu, now);
      if (tag === TAG.rlrq) return this.#release(apdu);
      const passed = this.#coming === undefined ? undefined : this.#authenticate(this.#coming, apdu, now);
      if (passed !== undefined) return passed;
      if (this.#state !== 'associated') return SERVICE_UNKNOWN;
      if (isTooLong(apdu, this.#config.association)) return PDU_TOO_LONG;
      if (tag === TAG['general-block-transfer']) {
        return this.#block(decodeApdu(apdu) as GeneralBlockTransfer, undefined);
      }
      return this.#inBlocks(this.#service(apdu));
    } catch (error) {
      // Bad octets and bad protection are answered where they are met; what arrives here could not even be told apart.
      if (error instanceof SecurityError) {
        this.#doubt(error);
        return this.#securityException(error, tag);
      }
      if (error instanceof DecodeError) return SERVICE_UNKNOWN;
      throw error;
    }
  }

  /** The next APDU to send right after the answer given last, until there is none: blocks of a stream. */
  following(): Uint8Array | undefined {
    return this.#following.shift();
  }

  /** The data link was disconnected: the association ends with it, unless it is pre-established. */
  disconnected(): void {
    this.#blocks.reset();
    this.#following = [];
    if (this.#preEstablished) this.#transfer.reset(this.#config.association.conformance);
    else if (this.#state !== 'idle') this.#close();
  }

  /**
   * An APDU that the server sends unasked, a notification, as it goes to the link, protected as the policy demands: an EventNotification
   * within an open association in the service-specific form, everything else in general-glo-ciphering, which tells who sent it.
   * @throws SecurityError when the counter is exhausted.
   */
  notify(apdu: Extract<Apdu, { type: 'data-notification' | 'event-notification-request' }>): Uint8Array {
    const plain = encodeApdu(apdu);
    const { policy } = this.#config.association;
    if (!this.#ciphered || policy === undefined || policy === 'none') return plain;
    const open = this.#state === 'associated' && !this.#preEstablished;
    const ciphering = this.#ciphering ?? (makeServerCiphering(this.#config, undefined) as Ciphering);
    const within = open && apdu.type === 'event-notification-request';
    const kind = within ? (ciphering.hasDedicatedKey ? 'ded' : 'glo') : 'general-glo';
    return ciphering.seal(plain, kind, policy);
  }

  // ---- ACSE

  #associate(octetsOfAarq: Uint8Array, now: Millis): Uint8Array {
    const aarq = decodeApdu(octetsOfAarq, { lenient: true });
    if (aarq.type !== 'aarq') return SERVICE_UNKNOWN;
    const config = this.#config;
    let judged: ReturnType<typeof judgeAarq>;
    try {
      judged = judgeAarq(config, aarq, now);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      judged = initiateRefusal(config);
    }
    if (judged.refused) return refusingAare(config, judged);
    const challenge = serverChallenge(config, judged);
    if (challenge !== undefined && 'refused' in challenge) return refusingAare(config, challenge);
    if (this.#ciphered) judged.ciphering?.useDedicatedKey(judged.initiate.dedicatedKey);
    if (challenge === undefined) {
      // Who proves nothing locks nobody out.
      if (judged.mechanism !== 0 && config.admits?.(this.#lineTime) === false)
        return refusingAare(config, heldRefusal(config));
      this.#take(judged);
    } else {
      settleChallenge(this.#coming?.challenge);
      this.#coming = { terms: judged, challenge };
      if (this.#state !== 'associated') this.#enter('pending');
    }
    return acceptingAare(config, judged, challenge);
  }

  /** Pass 3, and pass 4 in answer; undefined where the APDU is something else. */
  #authenticate({ terms, challenge }: Coming, apdu: Uint8Array, now: Millis): Uint8Array | undefined {
    const pass = passThreeOf(this.#config, terms, apdu, this.#state !== 'associated');
    if (pass === undefined) return undefined;
    const refused = refusingPass4(this.#config, terms, challenge, { ...pass, now, lineTime: this.#lineTime });
    if (refused !== undefined) {
      if (this.#state === 'associated') this.#settle();
      else this.#close();
      return sealedAs(pass, terms, refused);
    }
    const data = octets(proveServer(this.#config, terms, challenge));
    this.#take(terms);
    const response = { result: 0, returned: { data } };
    return sealedAs(pass, terms, encodeApdu({ type: 'action-response-normal', invokeId: pass.invokeId, response }));
  }

  #release(octetsOfRlrq: Uint8Array): Uint8Array {
    const rlrq = decodeApdu(octetsOfRlrq, { lenient: true });
    const terms = this.#terms ?? this.#coming?.terms;
    if (rlrq.type !== 'rlrq' || this.#state === 'idle' || terms === undefined) return SERVICE_UNKNOWN;
    if (this.#ciphered) {
      const refusal = this.#judgeRelease(rlrq.userInformation, terms);
      if (refusal !== undefined) return refusal;
    }
    const userInformation = initiateResponse(this.#config, terms);
    this.#close();
    return encodeApdu({ type: 'rlre', reason: 0, userInformation });
  }

  #judgeRelease(information: Uint8Array | undefined, terms: Terms): Uint8Array | undefined {
    if (information !== undefined) return judgeRelease(information, terms.ciphering, terms.handshake);
    return this.#config.association.bareRelease === true ? undefined : SERVICE_UNKNOWN;
  }

  // ---- services

  /** A request that came in one piece, or was joined; an answer to it. */
  #service(apdu: Uint8Array): Uint8Array | undefined {
    return isCipheredTag(apdu[0] ?? 0) ? this.#cipheredService(apdu) : this.#clearService(apdu);
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
    const pduSize =
      this.#longest - (envelope === undefined ? 0 : protectionOverhead('general-glo', envelope.protection));
    try {
      const served = this.#blocks.receive(block, pduSize, envelope?.wrapping ?? '');
      if (served.type === 'listen') return undefined;
      if (served.type === 'send') return this.#stream(served.blocks, envelope);
      const { request } = served;
      if (request[0] === TAG['general-block-transfer']) throw new DecodeError('bad-value', 'blocks within blocks');
      const inClear = envelope === undefined || isCipheredTag(request[0] ?? 0);
      const reply = inClear ? this.#service(request) : this.#serve(request, envelope, undefined);
      return this.#state === 'associated' ? this.#stream(this.#blocks.answer(reply), envelope) : reply;
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
      return envelope === undefined ? plain : (this.#ciphering as Ciphering).seal(plain, kind, envelope.protection);
    });
    this.#following = octets.slice(1);
    return octets[0];
  }

  #clearService(apdu: Uint8Array): Uint8Array | undefined {
    const { policy: demanded = 'none' } = this.#config.association;
    if (this.#ciphered && demanded !== 'none') return SERVICE_UNKNOWN;
    this.#context.authenticated = false;
    return this.#serve(apdu, CLEAR, undefined);
  }

  #cipheredService(apdu: Uint8Array): Uint8Array | undefined {
    const ciphering = this.#ciphering;
    if (!this.#ciphered || ciphering === undefined) return SERVICE_UNKNOWN;
    const outer = decodeApdu(apdu) as CipheredApdu;
    const opened = ciphering.open(outer);
    const { policy: demanded = 'none' } = this.#config.association;
    if (!covers(outer.securityControl, demanded)) return SERVICE_UNKNOWN;
    this.#context.authenticated = covers(outer.securityControl, 'authentication');
    this.#tagged ||= this.#context.authenticated;
    const wrapping = wrappingOf(outer, opened);
    const answered = demanded === 'none' ? opened.protection : demanded;
    if (opened.apdu[0] === TAG['general-block-transfer']) {
      const block = decodeOpened(opened, { strict: true }) as GeneralBlockTransfer;
      ciphering.accept(opened);
      return this.#block(block, { ...opened, protection: answered, wrapping });
    }
    const reply = this.#serve(opened.apdu, { ...opened, wrapping }, opened);
    if (reply === undefined || reply[0] === TAG['exception-response']) return reply;
    return ciphering.seal(reply, opened.kind, answered);
  }

  /** Carries out a request that was let in. `opened` is there when its counter may still have to be taken note of. */
  #serve(request: Uint8Array, envelope: Envelope, opened: Opened | undefined): Uint8Array | undefined {
    let apdu: Apdu;
    try {
      apdu = decodeApdu(request);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return opened?.protection === 'encryption' && !isRequestTag(request[0]) ? DECIPHERING_ERROR : malformed(request);
    }
    if (opened?.protection === 'encryption') this.#ciphering?.accept(opened);
    this.#servedAt = this.#lineTime;
    return this.#dispatch(apdu, envelope);
  }

  #dispatch(apdu: Apdu, envelope: Envelope): Uint8Array | undefined {
    const transfer = this.#transfer;
    // What a transfer bears would else pass for as well protected as the block that ends it.
    if (envelope.wrapping !== this.#wrapping) transfer.abandon();
    this.#wrapping = envelope.wrapping;
    if (this.#config.association.ignores?.(apdu.type) === true) return undefined;
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
      default:
        return SERVICE_UNKNOWN;
    }
  }

  #listsAllowed(apdu: GetRequest | SetRequest | ActionRequest): boolean {
    return !isList(apdu) || this.#transfer.allows('multiple-references');
  }

  /** Octets that an answer in this envelope may have before it is protected. */
  #limit({ kind, protection }: Envelope): number {
    if (this.#answersInBlocks) return Number.POSITIVE_INFINITY;
    if (kind === undefined) return this.#longest;
    const { policy } = this.#config.association;
    const answered = policy === undefined || policy === 'none' ? protection : policy;
    return this.#longest - protectionOverhead(kind, answered);
  }

  // ---- states

  /** The association is that client's from now on, whoever had it on this line. */
  #take(terms: Terms): void {
    if (this.#state === 'associated') this.#close();
    this.#terms = terms;
    this.#ciphering = terms.ciphering;
    const { clientMaxReceivePduSize: clientMax } = terms.initiate;
    const ownMax = this.#config.association.maxSendPduSize || LONGEST_PDU;
    this.#maxSend = clientMax === 0 ? ownMax : Math.min(clientMax, ownMax);
    this.#servedAt = this.#lineTime;
    this.#open();
  }

  #open(): void {
    const { association } = this.#config;
    if (this.#preEstablished) {
      this.#ciphering = makeServerCiphering(this.#config, association.clientTitle);
      this.#maxSend = association.maxSendPduSize || LONGEST_PDU;
    }
    this.#transfer.reset(this.#terms?.conformance ?? association.conformance);
    this.#blocks.reset();
    this.#settle();
    this.#enter('associated');
  }

  #close(): void {
    this.#terms = undefined;
    this.#settle();
    this.#ciphering = undefined;
    this.#transfer.reset(0);
    this.#blocks.reset();
    this.#following = [];
    this.#enter('idle');
  }

  #settle(): void {
    settleChallenge(this.#coming?.challenge);
    this.#coming = undefined;
  }

  #enter(state: State): void {
    this.#state = state;
    const status = state === 'idle' ? 0 : state === 'pending' ? 1 : 2;
    const clientTitle = status === 2 ? this.#terms?.clientTitle : undefined;
    this.#config.application.statusChanged(this.#config.association, status, clientTitle);
  }

  /** A block of somebody else ends what it would be part of; one that came before is only passed over. */
  #doubt({ reason }: SecurityError): void {
    if (reason === 'replay') return;
    this.#transfer.abandon();
    this.#blocks.reset();
  }

  #securityException(error: SecurityError, tag: number): Uint8Array {
    if (error.reason !== 'replay') return DECIPHERING_ERROR;
    const known = this.#ciphering?.lowestReceived(cipherKindOf(tag));
    const invocationCounter = known ?? this.#config.association.security?.received.lowest ?? 0;
    return encodeApdu({ type: 'exception-response', stateError: 1, serviceError: 6, invocationCounter });
  }
}
