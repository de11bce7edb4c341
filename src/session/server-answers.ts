/** What a server answers to requests that it cannot carry out, and what it has to know of requests beforehand. */

import type { Apdu } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import {
  ACTION_RESULT,
  CONFIRMED_SERVICE,
  DATA_ACCESS_RESULT,
  EXCEPTION_SERVICE_ERROR,
  type ServiceError,
  STATE_ERROR,
  serviceErrorOf,
} from '../apdu/results.js';
import { APDU_TAGS as TAG } from '../apdu/tags.js';
import { logicalNameKey } from '../base/obis.js';
import type { AssociationDefinition, Naming } from '../contracts/association.js';
import type { ActionResult, MethodDescriptor } from '../contracts/services.js';

/** There is no association for this, or no such service. */
export const SERVICE_UNKNOWN = exception('service-unknown', 'other-reason');
export const SERVICE_NOT_SUPPORTED = exception('service-not-allowed', 'service-not-supported');
export const OPERATION_NOT_POSSIBLE = exception('service-not-allowed', 'operation-not-possible');
export const PDU_TOO_LONG = exception('service-not-allowed', 'pdu-too-long');
export const DECIPHERING_ERROR = exception('service-not-allowed', 'deciphering-error');

const CURRENT_ASSOCIATION = logicalNameKey(Uint8Array.of(0, 0, 40, 0, 0, 255));
const ASSOCIATION_LN = 15;
const REPLY_TO_HLS_AUTHENTICATION = 1;
const CONFIRMED = 0x40;

function exception(state: keyof typeof STATE_ERROR, service: keyof typeof EXCEPTION_SERVICE_ERROR): Uint8Array {
  return Uint8Array.of(TAG['exception-response'], STATE_ERROR[state], EXCEPTION_SERVICE_ERROR[service]);
}

/** exception-response invocation-counter-error: the counter of a message was used before. @param invocationCounter the lowest acceptable. */
export function counterRefusal(invocationCounter: number): Uint8Array {
  return encodeApdu({
    type: 'exception-response',
    stateError: STATE_ERROR['service-not-allowed'],
    serviceError: EXCEPTION_SERVICE_ERROR['invocation-counter-error'],
    invocationCounter,
  });
}

const REQUESTS: Readonly<Record<Naming, ReadonlySet<number>>> = {
  ln: new Set([TAG['get-request'], TAG['set-request'], TAG['action-request'], TAG['access-request']]),
  sn: new Set([TAG['read-request'], TAG['write-request'], TAG['unconfirmed-write-request']]),
};

/** Whether an APDU begins as a request of an association that names so. */
export function isRequestTag(tag: number | undefined, naming: Naming): boolean {
  return REQUESTS[naming].has(tag ?? 0);
}

/** A ServiceError of Read and Write: the service was not negotiated. */
export const SERVICE_UNSUPPORTED = serviceErrorOf('service', 'service-unsupported');
/** The answer fits no APDU, and blocks were not negotiated. */
export const ANSWER_TOO_LONG = serviceErrorOf('service', 'pdu-size');
/** The request makes no sense. */
export const SENSELESS = serviceErrorOf('service', 'other');

/** confirmed-service-error: a Read or Write that is refused as a whole. */
export function serviceRefused(service: 'read' | 'write', [category, value]: ServiceError): Uint8Array {
  return encodeApdu({ type: 'confirmed-service-error', service: CONFIRMED_SERVICE[service], category, value });
}

/**
 * The answer to a request that is cut off or has an unknown choice: in the service's own form, object-unavailable; with short names a
 * confirmed-service-error, and nothing to an unconfirmed service.
 */
export function malformed(request: Uint8Array, naming: Naming): Uint8Array | undefined {
  return naming === 'sn' ? malformedShort(request[0]) : malformedLogical(request);
}

function malformedShort(tag: number | undefined): Uint8Array | undefined {
  if (tag === TAG['read-request']) return serviceRefused('read', SENSELESS);
  if (tag === TAG['write-request']) return serviceRefused('write', SENSELESS);
  return tag === TAG['unconfirmed-write-request'] ? undefined : SERVICE_UNKNOWN;
}

function malformedLogical(request: Uint8Array): Uint8Array | undefined {
  const invokeId = request[2] ?? CONFIRMED;
  switch (request[0]) {
    case TAG['get-request']:
      return encodeApdu({
        type: 'get-response-normal',
        invokeId,
        result: { error: DATA_ACCESS_RESULT['object-unavailable'] },
      });
    case TAG['set-request']:
      return encodeApdu({ type: 'set-response-normal', invokeId, result: DATA_ACCESS_RESULT['object-unavailable'] });
    case TAG['action-request']:
      return encodeApdu({
        type: 'action-response-normal',
        invokeId,
        response: { result: ACTION_RESULT['object-unavailable'] },
      });
    case TAG['access-request']:
      // Its results cannot be counted: it has no form of its own for a refusal of the whole.
      return OPERATION_NOT_POSSIBLE;
    default:
      return SERVICE_UNKNOWN;
  }
}

/** Pass 4 for a client that proved itself while another one holds its association: it may come again. */
export function heldAnswer(naming: Naming, invokeId: number): Uint8Array {
  return passFour(naming, invokeId, { result: ACTION_RESULT['temporary-failure'] });
}

/**
 * Pass 4: the answer of reply_to_HLS_authentication. A Read has no result without a value: a client that has not proved itself gets
 * scope-of-access-violated.
 */
export function passFour(naming: Naming, invokeId: number, response: ActionResult): Uint8Array {
  if (naming === 'ln') return encodeApdu({ type: 'action-response-normal', invokeId, response });
  const { result, returned } = response;
  const error = result === ACTION_RESULT.success ? DATA_ACCESS_RESULT['scope-of-access-violated'] : result;
  return encodeApdu({ type: 'read-response', results: [returned ?? { error }] });
}

/** Whether a request is longer than was negotiated, which holds for the services of an open association. */
export function isTooLong(
  apdu: Uint8Array,
  { maxReceivePduSize }: Pick<AssociationDefinition, 'maxReceivePduSize'>,
): boolean {
  return maxReceivePduSize !== 0 && apdu.length > maxReceivePduSize;
}

/** Whether a request is about several attributes or methods. */
export function isList(apdu: Apdu): boolean {
  return 'attributes' in apdu || 'methods' in apdu;
}

/** Whether a method is reply_to_HLS_authentication of the current association: pass 3. */
export function isHlsReply({ classId, methodId, instanceId }: MethodDescriptor): boolean {
  return (
    classId === ASSOCIATION_LN &&
    methodId === REPLY_TO_HLS_AUTHENTICATION &&
    logicalNameKey(instanceId) === CURRENT_ASSOCIATION
  );
}
