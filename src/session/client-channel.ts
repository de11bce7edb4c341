import type { Apdu, ConfirmedServiceError, ExceptionResponse, GeneralBlockTransfer } from '../apdu/apdu.js';
import { isCipheredTag } from '../apdu/ciphered.js';
import { encodeApdu } from '../apdu/codec.js';
import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';
import { readReceived } from '../apdu/received.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { toHex } from '../base/bytes.js';
import { CosemError, DecodeError, SecurityError, StateError } from '../base/errors.js';
import { isText } from '../base/shown.js';
import { counted, withArticle } from '../base/words.js';
import type { Exchange, Procedure } from '../contracts/procedure.js';
import type { Protection } from '../contracts/protection.js';
import { demandProtection } from '../security/ciphering.js';
import { article, decodeAnswer, refusalOf, type Target } from './client-answers.js';
import { handshakeProtection } from './client-association.js';
import type { AssociationView, ClientSessionConfig } from './client-config.js';
import { explained } from './explain.js';
import { type BlockOutcome, blockRoom, GeneralBlocks } from './general-blocks.js';
import { receiveCounterOf } from './kept-received.js';
import { handNotification, isNotificationTag, judgedNotification, type Notification } from './notification.js';
import { OtherInvokeIds } from './other-invoke-ids.js';
import { waitOn } from './procedure.js';
import {
  Ciphering,
  type CipherKind,
  cipherKindOf,
  decodeOpened,
  inBlocks,
  type Opened,
  protectionOverhead,
} from './protection.js';

/** Answers to earlier requests that are passed over before the one awaited counts as missing. */
const MAX_STALE = 16;
/** Octets of what is no APDU that an error shows. */
const SHOWN = 8;
const MAX_PDU_SIZE = 0xffff;
/** How often in a row a silent meter is asked again for blocks. */
const MAX_SILENCES = 3;
const NOTHING = new Uint8Array(0);
const HIGH_PRIORITY = 0x80;
const CONFIRMED = 0x40;

/**
 * What the procedures of one client send and hear through: protection on the way out, and on the way in protection checked, errors
 * turned into exceptions, stale answers and notifications told from the answer.
 */
export class ClientChannel {
  readonly config: ClientSessionConfig;
  readonly ciphering: Ciphering | undefined;
  /** Called with what a meter sends unasked while an answer is awaited. Must not throw. */
  onNotification: ((notification: Notification) => void) | undefined;
  readonly #ciphered: boolean;
  readonly #request: Protection;
  readonly #demanded: Protection;
  #kind: CipherKind = 'glo';
  /** The kind of block transfer that is under way, or in which the last exchange stopped before its end. */
  transfer: ConformanceName | undefined;
  /** Octets that a request may have before it is protected. */
  limit = Number.POSITIVE_INFINITY;
  /** Whether longer ones go in blocks of general-block-transfer: it was negotiated. */
  generalBlocks = false;
  /** Octets of an APDU as the meter takes it. */
  #pduSize = MAX_PDU_SIZE;
  /** How the last payload was wrapped; undefined when it came in clear. */
  #envelope: CipherKind | undefined;
  #lastInvokeId = 0;
  #stale = 0;
  readonly #others: OtherInvokeIds;
  /** Why the last payload was put aside, in words. */
  #aside = '';
  /** A general-ciphered payload that {@link unsolicited} opened and found to be an answer. */
  #peeked: { readonly payload: Uint8Array; readonly opened: Opened } | undefined;

