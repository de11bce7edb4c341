import type { Apdu, ConfirmedServiceError, ExceptionResponse, GeneralBlockTransfer } from '../apdu/apdu.js';
import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { Exchange, Procedure } from '../contracts/procedure.js';
import { article, decodeAnswer, errorIn, refusalOf, type Target } from './client-answers.js';
import type { AssociationView, ClientSessionConfig } from './client-config.js';
import type { ClientNaming } from './client-naming.js';
import { type Envelope, sameWrapping, type Wrapping } from './envelope.js';
import { type BlockOutcome, blockRoom, GeneralBlocks } from './general-blocks.js';
import { handNotification, type Notification } from './notification-forms.js';
import { OtherInvokeIds } from './other-invoke-ids.js';
import { waitOn } from './procedure.js';
import type { Ciphering } from './protection.js';

/** How many answers to earlier requests are skipped before the awaited one counts as missing. */
const MAX_STALE = 16;
const MAX_PDU_SIZE = 0xffff;
/** How often in a row a silent meter is asked again for blocks. */
const MAX_SILENCES = 3;
const NOTHING = new Uint8Array(0);
/** No request has this one: they are numbered from 1. */
const NO_INVOKE_ID = 0;
const HIGH_PRIORITY = 0x80;
const CONFIRMED = 0x40;
const LONG_INVOKE_IDS = 0xffffff;
/** A system title with its length. */
const TITLE = 9;

/**
 * Sends the requests of one client and receives the answers, in blocks where necessary. Turns errors of the meter into
 * exceptions, and puts stale answers and notifications aside.
 */
export class ClientChannel {
  readonly config: ClientSessionConfig;
  /** Called with what a meter sends unasked while an answer is awaited. Must not throw. */
  onNotification: ((notification: Notification) => void) | undefined;
  readonly envelope: Envelope;
  /** The kind of block transfer that is under way, or in which the last exchange stopped before its end. */
  transfer: ConformanceName | undefined;
  /** Octets that a request may have before it is protected. */
  limit = Number.POSITIVE_INFINITY;
  /** How services are spoken where that is not by logical names. */
  readonly naming: ClientNaming | undefined;
  /** Whether longer ones go in blocks of general-block-transfer: it was negotiated. */
  generalBlocks = false;
  /** The longest APDU that the meter accepts, in octets. */
  #pduSize = MAX_PDU_SIZE;
  /** Invoke ids of requests whose answers are awaited at the same time: none of them is used again meanwhile. */
  readonly busy = new Set<number>();
  /** Whether requests have high priority; where it is undefined, as the options say. */
  highPriority: boolean | undefined;
  /** A payload that was opened already, to find out whose answer it is. */
  #opened: { readonly payload: Uint8Array; readonly apdu: Apdu } | undefined;
  #lastInvokeId = 0;
  #lastLongInvokeId = 0;
  #stale = 0;
  readonly #others: OtherInvokeIds;
  /** Why the last payload was put aside, in words. */
  #aside = '';

  /** @throws StateError when the configuration lacks keys that its context or mechanism needs. */
  constructor(
    config: ClientSessionConfig,
    envelope: (config: ClientSessionConfig, unreadable: (octets: Uint8Array) => void) => Envelope,
    naming?: ClientNaming,
  ) {
    this.config = config;
    this.naming = naming;
    this.#others = new OtherInvokeIds(config);
    // A block that cannot be read ends the transfer of its kind.
    this.envelope = envelope(config, (octets) => {
      this.transfer ??= transferOf(octets);
    });
  }

  get ciphering(): Ciphering | undefined {
    return this.envelope.ciphering;
  }

  /** Prepares for the services of an association with these terms. */
  establish({ serverMaxReceivePduSize, conformance }: AssociationView): void {
    const overhead = this.envelope.establish();
    this.limit = serverMaxReceivePduSize === 0 ? Number.POSITIVE_INFINITY : serverMaxReceivePduSize - overhead;
    this.#pduSize = serverMaxReceivePduSize === 0 ? MAX_PDU_SIZE : serverMaxReceivePduSize;
    this.generalBlocks = (conformance & CONFORMANCE['general-block-transfer']) !== 0;
    if (this.naming === undefined) return;
    this.naming.begin(this.limit);
    this.limit = Number.POSITIVE_INFINITY;
  }

  /** The invoke id of the last request. */
  get lastInvokeId(): number {
    return this.#lastInvokeId;
  }

