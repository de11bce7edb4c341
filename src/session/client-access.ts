import { encodeApdu } from '../apdu/codec.js';
import { DATA_ACCESS_RESULT } from '../apdu/results.js';
import type { AccessRequest, AccessResponse, AccessSpecification } from '../apdu/service-apdus.js';
import { equalBytes } from '../base/bytes.js';
import { AccessError, DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { nullValue } from '../codec/make.js';
import type { Procedure } from '../contracts/procedure.js';
import type { AttributeWithSelection, GetDataResult, MethodDescriptor } from '../contracts/services.js';
import { type Target, unexpected } from './client-answers.js';
import type { ClientCore } from './client-core.js';
import type { ListJudge } from './client-lists.js';
import {
  type ActionItem,
  callMethods,
  getAttribute,
  getAttributes,
  type SetItem,
  setAttributes,
} from './client-services.js';

/** One item of an ACCESS, for `ClientSession.access`. */
export type AccessItem =
  | {
      /** Reads an attribute. */
      readonly service: 'get';
      /** The attribute, or a part of it. */
      readonly attribute: AttributeWithSelection;
    }
  | ({
      /** Writes an attribute. */
      readonly service: 'set';
    } & SetItem)
  | ({
      /** Calls a method. */
      readonly service: 'action';
    } & ActionItem);

/** How one item of an ACCESS ended. */
export interface AccessAnswer {
  /** Data-Access-Result of GET and SET, Action-Result of ACTION; 0 is success. */
  readonly result: number;
  /** What was read or returned; null-data where there is nothing. */
  readonly data: Data;
  /** Whether it was not attempted because an item before it had failed. */
  readonly skipped?: true;
}

/** How `ClientSession.access` asks. */
export interface AccessOptions {
  /** Whether what follows an item that fails is not attempted. Default false. */
  readonly breakOnError?: boolean;
  /** Whether the meter is to repeat what was asked for, so that the answer proves its order. Default false. */
  readonly selfDescriptive?: boolean;
}

/** Of all services: their results begin alike. */
const SUCCESS = DATA_ACCESS_RESULT.success;
const SELF_DESCRIPTIVE = 0x1000_0000;
const BREAK_ON_ERROR = 0x2000_0000;
/** Tag, long-invoke-id, no date-time, and the lengths of two lists in their longest form. */
const HEADER = 14;
const SKIPPED: AccessAnswer = { result: DATA_ACCESS_RESULT['other-reason'], data: nullValue(), skipped: true };
/** Octets of a request in blocks: what follows goes in a further one. */
const LONGEST = 0xffff;

/** See `ClientSession.access`. */
export function* accessAll(
  session: ClientCore,
  items: readonly AccessItem[],
  options: AccessOptions = {},
  judge?: ListJudge,
): Procedure<AccessAnswer[]> {
  session.requireAssociated();
  const served = session.negotiated('access');
  const answers: AccessAnswer[] = [];
  while (answers.length < items.length) {
    if (options.breakOnError === true && answers.some(({ result }) => result !== SUCCESS)) answers.push(SKIPPED);
    else if (served) answers.push(...(yield* some(session, items.slice(answers.length), options)));
    else answers.push(...(yield* alike(session, items, answers.length, options, judge)));
  }
  return answers;
}

/** The first of the items, as many as go in one request; at least one. */
function* some(session: ClientCore, items: readonly AccessItem[], options: AccessOptions): Procedure<AccessAnswer[]> {
  const [first] = items as readonly [AccessItem];
  let count = fitting(session, items);
  // The blocks of its own service carry what is too long for this one.
  if (count === 0) return [yield* alone(session, first)];
  for (;;) {
    const asked = items.slice(0, count);
    try {
      return yield* settled(session, asked, yield* ask(session, asked, options), options);
    } catch (error) {
      const tooLong = error instanceof AccessError && error.result === 'pdu-too-long';
      // Only what changes nothing is asked for a second time.
      if (!tooLong || count === 1 || asked.some(({ service }) => service !== 'get')) throw error;
      count = Math.ceil(count / 2);
    }
  }
}

/** How many items go in one request; 0 where the first alone is too long. */
function fitting(session: ClientCore, items: readonly AccessItem[]): number {
  const { channel } = session;
  let left = (channel.generalBlocks ? LONGEST : channel.accessLimit) - HEADER;
  for (const [i, item] of items.entries()) {
    left -= encodeApdu(requestOf([item], 0)).length - encodeApdu(requestOf([], 0)).length;
    if (left < 0) return channel.generalBlocks ? Math.max(1, i) : i;
  }
  return items.length;
}

function* ask(session: ClientCore, items: readonly AccessItem[], options: AccessOptions): Procedure<AccessAnswer[]> {
  const { channel } = session;
  const flags =
    (options.breakOnError === true ? BREAK_ON_ERROR : 0) | (options.selfDescriptive === true ? SELF_DESCRIPTIVE : 0);
  const request = requestOf(items, channel.nextLongInvokeId() + flags);
  const target = targetOf(items[0] as AccessItem);
  const answer = yield* channel.ask(encodeApdu(request), request.longInvokeId, target);
  if (answer.type !== 'access-response') throw unexpected(answer, 'ACCESS');
  return judged(request, answer);
}

function requestOf(items: readonly AccessItem[], longInvokeId: number): AccessRequest {
  return {
    type: 'access-request',
    longInvokeId,
    specifications: items.map(specificationOf),
    data: items.map(dataOf),
  };
}

function specificationOf(item: AccessItem): AccessSpecification {
  return item.service === 'action'
    ? { service: item.service, method: item.method }
    : { service: item.service, attribute: item.attribute };
}

function dataOf(item: AccessItem): Data {
  if (item.service === 'set') return item.value;
  return (item.service === 'action' ? item.parameter : undefined) ?? nullValue();
}

function targetOf(item: AccessItem): Target {
  return item.service === 'action' ? (item.method as MethodDescriptor) : item.attribute;
}

/** Holds the answer against the question: as many results, of the same services in the same order. @throws DecodeError */
function judged(request: AccessRequest, answer: AccessResponse): AccessAnswer[] {
  const { specifications } = request;
  const { results, data } = answer;
  if (results.length !== specifications.length) {
    throw misfit(`${counted(results.length, 'result')} to ${counted(specifications.length, 'question')}`);
  }
  const other = results.findIndex(({ service }, i) => service !== specifications[i]?.service);
  if (other >= 0) throw misfit(`${results[other]?.service} where ${specifications[other]?.service} was asked for`);
  // Where nothing was read, some meters send no data at all.
  const none = data.length === 0 && !results.some(({ service, result }) => service === 'get' && result === SUCCESS);
  if (data.length !== results.length && !none) {
    throw misfit(`${counted(data.length, 'value')} with ${counted(results.length, 'result')}`);
  }
  const echoed = answer.specifications ?? ((request.longInvokeId & SELF_DESCRIPTIVE) === 0 ? specifications : []);
  if (!equalBytes(octetsOf(echoed), octetsOf(specifications))) throw misfit('it does not repeat what was asked for');
  return results.map(({ result }, i) => ({ result, data: data[i] ?? nullValue() }));
}

function octetsOf(specifications: readonly AccessSpecification[]): Uint8Array {
  return encodeApdu({ type: 'access-request', longInvokeId: 0, specifications, data: [] });
}

function misfit(what: string): DecodeError {
  return new DecodeError('bad-value', `the answer to ACCESS does not fit what was asked for: ${what}`);
}

/**
 * What was too long for the answer is read by itself, which goes in blocks of GET. Where the meter stopped at it, what follows is still to
 * be asked for.
 */
function* settled(
  session: ClientCore,
  items: readonly AccessItem[],
  answers: readonly AccessAnswer[],
  { breakOnError = false }: AccessOptions,
): Procedure<AccessAnswer[]> {
  const whole: AccessAnswer[] = [];
  let failed = false;
  for (const [i, item] of items.entries()) {
    const answer = answers[i] as AccessAnswer;
    if (failed) {
      const untouched = answer.result === SKIPPED.result;
      whole.push(untouched ? SKIPPED : answer);
      continue;
    }
    const long = item.service === 'get' && answer.result === DATA_ACCESS_RESULT['data-block-unavailable'];
    if (long && !session.channel.generalBlocks && session.negotiated('get')) {
      whole.push(yield* alone(session, item));
      if (breakOnError) return whole;
    } else {
      whole.push(answer);
      failed = breakOnError && answer.result !== SUCCESS;
    }
  }
  return whole;
}

/** One item by the service of its own. */
function* alone(session: ClientCore, item: AccessItem): Procedure<AccessAnswer> {
  if (item.service === 'get') return answerOf(yield* getAttribute(session, item.attribute));
  const [answer] = item.service === 'set' ? yield* writeAll(session, [item]) : yield* callAll(session, [item]);
  return answer as AccessAnswer;
}

function answerOf(result: GetDataResult): AccessAnswer {
  return 'data' in result ? { result: SUCCESS, data: result.data } : { result: result.error, data: nullValue() };
}

function* writeAll(session: ClientCore, items: readonly SetItem[]): Procedure<AccessAnswer[]> {
  return (yield* setAttributes(session, items)).map((result) => ({ result, data: nullValue() }));
}

function* callAll(session: ClientCore, items: readonly ActionItem[]): Procedure<AccessAnswer[]> {
  return (yield* callMethods(session, items)).map(({ result, returned }) => {
    if (returned === undefined || 'data' in returned) return { result, data: returned?.data ?? nullValue() };
    return { result, data: nullValue() };
  });
}

/** Without ACCESS: the items from `start` on that are of one service, in a list of it where the meter takes lists. */
function* alike(
  session: ClientCore,
  items: readonly AccessItem[],
  start: number,
  { breakOnError = false }: AccessOptions,
  judge: ListJudge | undefined,
): Procedure<AccessAnswer[]> {
  const first = items[start] as AccessItem;
  if (breakOnError) return [yield* alone(session, first)];
  const rest = items.slice(start);
  const other = rest.findIndex(({ service }) => service !== first.service);
  const group = other < 0 ? rest : rest.slice(0, other);
  if (first.service === 'set') return yield* writeAll(session, group as readonly SetItem[]);
  if (first.service === 'action') return yield* callAll(session, group as readonly ActionItem[]);
  const attributes = group.map((item) => targetOf(item) as AttributeWithSelection);
  const within: ListJudge | undefined = judge && {
    ...judge,
    fits: (i, value) => judge.fits(start + i, value),
    agrees: (i, listed, single) => judge.agrees(start + i, listed, single),
  };
  return (yield* getAttributes(session, attributes, undefined, within)).map(answerOf);
}
