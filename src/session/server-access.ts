/** The server's ACCESS: the items of one request, one after the other, each by the rights that its own service would have. */

import { writeAccessResponse } from '../apdu/access.js';
import { ACTION_RESULT, DATA_ACCESS_RESULT } from '../apdu/results.js';
import type { AccessRequest, AccessResult, AccessSpecification } from '../apdu/service-apdus.js';
import { Writer } from '../base/cursor.js';
import { encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { nullValue } from '../codec/make.js';
import type { GetAnswer } from '../contracts/served-device.js';
import type { ActionResult, AttributeWithSelection, MethodDescriptor } from '../contracts/services.js';
import { OPERATION_NOT_POSSIBLE } from './server-answers.js';
import { takeUpTo } from './transfer.js';

/** What one item leads to. */
export interface ItemServices {
  get(attribute: AttributeWithSelection): GetAnswer;
  set(attribute: AttributeWithSelection, value: Data): number;
  action(method: MethodDescriptor, parameter: Data | undefined): ActionResult;
}

const SELF_DESCRIPTIVE = 0x1000_0000;
const BREAK_ON_ERROR = 0x2000_0000;
const CONFIRMED = 0x4000_0000;
const NULL = encodeData(nullValue());

/** How one item ended, with the encoding of its data. */
interface Done {
  readonly result: number;
  readonly data?: Uint8Array;
}

/**
 * Carries out a request. An answer that could not even hold the results refuses all of it, before anything is done; data that do not fit are
 * left out, and their item says so.
 * @param limit how many octets the answer may have before it is protected.
 * @returns undefined where no answer is wanted.
 */
export function answerAccess(request: AccessRequest, services: ItemServices, limit: number): Uint8Array | undefined {
  const { specifications, longInvokeId } = request;
  const data: Uint8Array[] = specifications.map(() => NULL);
  const results: AccessResult[] = specifications.map(({ service }) => ({ service, result: NOT_ATTEMPTED }));
  const echo = (longInvokeId & SELF_DESCRIPTIVE) === 0 ? {} : { specifications };
  const answer = () => {
    const w = new Writer();
    writeAccessResponse(w, { type: 'access-response', longInvokeId, ...echo, data: [], results }, data);
    return w.finish();
  };
  let left = limit - answer().length;
  if (left < 0) return OPERATION_NOT_POSSIBLE;
  for (const [i, specification] of specifications.entries()) {
    const { result, data: octets } = carriedOut(specification, request.data[i], services, left);
    results[i] = { service: specification.service, result };
    if (octets !== undefined) {
      data[i] = octets;
      left -= octets.length - NULL.length;
    }
    if (result !== DATA_ACCESS_RESULT.success && (longInvokeId & BREAK_ON_ERROR) !== 0) break;
  }
  return (longInvokeId & CONFIRMED) === 0 ? undefined : answer();
}

/** The result of what stands behind an error that ends the request. */
const NOT_ATTEMPTED = DATA_ACCESS_RESULT['other-reason'];

function carriedOut(
  specification: AccessSpecification,
  value: Data | undefined,
  services: ItemServices,
  room: number,
): Done {
  switch (specification.service) {
    case 'get':
      return reading(services.get(specification.attribute), room);
    case 'set':
      return { result: services.set(specification.attribute, value ?? nullValue()) };
    case 'action':
      return calling(services.action(specification.method, value), room);
  }
}

function reading(answer: GetAnswer, room: number): Done {
  if ('error' in answer) return { result: answer.error };
  const octets = 'data' in answer ? encodeData(answer.data) : takeUpTo(answer.octets, room + NULL.length);
  if (octets === undefined || octets.length > room + NULL.length) {
    return { result: DATA_ACCESS_RESULT['data-block-unavailable'] };
  }
  return { result: DATA_ACCESS_RESULT.success, data: octets };
}

/** What was done stays done, also where there is no room for what it returned. */
function calling({ result, returned }: ActionResult, room: number): Done {
  if (returned === undefined || 'error' in returned) return { result };
  const octets = encodeData(returned.data);
  return result === ACTION_RESULT.success && octets.length <= room + NULL.length
    ? { result, data: octets }
    : { result };
}