  constructor(config: ClientSessionConfig) {
    this.config = config;
    this.#others = new OtherInvokeIds(config);
    const { security } = config;
    this.#ciphered = config.context === 'ln-ciphered';
    this.ciphering = makeCiphering(config);
    if (this.ciphering === undefined && (this.#ciphered || config.mechanism === 5)) {
      throw new StateError('this association needs keys and a system title', {
        hint: 'give encryption key, authentication key and the system title of the client',
      });
    }
    this.#request = security?.request ?? 'authenticated-encryption';
    this.#demanded = security?.response ?? this.#request;
  }

  /** Prepares for the services of an association with these terms. */
  establish({ serverMaxReceivePduSize, conformance }: AssociationView): void {
    const general = this.config.security?.general === true;
    const dedicated = this.ciphering?.hasDedicatedKey === true;
    this.#kind = general ? (dedicated ? 'general-ded' : 'general-glo') : dedicated ? 'ded' : 'glo';
    const overhead = this.#ciphered ? protectionOverhead(this.#kind, this.#request) : 0;
    this.limit = serverMaxReceivePduSize === 0 ? Number.POSITIVE_INFINITY : serverMaxReceivePduSize - overhead;
    this.#pduSize = serverMaxReceivePduSize === 0 ? MAX_PDU_SIZE : serverMaxReceivePduSize;
    this.generalBlocks = (conformance & CONFORMANCE['general-block-transfer']) !== 0;
  }

  /** A new Invoke-Id-And-Priority octet. */
  nextInvokeId(): number {
    this.#lastInvokeId = this.config.fixedInvokeId ?? (this.#lastInvokeId % 15) + 1;
    this.#stale = 0;
    this.transfer = undefined;
    return this.#lastInvokeId | CONFIRMED | (this.config.highPriority === false ? 0 : HIGH_PRIORITY);
  }

  /** A request as it goes to the driver. */
  exchange(request: Uint8Array, missing?: string): Exchange {
    this.#others.asked(request);
    return { apdu: this.#seal(request), reply: true, ...(missing === undefined ? {} : { aside: missing }) };
  }

  #seal(request: Uint8Array): Uint8Array {
    return this.#ciphered ? (this.ciphering as Ciphering).seal(request, this.#kind, this.#request) : request;
  }

  /**
   * Judges a payload.
   * @returns the answer with that invoke id, or undefined when it was something else and the next payload is to be awaited.
   * @throws AccessError for an exception-response or confirmed-service-error, SecurityError, DecodeError.
   */
  answer(payload: Uint8Array, invokeId: number, target: Target): Apdu | undefined {
    // Nothing more came, for as long as an answer under another id was held back.
    if (payload.length === 0) return this.#others.held();
    const apdu = this.#open(payload, this.#demanded);
    // What is left of an earlier transfer is passed over: one that answers begins with its first block.
    const begins = apdu.type === 'general-block-transfer' && apdu.blockNumber === 1;
    const answer = begins ? apdu : this.#judge(apdu, invokeId, target, true);
    if (answer !== undefined) this.#others.answered();
    return answer;
  }

  #judge(apdu: Apdu, invokeId: number, target: Target, alone = false): Apdu | undefined {
    let aside = article(apdu);
    if ('invokeId' in apdu) {
      if (((apdu.invokeId ^ invokeId) & 0x0f) === 0) return apdu;
      if (alone && this.#others.takes(apdu)) return apdu;
      aside = `${article(apdu)} to request ${apdu.invokeId & 0x0f}, asked was request ${invokeId & 0x0f}`;
    } else if (apdu.type === 'exception-response' || apdu.type === 'confirmed-service-error') {
      this.#others.answered();
      throw this.#refusal(apdu, target);
    } else if (apdu.type !== 'general-block-transfer' && !this.#notified(apdu)) return apdu;
    this.#passOver(aside);
    return undefined;
  }

  /**
   * Sends a request, in blocks where it must be and may, and awaits its answer.
   * @param missing what the sentence of a time-out says of an answer that has begun to come.
   */
  *ask(request: Uint8Array, invokeId: number, target: Target, missing?: string): Procedure<Apdu> {
    if (request.length > this.limit && this.generalBlocks) {
      return yield* this.#converse(this.#newBlocks().say(this.#seal(request)), 'turn', invokeId, target);
    }
    const { transfer } = this;
    let answer = this.answer(yield this.exchange(request, missing), invokeId, target);
    while (answer === undefined) answer = this.answer(yield this.waitOn(), invokeId, target);
    if (answer.type !== 'general-block-transfer') return answer;
    const joined = yield* this.join(answer, invokeId, target);
    this.transfer = transfer;
    return joined;
  }

  /** Joins an answer that comes by general-block-transfer. Meters do so only when the client proposed it. */
  *join(first: GeneralBlockTransfer, invokeId: number, target: Target): Procedure<Apdu> {
    const blocks = this.#newBlocks();
    this.transfer = 'general-block-transfer';
    return yield* this.#converse(blocks, blocks.receive(first), invokeId, target, this.#envelope ?? 'clear');
  }

  #newBlocks(): GeneralBlocks {
    const { generalBlockWindow: window = 1, maxTransfer } = this.config;
    return new GeneralBlocks({
      room: blockRoom(this.#pduSize),
      window,
      ...(maxTransfer === undefined ? {} : { maxTransfer }),
    });
  }

  /**
   * An exchange by general-block-transfer. The APDU is protected as a whole and then cut, so that the blocks themselves go in clear; a
   * meter that protects each block gets ours in general ciphering too.
   */
  *#converse(
    started: GeneralBlocks,
    begun: BlockOutcome,
    invokeId: number,
    target: Target,
    envelope?: CipherKind | 'clear',
  ): Procedure<Apdu> {
    const { blockPatience } = this.config;
    let blocks = started;
    let wrapped = envelope;
    // A meter that stays silent whatever we ask is the driver's to judge.
    let silences = 0;
    const { transfer } = this;
    this.transfer = 'general-block-transfer';
    for (let outcome = begun; ; ) {
      if (outcome === 'whole') {
        const answer = this.#judge(this.#openJoined(blocks.whole(), wrapped), invokeId, target);
        if (answer !== undefined) {
          this.transfer = transfer;
          return answer;
        }
        blocks = this.#newBlocks();
      }
      const octets = outcome === 'turn' ? blocks.turn().map((block) => this.#sealBlock(block, wrapped)) : [];
      for (const apdu of octets.slice(0, -1)) yield { apdu, reply: false, more: true };
      const patient = blockPatience !== undefined && silences < MAX_SILENCES ? { patience: blockPatience } : {};
      const payload = yield { apdu: octets.at(-1) ?? NOTHING, reply: true, ...patient, ...blocks.missing };
      if (payload.length === 0) {
        silences++;
        outcome = 'turn';
        continue;
      }
      silences = 0;
      const apdu = this.#open(payload, this.#demanded);
      if (apdu.type === 'general-block-transfer') {
        wrapped = sameEnvelope(wrapped, this.#envelope ?? 'clear');
        outcome = blocks.receive(apdu);
      } else {
        const answer = this.#judge(apdu, invokeId, target);
        if (answer !== undefined) {
          this.transfer = transfer;
          return answer;
        }
        outcome = 'listen';
      }
    }
  }

  #sealBlock(block: GeneralBlockTransfer, wrapped: CipherKind | 'clear' | undefined): Uint8Array {
    const octets = encodeApdu(block);
    if (wrapped === undefined || wrapped === 'clear') return octets;
    return (this.ciphering as Ciphering).seal(octets, inBlocks(wrapped), this.#request);
  }

  /** What blocks made together. When they were protected themselves it needs no protection of its own. */
  #openJoined(octets: Uint8Array, wrapped: CipherKind | 'clear' | undefined): Apdu {
    const protectedAlready = wrapped !== undefined && wrapped !== 'clear' && !isCipheredTag(octets[0] ?? 0);
    const opened = protectedAlready ? readReceived(octets, this.config) : this.#open(octets, this.#demanded);
    if (opened.type !== 'general-block-transfer') return opened;
    throw new DecodeError('bad-value', 'what came by general-block-transfer is another block of it');
  }

  /**
   * Sends an ACSE APDU, which is not protected as a whole, and awaits its answer.
   * @throws AssociationError for an exception-response or confirmed-service-error.
   */
  *askAcse(apdu: Uint8Array): Procedure<Apdu> {
    let payload = yield { apdu, reply: true };
    for (this.#stale = 0; ; payload = yield this.waitOn()) {
      const answer = this.#openRefusal(decodeAnswer(payload, this.config));
      if (answer.type === 'exception-response' || answer.type === 'confirmed-service-error') {
        throw this.#refusal(answer, undefined);
      }
      // What else is still under way belongs to an earlier association, or to nobody.
      if (answer.type === 'aare' || answer.type === 'rlre') return answer;
      this.#notified(answer);
      this.#passOver(`${article(answer)} in place of an answer to the association`);
    }
  }

  /**
   * Sends pass 3 of HLS, protected as the association itself is, and awaits pass 4.
   * @throws AssociationError for an exception-response or confirmed-service-error.
   */
  *askHls(request: Uint8Array, invokeId: number): Procedure<Apdu> {
    const protection = handshakeProtection(this.config);
    const apdu = this.#ciphered ? (this.ciphering as Ciphering).seal(request, 'glo', protection) : request;
    let payload = yield { apdu, reply: true };
    for (;;) {
      const answer = this.#open(payload, protection);
      if (answer.type === 'exception-response' || answer.type === 'confirmed-service-error') {
        throw this.#refusal(answer, undefined);
      }
      if ('invokeId' in answer && ((answer.invokeId ^ invokeId) & 0x0f) === 0) return answer;
      this.#notified(answer);
      this.#passOver(`${article(answer)} in place of pass 4 of the authentication`);
      payload = yield this.waitOn();
    }
  }

  /** See {@link ClientSession.unsolicited}. */
  unsolicited(payload: Uint8Array): Notification | undefined {
    const tag = payload[0];
    if (tag === undefined) return undefined;
    if (isNotificationTag(tag)) return judgedNotification(readReceived(payload, this.config), this.config);
    const { ciphering } = this;
    const sure =
      tag === APDU_TAGS['glo-event-notification-request'] || tag === APDU_TAGS['ded-event-notification-request'];
    const perhaps = tag === APDU_TAGS['general-glo-ciphering'] || tag === APDU_TAGS['general-ded-ciphering'];
    if (ciphering === undefined || !(sure || perhaps)) return undefined;
    let found: Parameters<typeof judgedNotification>;
    try {
      // Whoever reads it as an answer tells what is wrong with its form.
      const { strict = false } = this.config;
      const outer = readReceived(payload, { strict });
      if (outer.type !== 'ciphered') return undefined;
      const opened = ciphering.openUnaccepted(outer);
      if (!isNotificationTag(opened.apdu[0])) {
        this.#peeked = { payload, opened };
        return undefined;
      }
      readReceived(payload, this.config);
      const apdu = decodeOpened(opened, this.config);
      ciphering.accept(opened);
      found = [apdu, this.config, opened.protection, outer.systemTitle];
    } catch (error) {
      // What may be an answer is for the one who asked to judge.
      if (perhaps && error instanceof CosemError) return undefined;
      throw error;
    }
    return judgedNotification(...found);
  }

  #refusal(apdu: ExceptionResponse | ConfirmedServiceError, target: Target | undefined) {
    const dedicated = target !== undefined && this.ciphering?.hasDedicatedKey === true;
    return refusalOf(apdu, target, { ciphered: this.#ciphered, dedicated });
  }

  /** What answers an AARQ may be an error under the keys. One that does not open is left as it is: it proves nothing. */
  #openRefusal(answer: Apdu): Apdu {
    const { ciphering } = this;
    if (answer.type !== 'ciphered' || ciphering === undefined) return answer;
    try {
      const inner = decodeOpened(ciphering.openUnaccepted(answer), this.config);
      return inner.type === 'exception-response' || inner.type === 'confirmed-service-error' ? inner : answer;
    } catch (error) {
      if (error instanceof CosemError) return answer;
      throw error;
    }
  }

  #open(payload: Uint8Array, demanded: Protection): Apdu {
    const outer = this.#blamed(payload, () => this.#outer(payload));
    this.#envelope = outer.type === 'ciphered' ? cipherKindOf(outer.tag) : undefined;
    if (outer.type !== 'ciphered') {
      if (this.#ciphered && !mayBeClear(outer)) {
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
    const peeked = this.#peeked;
    this.#peeked = undefined;
    const [opened, apdu] = explained(ciphering, outer, () => {
      const held = peeked?.payload === payload ? peeked.opened : ciphering.openUnaccepted(outer);
      return [held, this.#blamed(held.apdu, () => decodeOpened(held, this.config))] as const;
    });
    demandProtection(outer.securityControl, demanded);
    ciphering.accept(opened);
    return apdu;
  }

  /** Some servers take no dedicated key, and answer what goes under it by octets that are no APDU. */
  #outer(payload: Uint8Array): Apdu {
    try {
      return decodeAnswer(payload, this.config);
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

  /** Reads octets; of a block that cannot be read {@link transfer} shows which kind of transfer it breaks. @throws DecodeError */
  #blamed(octets: Uint8Array, read: () => Apdu): Apdu {
    try {
      return read();
    } catch (error) {
      this.transfer ??= transferOf(octets);
      throw error;
    }
  }

  #notified(apdu: Apdu): boolean {
    return handNotification(apdu, this.config, this.onNotification);
  }

  /** What the procedure yields after a payload that was put aside. */
  waitOn(): Exchange {
    return { ...waitOn(this.#aside), ...this.#others.patience };
  }

  #passOver(aside: string): void {
    this.#aside = aside;
    if (++this.#stale <= MAX_STALE) return;
    throw new DecodeError('bad-value', `${MAX_STALE} messages came and none was the answer asked for`, 0, {
      hint: 'is another client talking to the meter on this line?',
    });
  }
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
    ...(serverTitle === undefined ? {} : { peerTitle: serverTitle }),
    receivedFrom: (title) => receiveCounterOf(config, security, title),
  });
}

/**
 * All blocks of a transfer come in the same envelope, or what a few of them bear would pass for as well protected as the others.
 * @throws SecurityError `not-protected`
 */
function sameEnvelope(before: CipherKind | 'clear' | undefined, now: CipherKind | 'clear'): CipherKind | 'clear' {
  if (before === undefined || before === now) return now;
  throw new SecurityError('not-protected', `a block in ${now} came among blocks in ${before}`);
}

/** The kind of transfer that an APDU is a block of. */
function transferOf([tag, choice]: Uint8Array): ConformanceName | undefined {
  if (tag === APDU_TAGS['general-block-transfer']) return 'general-block-transfer';
  return tag === APDU_TAGS['get-response'] && choice === 2 ? 'block-transfer-with-get-or-read' : undefined;
}

/** Errors are understood unprotected too: they can deny an answer, never give a wrong one. */
function mayBeClear(apdu: Apdu): boolean {
  return (
    apdu.type === 'exception-response' ||
    apdu.type === 'general-block-transfer' ||
    apdu.type === 'confirmed-service-error' ||
    apdu.type === 'data-notification' ||
    apdu.type === 'event-notification-request'
  );
}
