import type { Apdu } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import { dataAccessResultName } from '../apdu/results.js';
import { equalBytes } from '../base/bytes.js';
import { AccessError, DecodeError } from '../base/errors.js';
import { counted, withArticle } from '../base/words.js';
import type { Data } from '../codec/data.js';
import type { Procedure } from '../contracts/procedure.js';
import type { AttributeWithSelection, GetDataResult } from '../contracts/services.js';
import { targetText, unexpected } from './client-answers.js';
import type { ClientChannel } from './client-channel.js';
import { longGet } from './client-transfer.js';
import type { ListTrust } from './list-trust.js';

/** Knows what was asked for, and judges the values of the answer. */
export interface ListJudge {
  /** Whether a value can be that of the attribute at this place. */
  fits(index: number, value: Data): boolean;
  /** Whether the value of a list agrees with the one read when the attribute was asked for alone. */
  agrees(index: number, listed: Data, single: Data): boolean;
  /** Whether a witness of the order is added until one was answered: many values look alike. */
  readonly witness: boolean;
}

/** Longest list in one request: its length takes one octet. */
export const MAX_LIST = 127;
/** Attribute 1 of every class. */
const LOGICAL_NAME = 1;
/** Refusals that can concern a single object. The list itself may be the cause of all others. */
const EARNED: ReadonlySet<string> = new Set([
  'read-write-denied',
  'object-undefined',
  'object-class-inconsistent',
  'object-unavailable',
  'scope-of-access-violated',
]);
/** Exceptions that are not caused by the list. */
const NOT_OF_LISTS: ReadonlySet<string> = new Set(['invocation-counter-error', 'deciphering-error']);

/** What lists are read with. */
export interface ListParts {
  readonly channel: ClientChannel;
  readonly trust: ListTrust;
  readonly judge: ListJudge | undefined;
  /** Place of the first of these attributes for the judge. */
  readonly start: number;
  /** Reads one attribute by itself. */
  readonly single: (attribute: AttributeWithSelection) => Procedure<GetDataResult>;
}

/**
 * Reads attributes with one list. The answer is held against the questions: as many results, each of a value that can be of its attribute. One
 * that is not, and a refusal of the list as such, make it void: then all are asked for one by one, and no list is sent any more.
 */
export function* getList(parts: ListParts, attributes: readonly AttributeWithSelection[]): Procedure<GetDataResult[]> {
  const { channel, trust } = parts;
  let why: string;
  try {
    const witness = witnessOf(parts, attributes);
    const results = yield* askList(channel, trust, witness === undefined ? attributes : [...attributes, witness]);
    const ordered = witness !== undefined && isHeard(witness, results.pop());
    const doubt = yield* judged(parts, attributes, results);
    if (doubt === undefined) {
      const { length } = results;
      channel.transfer = undefined;
      if (results.some((result) => 'data' in result)) trust.answered(length, ordered);
      return results;
    }
    why = doubt;
  } catch (error) {
    if (!isOfTheList(error, channel, trust)) throw error;
    why = error instanceof AccessError ? error.result : error.message;
  }
  const results = yield* oneByOne(parts, attributes);
  if (results.some((result) => 'data' in result)) trust.give(why, channel.config.onRemark);
  return results;
}

/** Whether an error says that the meter does not know lists. An error in a block transfer is not caused by the list. */
function isOfTheList(error: unknown, channel: ClientChannel, trust: ListTrust): error is AccessError | DecodeError {
  // Single objects do without block transfer, but not without general block transfer.
  const inBlocks = channel.transfer === 'general-block-transfer';
  if (error instanceof DecodeError) return !inBlocks;
  if (!(error instanceof AccessError) || NOT_OF_LISTS.has(error.result)) return false;
  if (error.unassociated) trust.dropped();
  return !error.unassociated && !inBlocks;
}

function* oneByOne(parts: ListParts, attributes: readonly AttributeWithSelection[]): Procedure<GetDataResult[]> {
  const results: GetDataResult[] = [];
  for (const attribute of attributes) results.push(yield* parts.single(attribute));
  return results;
}

/**
 * A witness of the order, where none was heard for a list as long: a logical name tells whose it is. Behind values that look alike it shows
 * that none is missing and none was put in between.
 */
