import type { Apdu, GeneralBlockTransfer } from '../apdu/apdu.js';
import { BlockReceiver } from '../apdu/block-receiver.js';
import { type DecodeOptions, decodeApdu, encodeApdu } from '../apdu/codec.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { CosemError, DecodeError, SecurityError, StateError } from '../base/errors.js';
import { demandProtection, type Protection, ReceiveCounter } from '../security/ciphering.js';
import { refusalOf, type Target, unexpected } from './client-answers.js';
import { handshakeProtection } from './client-association.js';
import type { ClientSessionConfig } from './client-config.js';
import { asNotification, isNotificationTag, type Notification } from './notification.js';
import { type Exchange, type Procedure, WAIT_ON } from './procedure.js';
import { Ciphering, type CipherKind, decodeOpened, type Opened, protectionOverhead } from './protection.js';

/** Answers to earlier requests that are passed over before the one awaited counts as missing. */
const MAX_STALE = 16;
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
  readonly #reading: DecodeOptions | undefined;
  #kind: CipherKind = 'glo';
  /** Octets that a request may have before it is protected. */
  limit = Number.POSITIVE_INFINITY;
  #lastInvokeId = 0;
  #stale = 0;
  /** A general-ciphered payload that {@link unsolicited} opened and found to be an answer. */
  #peeked: { readonly payload: Uint8Array; readonly opened: Opened } | undefined;

  constructor(config: ClientSessionConfig) {
    this.config = config;
    const { security } = config;
    this.#ciphered = config.context === 'ln-ciphered';
    this.ciphering = makeCiphering(config);
    if (this.ciphering === undefined && (this.#ciphered || config.mechanism === 5)) {
      throw new StateError('this association needs keys and a system title', {
        hint: 'give encryption key, authentication key and the system title of the client',
      });
    }
    this.#reading = config.lenient === true ? { lenient: true } : undefined;
    this.#request = security?.request ?? 'authenticated-encryption';
    this.#demanded = security?.response ?? this.#request;
  }

  /** Prepares for the services of an association with these terms. */
  establish(serverMaxReceivePduSize: number): void {
    const general = this.config.security?.general === true;
    const dedicated = this.ciphering?.hasDedicatedKey === true;
    this.#kind = general ? (dedicated ? 'general-ded' : 'general-glo') : dedicated ? 'ded' : 'glo';
    const overhead = this.#ciphered ? protectionOverhead(this.#kind, this.#request) : 0;
    this.limit = serverMaxReceivePduSize === 0 ? Number.POSITIVE_INFINITY : serverMaxReceivePduSize - overhead;
  }

  /** A new Invoke-Id-And-Priority octet. */
  nextInvokeId(): number {
    this.#lastInvokeId = this.config.fixedInvokeId ?? (this.#lastInvokeId % 15) + 1;
    this.#stale = 0;
    return this.#lastInvokeId | CONFIRMED | (this.config.highPriority === false ? 0 : HIGH_PRIORITY);
  }

  /** A request as it goes to the driver. */
  exchange(request: Uint8Array): Exchange {
    if (!this.#ciphered) return { apdu: request, reply: true };
    return { apdu: (this.ciphering as Ciphering).seal(request, this.#kind, this.#request), reply: true };
  }

  /**
   * Judges a payload.
   * @returns the answer with that invoke id, or undefined when it was something else and the next payload is to be awaited.
   * @throws AccessError for an exception-response or confirmed-service-error, SecurityError, DecodeError.
   */
  answer(payload: Uint8Array, invokeId: number, target: Target): Apdu | undefined {
    const apdu = this.#open(payload, this.#demanded);
    if ('invokeId' in apdu) {
      if (((apdu.invokeId ^ invokeId) & 0x0f) === 0) return apdu;
    } else if (apdu.type === 'exception-response' || apdu.type === 'confirmed-service-error') {
      throw refusalOf(apdu, target);
    } else if (!this.#notified(apdu)) return apdu;
    this.#passOver();
    return undefined;
  }

  /** Sends a request and awaits its answer. */
  *ask(request: Uint8Array, invokeId: number, target: Target): Procedure<Apdu> {
    let answer = this.answer(yield this.exchange(request), invokeId, target);
    while (answer === undefined) answer = this.answer(yield WAIT_ON, invokeId, target);
    return answer.type === 'general-block-transfer' ? yield* this.join(answer, invokeId, target) : answer;
  }

  /**
   * Joins an answer that comes by general-block-transfer, acknowledging block by block. Meters do so only when the client proposed it.
   */
  *join(first: GeneralBlockTransfer, invokeId: number, target: Target): Procedure<Apdu> {
    const receiver = new BlockReceiver(this.config.maxTransfer);
    for (let block: Apdu | undefined = first; ; ) {
      if (block?.type === 'general-block-transfer') {
        receiver.add({ last: block.last, number: block.blockNumber, raw: block.raw });
        if (block.last) break;
        block = this.answer(yield { apdu: acknowledgement(receiver.number), reply: true }, invokeId, target);
      } else if (block === undefined) block = this.answer(yield WAIT_ON, invokeId, target);
      else throw unexpected(block, 'a block of general-block-transfer');
    }
    const answer = this.answer(receiver.finish(), invokeId, target);
    if (answer !== undefined && answer.type !== 'general-block-transfer') return answer;
    throw new DecodeError('bad-value', 'what came by general-block-transfer is not the answer asked for');
  }

  /**
   * Sends an ACSE APDU, which is not protected as a whole, and awaits its answer.
   * @throws AssociationError for an exception-response or confirmed-service-error.
   */
  *askAcse(apdu: Uint8Array): Procedure<Apdu> {
    let payload = yield { apdu, reply: true };
    for (this.#stale = 0; ; payload = yield WAIT_ON) {
      const answer = decodeApdu(payload, this.#reading);
      if (answer.type === 'exception-response' || answer.type === 'confirmed-service-error') {
        throw refusalOf(answer, undefined);
      }
      // What else is still under way belongs to an earlier association, or to nobody.
      if (answer.type === 'aare' || answer.type === 'rlre') return answer;
      this.#notified(answer);
      this.#passOver();
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
        throw refusalOf(answer, undefined);
      }
      if ('invokeId' in answer && ((answer.invokeId ^ invokeId) & 0x0f) === 0) return answer;
      this.#notified(answer);
      this.#passOver();
      payload = yield WAIT_ON;
    }
  }

  /** See {@link ClientSession.unsolicited}. */
  unsolicited(payload: Uint8Array): Notification | undefined {
    const tag = payload[0];
    if (tag === undefined) return undefined;
    if (isNotificationTag(tag)) return asNotification(decodeApdu(payload), 'none', undefined);
    const { ciphering } = this;
    const sure =
      tag === APDU_TAGS['glo-event-notification-request'] || tag === APDU_TAGS['ded-event-notification-request'];
    const perhaps = tag === APDU_TAGS['general-glo-ciphering'] || tag === APDU_TAGS['general-ded-ciphering'];
    if (ciphering === undefined || !(sure || perhaps)) return undefined;
    try {
      const outer = decodeApdu(payload);
      if (outer.type !== 'ciphered') return undefined;
      const opened = ciphering.openUnaccepted(outer);
      if (!isNotificationTag(opened.apdu[0])) {
        this.#peeked = { payload, opened };
        return undefined;
      }
      const notification = asNotification(decodeApdu(opened.apdu), opened.protection, outer.systemTitle);
      ciphering.accept(opened);
      return notification;
    } catch (error) {
      // What may be an answer is for the one who asked to judge.
      if (perhaps && error instanceof CosemError) return undefined;
      throw error;
    }
  }

  #open(payload: Uint8Array, demanded: Protection): Apdu {
    const outer = decodeApdu(payload, this.#reading);
    if (outer.type !== 'ciphered') {
      if (this.#ciphered && !mayBeClear(outer)) {
        throw new SecurityError('not-protected', `the meter sent a ${outer.type} in clear`, {
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
    const opened = peeked?.payload === payload ? peeked.opened : ciphering.openUnaccepted(outer);
    const apdu = decodeOpened(opened, this.#reading);
    demandProtection(outer.securityControl, demanded);
    ciphering.accept(opened);
    return apdu;
  }

  #notified(apdu: Apdu): boolean {
    if (apdu.type !== 'data-notification' && apdu.type !== 'event-notification-request') return false;
    this.onNotification?.({ apdu, protection: 'none' });
    return true;
  }

  #passOver(): void {
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
    ...(serverTitle === undefined ? {} : { peerTitle: serverTitle }),
    received: new ReceiveCounter(security.lowestReceived),
  });
}

/** An empty last block that names the one received (IEC 62056-5-3 clause 6.13); one block may come at a time. */
function acknowledgement(number: number): Uint8Array {
  return encodeApdu({
    type: 'general-block-transfer',
    last: true,
    streaming: false,
    window: 1,
    blockNumber: number,
    blockNumberAck: number,
    raw: new Uint8Array(0),
  });
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
