import type { Apdu } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';
import type { DataBlock } from '../apdu/service-apdus.js';
import { AssociationError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { counted } from '../base/words.js';
import { encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { nullValue, octets } from '../codec/make.js';
import type { Procedure } from '../contracts/procedure.js';
import type { ActionResult, AttributeWithSelection, GetDataResult, MethodDescriptor } from '../contracts/services.js';
import { DLMS_VERSION } from './association.js';
import { unexpected } from './client-answers.js';
import { buildAarq, initiateRequest, openHandshake, readAare } from './client-association.js';
import { ClientChannel } from './client-channel.js';
import type { AssociationView, ClientSessionConfig } from './client-config.js';
import { answerChallenge, checkServerAnswer, type HlsExchange, ownChallenge, settleChallenge } from './client-hls.js';
import { getList, type ListJudge, MAX_LIST } from './client-lists.js';
import { actionResults, headFits, longActionRequest, longGet, longSet, type OnBlock } from './client-transfer.js';
import { ListTrust } from './list-trust.js';
import type { Notification } from './notification.js';
import { confirmOf, isConfirmed } from './notification-confirm.js';
import { unreadableProof } from './unproven.js';

/** One attribute to set, for {@link ClientSession.set}. */
export interface SetItem {
  /** The attribute, or a part of it. */
  readonly attribute: AttributeWithSelection;
  /** Its new value. */
  readonly value: Data;
}

/** One method to call, for {@link ClientSession.action}. */
export interface ActionItem {
  /** The method. */
  readonly method: MethodDescriptor;
  /** Its parameter, if it takes one. */
  readonly parameter?: Data;
}

/** reply_to_HLS_authentication of the current association (class 15). */
const HLS_METHOD: MethodDescriptor = { classId: 15, instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255), methodId: 1 };
const NO_BLOCK: DataBlock = { last: false, number: 1, raw: new Uint8Array(0) };
/** Invoke-Id-And-Priority: an answer is wanted. */
const CONFIRMED = 0x40;
/** Octets of a GET-with-list before its attributes, and of an attribute without selection. */
const LIST_HEADER = 4;
const ATTRIBUTE_LENGTH = 10;

/**
 * The client side of one association, without I/O. A driver runs its procedures, one at a time. A refusal of one object is a result; a refusal of the
 * whole service is thrown as AccessError or AssociationError.
 *
 * @example
 * ```ts
 * const session = new ClientSession({ crypto: nobleCrypto });
 * await driver.run(session.associate());
 * const [result] = await driver.run(session.get([{ classId: 8, instanceId: fromHex('0000010000FF'), attributeId: 2 }]));
 * ```
 */
export class ClientSession {
  /** The options that it was made with. */
  readonly config: ClientSessionConfig;
  /** How the meter answers lists, as far as it is known. */
  readonly trust: ListTrust;
  readonly #channel: ClientChannel;
  #view: AssociationView | undefined;

  /** @throws StateError when the configuration lacks keys that its context or mechanism needs. */
  constructor(config: ClientSessionConfig) {
    this.config = config;
    this.trust = config.lists ?? new ListTrust();
    this.#channel = new ClientChannel(config);
    if (config.preEstablished !== undefined) this.#establish({ ...config.preEstablished, dlmsVersion: DLMS_VERSION });
  }

  /** What was negotiated, while the association is open. */
  get association(): AssociationView | undefined {
    return this.#view;
  }

  /** @internal The system title of the meter, where there are keys and it is known. */
  get peerTitle(): Uint8Array | undefined {
    return this.#channel.ciphering?.peerTitle;
  }

  /** The kind of block transfer in which the last procedure stopped before its end; undefined where it did not. */
  get transfer(): ConformanceName | undefined {
    return this.#channel.transfer;
  }

  /** Is called with notifications that come while an answer is awaited. Must not throw. */
  set onNotification(listener: ((notification: Notification) => void) | undefined) {
    this.#channel.onNotification = listener;
  }

  /**
   * Opens the association: AARQ, AARE and, with HLS, passes 3 and 4. A pre-established one is open already.
   * @throws AssociationError when the meter refuses or cannot prove itself; SecurityError when its answer is not protected as it must be.
   */
  *associate(): Procedure<AssociationView> {
    const { config } = this;
    if (this.#view !== undefined) {
      if (config.preEstablished !== undefined) return this.#view;
      throw new StateError('the association is open already', { hint: 'release it first' });
    }
    const { ciphering } = this.#channel;
    ciphering?.useDedicatedKey(undefined);
    const ctos = ownChallenge(config);
    try {
      return this.#establish(yield* this.#agree(ctos));
    } finally {
      settleChallenge(ctos);
    }
  }

  /** AARQ, AARE and the passes of HLS behind them. */
  *#agree(ctos: Uint8Array | undefined): Procedure<AssociationView> {
    const { config } = this;
    const { ciphering } = this.#channel;
    const aare = yield* this.#channel.askAcse(buildAarq(config, ciphering, ctos));
    if (aare.type !== 'aare') throw unexpected(aare, 'AARQ');
    const { view, challenge: stoc } = readAare(config, ciphering, aare);
    if (config.context === 'ln-ciphered') ciphering?.useDedicatedKey(config.security?.dedicatedKey);
    if (ctos !== undefined && stoc !== undefined) {
      const serverTitle = ciphering?.peerTitle ?? view.serverTitle;
      yield* this.#prove({ ctos, stoc, serverTitle });
    }
    return view;
  }

  /**
   * Closes the association by RLRQ. Whatever the meter answers, it is closed on this side, and on the other it ends with the link; a
   * pre-established one stays open. Meters refuse an RLRQ for reasons of their own, such as the dedicated key in it.
   * @throws SecurityError when the meter's answer is not protected as it must be.
   */
  *release(): Procedure<void> {
    const { config } = this;
    if (this.#view === undefined || config.preEstablished !== undefined) return;
    this.#view = undefined;
    const { ciphering } = this.#channel;
    const terms = config.context === 'ln-ciphered' ? { userInformation: initiateRequest(config, ciphering) } : {};
    let rlre: Apdu;
    try {
      rlre = yield* this.#channel.askAcse(encodeApdu({ type: 'rlrq', reason: 0, ...terms }));
    } catch (error) {
      if (error instanceof AssociationError) return;
      throw error;
    }
    if (rlre.type !== 'rlre') throw unexpected(rlre, 'RLRQ');
    if (rlre.userInformation !== undefined) openHandshake(config, ciphering, rlre.userInformation);
  }

  /** The link is down, and with it the association, unless it is pre-established. */
  disconnected(): void {
    this.#channel.ciphering?.settle();
    if (this.config.preEstablished === undefined) this.#view = undefined;
  }

  /**
   * Reads attributes: one request for as many as fit where the meter takes lists, else one after the other. Results stand in the order
   * asked; long ones come in blocks. A list that the meter does not answer as it must is void: its attributes are asked for one by one, and
   * `ListTrust` keeps it in mind.
   * @param onBlock called with the octets of each block of a single value, in order, once they are known to be right.
   * @param judge compares the values of a list with what was asked for.
   * @throws AccessError when the meter refuses the service itself.
   */
  *get(
    attributes: readonly AttributeWithSelection[],
    onBlock?: OnBlock,
    judge?: ListJudge,
  ): Procedure<GetDataResult[]> {
    this.#requireAssociated();
    const { trust } = this;
    const doubtful = trust.doubtful;
    const single = (attribute: AttributeWithSelection) => this.getOne(attribute, onBlock);
    const results: GetDataResult[] = [];
    while (results.length < attributes.length) {
      const start = results.length;
      const count = doubtful || trust.void !== undefined ? 1 : this.#listLength(attributes, start);
      if (count === 1) results.push(yield* single(attributes[start] as AttributeWithSelection));
      else {
        const parts = { channel: this.#channel, trust, judge, start, single };
        results.push(...(yield* getList(parts, attributes.slice(start, start + count))));
      }
    }
    if (doubtful && attributes.length > 1) trust.settled(this.config.onRemark);
    return results;
  }

  /** @internal Reads one attribute: {@link get} without what lists need. */
  *getOne(attribute: AttributeWithSelection, onBlock?: OnBlock): Procedure<GetDataResult> {
    this.#requireAssociated();
    const channel = this.#channel;
    const invokeId = channel.nextInvokeId();
    const answer = yield* channel.ask(
      encodeApdu({ type: 'get-request-normal', invokeId, attribute }),
      invokeId,
      attribute,
    );
    if (answer.type === 'get-response-normal') return answer.result;
    if (answer.type !== 'get-response-with-datablock') throw unexpected(answer, 'GET');
    const [result] = yield* longGet(channel, answer, 1, attribute, onBlock);
    return result as GetDataResult;
  }

  /**
   * Writes attributes; a value that is longer than the meter accepts at once is sent in blocks.
   * @returns a data-access-result for each, 0 is success.
   * @throws AccessError when the meter refuses the service itself, StateError when a value is too long and blocks are not negotiated.
   */
  *set(items: readonly SetItem[]): Procedure<number[]> {
    this.#requireAssociated();
    const channel = this.#channel;
    if (items.length > 1 && items.length <= MAX_LIST && this.#negotiated('multiple-references')) {
      const results = yield* this.#setList(items);
      if (results !== undefined) return results;
    }
    const results: number[] = [];
    for (const { attribute, value } of items) {
      const invokeId = channel.nextInvokeId();
      const request = encodeApdu({ type: 'set-request-normal', invokeId, attribute, value });
      if (!this.#fits(request)) {
        this.#requireBlocks(
          'block-transfer-with-set-or-write',
          `a value in a request of ${counted(request.length, 'octet')}`,
        );
        results.push(...(yield* longSet(channel, invokeId, { attributes: [attribute], values: [value] })));
        continue;
      }
      const answer = yield* channel.ask(request, invokeId, attribute);
      if (answer.type !== 'set-response-normal') throw unexpected(answer, 'SET');
      results.push(answer.result);
    }
    return results;
  }

  /** One request for all; undefined when even its first block is too long. */
  *#setList(items: readonly SetItem[]): Procedure<number[] | undefined> {
    const channel = this.#channel;
    const invokeId = channel.nextInvokeId();
    const attributes = items.map((item) => item.attribute);
    const values = items.map((item) => item.value);
    const request = encodeApdu({ type: 'set-request-with-list', invokeId, attributes, values });
    if (!this.#fits(request)) {
      const first = {
        type: 'set-request-with-list-and-first-datablock',
        invokeId,
        attributes,
        block: NO_BLOCK,
      } as const;
      if (!this.#negotiated('block-transfer-with-set-or-write') || !headFits(channel, first)) return undefined;
      return [...(yield* longSet(channel, invokeId, { attributes, values }))];
    }
    const answer = yield* channel.ask(request, invokeId, (items[0] as SetItem).attribute);
    if (answer.type !== 'set-response-with-list' || answer.results.length !== items.length) {
      throw unexpected(answer, 'SET with list');
    }
    return [...answer.results];
  }

  /**
   * Calls methods; a parameter that is longer than the meter accepts at once is sent in blocks.
   * @throws AccessError when the meter refuses the service itself, StateError when a parameter is too long and blocks are not negotiated.
   */
  *action(items: readonly ActionItem[]): Procedure<ActionResult[]> {
    this.#requireAssociated();
    if (items.length > 1 && items.length <= MAX_LIST && this.#negotiated('multiple-references')) {
      const results = yield* this.#callList(items);
      if (results !== undefined) return results;
    }
    const results: ActionResult[] = [];
    for (const item of items) results.push(...(yield* this.#call(item)));
    return results;
  }

  /**
   * Calls a method by the unconfirmed service class (Invoke-Id-And-Priority, bit 6 is 0): no answer comes.
   * @param more whether another request follows at once.
   * @throws StateError when the request is longer than the meter accepts at once.
   */
  *actionUnconfirmed({ method, parameter }: ActionItem, more = false): Procedure<void> {
    this.#requireAssociated();
    const channel = this.#channel;
    const invokeId = channel.nextInvokeId() & ~CONFIRMED;
    const request = encodeApdu({
      type: 'action-request-normal',
      invokeId,
      method,
      ...given({ parameter }),
    });
    if (request.length > channel.limit) {
      throw new StateError(`a request of ${counted(request.length, 'octet')} is longer than the meter takes at once`);
    }
    yield { ...channel.exchange(request), reply: false, more };
  }

  /**
   * Looks at a payload that may be unsolicited: a DataNotification or EventNotification, plain or ciphered.
   * @returns undefined when it is something else: the answer to a request, most likely.
   * @throws DecodeError, SecurityError when it is a notification that cannot be read or opened.
   */
  unsolicited(payload: Uint8Array): Notification | undefined {
    return this.#channel.unsolicited(payload);
  }

  /**
   * Confirms a notification whose service class is confirmed (Data-Notification-Confirm), so that the meter does not repeat it. No answer comes.
   * Nothing is sent for any other notification.
   * @throws StateError without an association.
   */
  *confirm({ apdu }: Notification): Procedure<void> {
    this.#requireAssociated();
    if (isConfirmed(apdu)) yield this.#channel.confirm(encodeApdu(confirmOf(apdu)));
  }

  /** One request for all; undefined when even its first block is too long. */
  *#callList(items: readonly ActionItem[]): Procedure<ActionResult[] | undefined> {
    const channel = this.#channel;
    const invokeId = channel.nextInvokeId();
    const methods = items.map((item) => item.method);
    const parameters = items.map((item) => item.parameter ?? nullValue());
    const request = encodeApdu({ type: 'action-request-with-list', invokeId, methods, parameters });
    const { method } = items[0] as ActionItem;
    let answer: Apdu;
    if (!this.#fits(request)) {
      const first = { type: 'action-request-with-list-and-first-pblock', invokeId, methods, block: NO_BLOCK } as const;
      if (!this.#negotiated('block-transfer-with-action') || !headFits(channel, first)) return undefined;
      answer = yield* longActionRequest(channel, invokeId, { methods, parameters });
    } else answer = yield* channel.ask(request, invokeId, method);
    return yield* actionResults(channel, answer, items.length, method);
  }

  *#call({ method, parameter }: ActionItem): Procedure<ActionResult[]> {
    const channel = this.#channel;
    const invokeId = channel.nextInvokeId();
    const request = encodeApdu({
      type: 'action-request-normal',
      invokeId,
      method,
      ...given({ parameter }),
    });
    let answer: Apdu;
    if (!this.#fits(request) && parameter !== undefined) {
      this.#requireBlocks(
        'block-transfer-with-action',
        `a parameter in a request of ${counted(request.length, 'octet')}`,
      );
      answer = yield* longActionRequest(channel, invokeId, { methods: [method], parameters: [parameter] });
    } else answer = yield* channel.ask(request, invokeId, method);
    return yield* actionResults(channel, answer, 1, method);
  }

  /** Passes 3 and 4 of HLS. */
  *#prove(exchange: HlsExchange): Procedure<void> {
    const { config } = this;
    const channel = this.#channel;
    const invokeId = channel.nextInvokeId();
    const parameter = octets(answerChallenge(config, channel.ciphering, exchange));
    const request = encodeApdu({ type: 'action-request-normal', invokeId, method: HLS_METHOD, parameter });
    let answer: Apdu;
    try {
      answer = yield* channel.askHls(request, invokeId);
    } catch (error) {
      throw unreadableProof(error, config);
    }
    if (answer.type !== 'action-response-normal') throw unexpected(answer, 'the authentication');
    checkServerAnswer(config, channel.ciphering, exchange, answer.response);
  }

  #establish(view: AssociationView): AssociationView {
    this.#view = view;
    this.#channel.establish(view);
    return view;
  }

  #requireAssociated(): void {
    if (this.#view !== undefined) return;
    throw new StateError('there is no open association', { hint: 'associate first' });
  }

  /** Whether a request goes out whole: as it is, or by general-block-transfer. */
  #fits(request: Uint8Array): boolean {
    return request.length <= this.#channel.limit || this.#channel.generalBlocks;
  }

  #negotiated(name: ConformanceName): boolean {
    return this.#view !== undefined && (this.#view.conformance & CONFORMANCE[name]) !== 0;
  }

  #requireBlocks(name: ConformanceName, what: string): void {
    if (this.#negotiated(name)) return;
    throw new StateError(`${what} is longer than the meter takes, and ${name} was not negotiated`);
  }

  /** How many attributes, from `start` on, fit into one request. */
  #listLength(attributes: readonly AttributeWithSelection[], start: number): number {
    const left = attributes.length - start;
    if (left === 1 || !this.#negotiated('multiple-references')) return 1;
    let octetsLeft = this.#channel.limit - LIST_HEADER;
    let count = 0;
    while (count < left && count < MAX_LIST) {
      const { selection } = attributes[start + count] as AttributeWithSelection;
      octetsLeft -= ATTRIBUTE_LENGTH;
      if (selection !== undefined) octetsLeft -= 1 + encodeData(selection.parameters).length;
      if (octetsLeft < 0) break;
      count++;
    }
    return Math.max(1, count);
  }
}