function witnessOf(
  { channel, trust, judge }: ListParts,
  attributes: readonly AttributeWithSelection[],
): AttributeWithSelection | undefined {
  const { length } = attributes;
  if (judge?.witness !== true || length <= trust.ordered || length === MAX_LIST) return undefined;
  const { classId, instanceId } = attributes[0] as AttributeWithSelection;
  const witness = { classId, instanceId, attributeId: LOGICAL_NAME };
  const request = encodeApdu({ type: 'get-request-with-list', invokeId: 0, attributes: [...attributes, witness] });
  return request.length > channel.limit ? undefined : witness;
}

/** Whether the witness came in its place. @throws DecodeError where another value did. */
function isHeard({ instanceId }: AttributeWithSelection, result: GetDataResult | undefined): boolean {
  // Not every client may read a logical name.
  if (result === undefined || 'error' in result) return false;
  const { data } = result;
  if (data.type === 'octet-string' && equalBytes(data.value, instanceId)) return true;
  throw new DecodeError('bad-value', 'its values do not stand in the order of the questions');
}

function* askList(
  channel: ClientChannel,
  trust: ListTrust,
  attributes: readonly AttributeWithSelection[],
): Procedure<GetDataResult[]> {
  const [first] = attributes as readonly [AttributeWithSelection, ...AttributeWithSelection[]];
  const invokeId = channel.nextInvokeId();
  const request = encodeApdu({ type: 'get-request-with-list', invokeId, attributes });
  trust.asked();
  let answer: Apdu;
  try {
    answer = yield* channel.ask(request, invokeId, first);
  } catch (error) {
    // Any answer counts.
    if (error instanceof DecodeError || error instanceof AccessError) trust.heard();
    throw error;
  }
  trust.heard();
  const { length } = attributes;
  if (answer.type === 'get-response-with-datablock') return yield* longGet(channel, answer, length, first);
  if (answer.type === 'get-response-normal' && 'error' in answer.result) return Array(length).fill(answer.result);
  if (answer.type !== 'get-response-with-list') throw unexpected(answer, 'GET with list');
  if (answer.results.length === length) return [...answer.results];
  throw new DecodeError(
    'bad-length',
    `${counted(answer.results.length, 'result')} came for ${counted(length, 'question')}`,
  );
}

/**
 * Why the results cannot be believed, in words; undefined where they can. What looks odd is asked for by itself: where that bears it out it is
 * the meter's way, and its answer stands.
 */
function* judged(
  parts: ListParts,
  attributes: readonly AttributeWithSelection[],
  results: GetDataResult[],
): Procedure<string | undefined> {
  const { trust, judge, start } = parts;
  const uniform = uniformError(results);
  if (uniform !== undefined && EARNED.has(uniform) && results.length <= trust.longest) return undefined;
  for (const [i, attribute] of attributes.entries()) {
    const listed = results[i] as GetDataResult;
    if ('error' in listed) {
      if (uniform === undefined && EARNED.has(dataAccessResultName(listed.error))) continue;
      const single = yield* parts.single(attribute);
      if (uniform !== undefined && ('data' in single || single.error !== listed.error)) return `${uniform} for all`;
      results[i] = single;
      continue;
    }
    const target = targetText(attribute);
    const form = formOf(listed.data);
    if (judge === undefined || judge.fits(start + i, listed.data) || trust.odd.get(target) === form) continue;
    const single = yield* parts.single(attribute);
    if ('error' in single || !judge.agrees(start + i, listed.data, single.data)) {
      return `${withArticle(listed.data.type)} as ${target}`;
    }
    trust.odd.set(target, form);
    results[i] = single;
  }
  if (uniform !== undefined) trust.answered(results.length, false);
  return undefined;
}

/** The refusal that all results are, by its name. */
function uniformError(results: readonly GetDataResult[]): string | undefined {
  const [first] = results;
  if (first === undefined || !('error' in first)) return undefined;
  const same = results.every((result) => 'error' in result && result.error === first.error);
  return same ? dataAccessResultName(first.error) : undefined;
}

/** What values of one attribute have in common: the type, of structures those of the elements, of octets the length. */
export function formOf({ type, value }: Data): string {
  if (type === 'structure') return `structure(${value.map(formOf).join()})`;
  return type === 'octet-string' ? `${type} ${value.length}` : type;
}
