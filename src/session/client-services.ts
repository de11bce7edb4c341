import type { Apdu } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import type { ConformanceName } from '../apdu/conformance.js';
import type { DataBlock } from '../apdu/service-apdus.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { counted } from '../base/words.js';
import { encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { nullValue } from '../codec/make.js';
import type { Procedure } from '../contracts/procedure.js';
import type { ActionResult, AttributeWithSelection, GetDataResult, MethodDescriptor } from '../contracts/services.js';
import { unexpected } from './client-answers.js';
import type { ClientCore } from './client-core.js';
import { getList, type ListJudge, MAX_LIST } from './client-lists.js';
import { actionResults, headFits, longActionRequest, longGet, longSet, type OnBlock } from './client-transfer.js';

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

const NO_BLOCK: DataBlock = { last: false, number: 1, raw: new Uint8Array(0) };
/** Invoke-Id-And-Priority: an answer is wanted. */
const CONFIRMED = 0x40;
/** Octets of a GET-with-list before its attributes, and of an attribute without selection. */
const LIST_HEADER = 4;
const ATTRIBUTE_LENGTH = 10;

/** See {@link ClientSession.get}. */
export function* getAttributes(
  session: ClientCore,
  attributes: readonly AttributeWithSelection[],
  onBlock?: OnBlock,
  judge?: ListJudge,
): Procedure<GetDataResult[]> {
  session.requireAssociated();
  const { trust } = session;
  const doubtful = trust.doubtful;
  const single = (attribute: AttributeWithSelection) => getAttribute(session, attribute, onBlock);
  const results: GetDataResult[] = [];
  while (results.length < attributes.length) {
    const start = results.length;
    const count = doubtful || trust.void !== undefined ? 1 : listLength(session, attributes, start);
    if (count === 1) results.push(yield* single(attributes[start] as AttributeWithSelection));
    else {
      const parts = { channel: session.channel, trust, judge, start, single };
      results.push(...(yield* getList(parts, attributes.slice(start, start + count))));
    }
  }
  if (doubtful && attributes.length > 1) trust.settled(session.config.onRemark);
  return results;
}

/** Reads one attribute: {@link getAttributes} without what lists need. */
export function* getAttribute(
  session: ClientCore,
  attribute: AttributeWithSelection,
  onBlock?: OnBlock,
): Procedure<GetDataResult> {
  session.requireAssociated();
  const channel = session.channel;
  const invokeId = channel.nextInvokeId();
  const request = encodeApdu({ type: 'get-request-normal', invokeId, attribute });
  // A meter that declares less room than any request needs takes it all the same.
  if (attribute.selection !== undefined && !fits(session, request))
    throw tooLong(request, 'ask for less at once: a shorter selection, fewer columns');
  const answer = yield* channel.ask(request, invokeId, attribute);
  if (answer.type === 'get-response-normal') return answer.result;
  if (answer.type !== 'get-response-with-datablock') throw unexpected(answer, 'GET');
  const [result] = yield* longGet(channel, answer, 1, attribute, onBlock);
  return result as GetDataResult;
}

/** See {@link ClientSession.set}. */
export function* setAttributes(session: ClientCore, items: readonly SetItem[]): Procedure<number[]> {
  session.requireAssociated();
  const channel = session.channel;
  if (items.length > 1 && items.length <= MAX_LIST && session.negotiated('multiple-references')) {
    const results = yield* setList(session, items);
    if (results !== undefined) return results;
  }
  const results: number[] = [];
  for (const { attribute, value } of items) {
    const invokeId = channel.nextInvokeId();
    const request = encodeApdu({ type: 'set-request-normal', invokeId, attribute, value });
    if (!fits(session, request)) {
      requireBlocks(
        session,
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
function* setList(session: ClientCore, items: readonly SetItem[]): Procedure<number[] | undefined> {
  const channel = session.channel;
  const invokeId = channel.nextInvokeId();
  const attributes = items.map((item) => item.attribute);
  const values = items.map((item) => item.value);
  const request = encodeApdu({ type: 'set-request-with-list', invokeId, attributes, values });
  if (!fits(session, request)) {
    const first = {
      type: 'set-request-with-list-and-first-datablock',
      invokeId,
      attributes,
      block: NO_BLOCK,
    } as const;
    if (!session.negotiated('block-transfer-with-set-or-write') || !headFits(channel, first)) return undefined;
    return [...(yield* longSet(channel, invokeId, { attributes, values }))];
  }
  const answer = yield* channel.ask(request, invokeId, (items[0] as SetItem).attribute);
  if (answer.type !== 'set-response-with-list' || answer.results.length !== items.length) {
    throw unexpected(answer, 'SET with list');
  }
  return [...answer.results];
}

/** See {@link ClientSession.action}. */
export function* callMethods(session: ClientCore, items: readonly ActionItem[]): Procedure<ActionResult[]> {
  session.requireAssociated();
  if (items.length > 1 && items.length <= MAX_LIST && session.negotiated('multiple-references')) {
    const results = yield* callList(session, items);
    if (results !== undefined) return results;
  }
  const results: ActionResult[] = [];
  for (const item of items) results.push(...(yield* call(session, item)));
  return results;
}

/** See {@link ClientSession.actionUnconfirmed}. */
export function* callWithoutAnswer(
  session: ClientCore,
  { method, parameter }: ActionItem,
  more = false,
): Procedure<void> {
  session.requireAssociated();
  const channel = session.channel;
  if (channel.naming !== undefined) return yield* channel.naming.tell(channel, method, parameter, more);
  const invokeId = channel.nextInvokeId() & ~CONFIRMED;
  const request = encodeApdu({
    type: 'action-request-normal',
    invokeId,
    method,
    ...given({ parameter }),
  });
  if (request.length > channel.limit) throw tooLong(request);
  yield { ...channel.exchange(request), reply: false, more };
}

/** One request for all; undefined when even its first block is too long. */
function* callList(session: ClientCore, items: readonly ActionItem[]): Procedure<ActionResult[] | undefined> {
  const channel = session.channel;
  const invokeId = channel.nextInvokeId();
  const methods = items.map((item) => item.method);
  const parameters = items.map((item) => item.parameter ?? nullValue());
  const request = encodeApdu({ type: 'action-request-with-list', invokeId, methods, parameters });
  const { method } = items[0] as ActionItem;
  let answer: Apdu;
  if (!fits(session, request)) {
    const first = { type: 'action-request-with-list-and-first-pblock', invokeId, methods, block: NO_BLOCK } as const;
    if (!session.negotiated('block-transfer-with-action') || !headFits(channel, first)) return undefined;
    answer = yield* longActionRequest(channel, invokeId, { methods, parameters });
  } else answer = yield* channel.ask(request, invokeId, method);
  return yield* actionResults(channel, answer, items.length, method);
}

function* call(session: ClientCore, { method, parameter }: ActionItem): Procedure<ActionResult[]> {
  const channel = session.channel;
  const invokeId = channel.nextInvokeId();
  const request = encodeApdu({
    type: 'action-request-normal',
    invokeId,
    method,
    ...given({ parameter }),
  });
  let answer: Apdu;
  if (!fits(session, request) && parameter !== undefined) {
    requireBlocks(
      session,
      'block-transfer-with-action',
      `a parameter in a request of ${counted(request.length, 'octet')}`,
    );
    answer = yield* longActionRequest(channel, invokeId, { methods: [method], parameters: [parameter] });
  } else answer = yield* channel.ask(request, invokeId, method);
  return yield* actionResults(channel, answer, 1, method);
}

/** Whether a request goes out whole: as it is, or by general-block-transfer. */
function fits(session: ClientCore, request: Uint8Array): boolean {
  return request.length <= session.channel.limit || session.channel.generalBlocks;
}

function tooLong(request: Uint8Array, hint?: string): StateError {
  const what = `a request of ${counted(request.length, 'octet')} is longer than the meter takes at once`;
  return new StateError(what, given({ hint }));
}

function requireBlocks(session: ClientCore, name: ConformanceName, what: string): void {
  if (session.negotiated(name)) return;
  throw new StateError(`${what} is longer than the meter takes, and ${name} was not negotiated`);
}

/** How many attributes from `start` on go into one request. */
function listLength(session: ClientCore, attributes: readonly AttributeWithSelection[], start: number): number {
  const left = attributes.length - start;
  if (left === 1 || !session.negotiated('multiple-references')) return 1;
  let octetsLeft = session.channel.limit - LIST_HEADER;
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