  /** Opens a payload to see whose answer it is. Whoever is then given it does not open it again. */
  look(payload: Uint8Array): Apdu {
    const apdu = this.envelope.read(payload);
    this.#opened = { payload, apdu };
    return apdu;
  }

  /** Forgets what {@link look} opened. */
  forget(): void {
    this.#opened = undefined;
  }

  #read(payload: Uint8Array): Apdu {
    return this.#opened?.payload === payload ? this.#opened.apdu : this.envelope.read(payload);
  }

  /** A new Invoke-Id-And-Priority octet. */
  nextInvokeId(): number {
    const next = () => (this.#lastInvokeId % 15) + 1;
    this.#lastInvokeId = this.config.fixedInvokeId ?? next();
    for (let tries = 0; this.busy.has(this.#lastInvokeId) && tries < 15; tries++) this.#lastInvokeId = next();
    this.#stale = 0;
    this.transfer = undefined;
    const high = this.highPriority ?? this.config.highPriority !== false;
    return this.#lastInvokeId | CONFIRMED | (high ? HIGH_PRIORITY : 0);
  }

  /** A new Long-Invoke-Id-And-Priority, for ACCESS. */
  nextLongInvokeId(): number {
    this.#lastLongInvokeId = (this.#lastLongInvokeId % LONG_INVOKE_IDS) + 1;
    const octet = this.nextInvokeId() & (CONFIRMED | HIGH_PRIORITY);
    return octet * 0x1000000 + this.#lastLongInvokeId;
  }

  /** Octets that an ACCESS request may have before it is protected: it has no ciphered form but the general one, with a title. */
  get accessLimit(): number {
    return this.envelope.ciphered ? this.limit - TITLE : this.limit;
  }

  /** A request as it goes to the driver. */
  exchange(request: Uint8Array, missing?: string): Exchange {
    if (this.busy.size === 0) this.#others.asked(request);
    const exchange = { apdu: this.envelope.seal(request), reply: true };
    return missing === undefined ? exchange : { ...exchange, aside: missing };
  }

  /** What confirms a notification, as it goes to the driver. */
  confirm(octets: Uint8Array): Exchange {
    return { apdu: this.envelope.seal(octets), reply: false };
  }

  /**
   * Judges a payload.
   * @returns the answer with that invoke id, or undefined when it was something else and the next payload is to be awaited.
   * @throws AccessError for an exception-response or confirmed-service-error, SecurityError, DecodeError.
   */
  answer(payload: Uint8Array, invokeId: number, target: Target): Apdu | undefined {
    // No better answer came while one under another invoke id was held back.
    if (payload.length === 0) return this.#others.held();
    const apdu = this.#read(payload);
    // Blocks left over from an earlier transfer are skipped: an answer begins with its first block.
    const begins = apdu.type === 'general-block-transfer' && apdu.blockNumber === 1;
    const answer = begins ? apdu : this.#judge(apdu, invokeId, target, true);
    if (answer !== undefined) this.#others.answered();
    return answer;
  }

  /** The same of an APDU without an invoke id, taken out of its protection; without a target it is about the association. */
  judge(apdu: Apdu, target: Target | undefined): Apdu | undefined {
    return this.#judge(apdu, NO_INVOKE_ID, target);
  }

  #judge(apdu: Apdu, invokeId: number, target: Target | undefined, alone = false): Apdu | undefined {
    let aside: string | undefined;
    const id = idOf(apdu);
    if (id !== undefined) {
      if (id === shownId(invokeId) && isLong(invokeId) === (apdu.type === 'access-response')) return apdu;
      if (alone && this.#others.takes(apdu)) return apdu;
      aside = `${article(apdu)} to request ${id}, asked was request ${shownId(invokeId)}`;
    } else if (apdu.type === 'exception-response' || apdu.type === 'confirmed-service-error') {
      this.#others.answered();
      throw this.#refusal(apdu, target);
    } else if (apdu.type !== 'general-block-transfer' && !this.#notified(apdu)) return apdu;
    this.#passOver(aside ?? article(apdu));
    return undefined;
  }

  /**
   * Sends a request, in blocks where that is necessary and allowed, and awaits its answer.
   * @param missing for the message of a time-out: what is missing of an answer that has begun.
   */
  *ask(request: Uint8Array, invokeId: number, target: Target, missing?: string): Procedure<Apdu> {
    if (this.naming !== undefined) return yield* this.naming.ask(this, request);
    if (request.length > (isLong(invokeId) ? this.accessLimit : this.limit) && this.generalBlocks) {
      return yield* this.#converse(this.#newBlocks().say(this.envelope.seal(request)), 'turn', invokeId, target);
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
    return yield* this.#converse(blocks, blocks.receive(first), invokeId, target, this.envelope.last);
  }

  #newBlocks(): GeneralBlocks {
    const { generalBlockWindow: window = 1, maxTransfer } = this.config;
    return new GeneralBlocks({
      room: blockRoom(this.#pduSize),
      window,
      ...given({ maxTransfer }),
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
    wrapping?: Wrapping,
  ): Procedure<Apdu> {
    const { blockPatience } = this.config;
    let blocks = started;
    let wrapped = wrapping;
    // The driver decides about a meter that never answers.
    let silences = 0;
    const { transfer } = this;
    this.transfer = 'general-block-transfer';
    for (let outcome = begun; ; ) {
      if (outcome === 'whole') {
        const answer = this.#judge(this.envelope.readJoined(blocks.whole(), wrapped), invokeId, target);
        if (answer !== undefined) {
          this.transfer = transfer;
          return answer;
        }
        blocks = this.#newBlocks();
      }
      const octets = outcome === 'turn' ? blocks.turn().map((block) => this.envelope.sealBlock(block, wrapped)) : [];
      for (const apdu of octets.slice(0, -1)) yield { apdu, reply: false, more: true };
      const patient = blockPatience !== undefined && silences < MAX_SILENCES ? { patience: blockPatience } : {};
      const payload = yield { apdu: octets.at(-1) ?? NOTHING, reply: true, ...patient, ...blocks.missing };
      if (payload.length === 0) {
        silences++;
        outcome = 'turn';
        continue;
      }
      silences = 0;
      const apdu = this.envelope.read(payload);
      if (apdu.type === 'general-block-transfer') {
        wrapped = sameWrapping(wrapped, this.envelope.last);
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

  /**
   * Sends an ACSE APDU, which is not protected as a whole, and awaits its answer.
   * @throws AssociationError for an exception-response or confirmed-service-error.
   */
  *askAcse(apdu: Uint8Array): Procedure<Apdu> {
    let payload = yield { apdu, reply: true };
    for (this.#stale = 0; ; payload = yield this.waitOn()) {
      const answer = this.envelope.openRefusal(decodeAnswer(payload, this.config));
      const error = errorIn(answer);
      if (error !== undefined) throw this.#refusal(error, undefined);
      // Anything else belongs to an earlier association, or to nobody.
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
    if (this.naming !== undefined) return yield* this.naming.askHls(this, request);
    let payload = yield { apdu: this.envelope.sealHandshake(request), reply: true };
    for (;;) {
      const answer = this.envelope.readHandshake(payload);
      const error = errorIn(answer);
      if (error !== undefined) throw this.#refusal(error, undefined);
      if ('invokeId' in answer && ((answer.invokeId ^ invokeId) & 0x0f) === 0) return answer;
      this.#notified(answer);
      this.#passOver(`${article(answer)} in place of pass 4 of the authentication`);
      payload = yield this.waitOn();
    }
  }

  /** See {@link ClientSession.unsolicited}. */
  unsolicited(payload: Uint8Array): Notification | undefined {
    return this.envelope.unsolicited(payload);
  }

  #refusal(apdu: ExceptionResponse | ConfirmedServiceError, target: Target | undefined) {
    const dedicated = target !== undefined && this.ciphering?.hasDedicatedKey === true;
    return refusalOf(apdu, target, { ciphered: this.envelope.ciphered, dedicated });
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

/** The invoke id of an answer; of ACCESS, which counts apart, the long one. */
function idOf(apdu: Apdu): number | undefined {
  if ('invokeId' in apdu) return apdu.invokeId & 0x0f;
  return apdu.type === 'access-response' ? apdu.longInvokeId & LONG_INVOKE_IDS : undefined;
}

/** Bit 30 or 31 of a long-invoke-id-and-priority is set where an answer is wanted. */
function isLong(invokeId: number): boolean {
  return invokeId > 0xff;
}

function shownId(invokeId: number): number {
  return invokeId & (isLong(invokeId) ? LONG_INVOKE_IDS : 0x0f);
}

/** The kind of transfer that an APDU is a block of. */
function transferOf([tag, choice]: Uint8Array): ConformanceName | undefined {
  if (tag === APDU_TAGS['general-block-transfer']) return 'general-block-transfer';
  return tag === APDU_TAGS['get-response'] && choice === 2 ? 'block-transfer-with-get-or-read' : undefined;
}
