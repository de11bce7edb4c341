/** Answers to requests that cannot be processed: exception-response D8 and confirmed-service-error 0E (IEC 62056-5-3). */

import type { Reader, Writer } from '../base/cursor.js';
import { StateError } from '../base/errors.js';
import type { ConfirmedServiceError, ExceptionResponse } from './apdu.js';
import type { OnDeviation } from './deviation.js';
import { readU8, readU32, writeU8, writeU32 } from './fields.js';
import { EXCEPTION_SERVICE_ERROR } from './results.js';
import { APDU_TAGS } from './tags.js';

const INVOCATION_COUNTER_ERROR = EXCEPTION_SERVICE_ERROR['invocation-counter-error'];

/** @param bear is told of an invocation-counter-error without a counter; without `bear` such an APDU is refused. */
export function readExceptionResponse(r: Reader, bear?: OnDeviation): ExceptionResponse {
  const stateError = readU8(r, 'state-error');
  if (stateError < 1 || stateError > 2) r.fail('bad-value', `state-error ${stateError}`, r.offset - 1);
  const serviceError = readU8(r, 'service-error');
  if (serviceError < 1 || serviceError > 6) r.fail('bad-value', `service-error ${serviceError}`, r.offset - 1);
  const unnamed = serviceError === INVOCATION_COUNTER_ERROR && r.offset === r.end && bear !== undefined;
  if (unnamed) bear({ code: 'missing-counter', text: 'an invocation-counter-error without a counter' });
  if (unnamed || serviceError !== INVOCATION_COUNTER_ERROR)
    return { type: 'exception-response', stateError, serviceError };
  const invocationCounter = readU32(r, 'invocation-counter');
  return { type: 'exception-response', stateError, serviceError, invocationCounter };
}

export function writeExceptionResponse(w: Writer, apdu: ExceptionResponse): void {
  const { stateError, serviceError, invocationCounter } = apdu;
  if ((serviceError === INVOCATION_COUNTER_ERROR) !== (invocationCounter !== undefined)) {
    throw new StateError(
      'an invocation-counter-error must have the counter, and no other exception-response may have one',
    );
  }
  w.u8(APDU_TAGS['exception-response']);
  writeU8(w, stateError, 'state-error');
  writeU8(w, serviceError, 'service-error');
  if (invocationCounter !== undefined) writeU32(w, invocationCounter, 'invocation-counter');
}

export function readConfirmedServiceError(r: Reader): ConfirmedServiceError {
  const service = readU8(r, 'service');
  if (service < 1 || service > 19)
    r.fail('unknown-choice', `ConfirmedServiceError has no alternative ${service}`, r.offset - 1);
  const category = readU8(r, 'service-error');
  if (category > 10) r.fail('unknown-choice', `ServiceError has no alternative ${category}`, r.offset - 1);
  return { type: 'confirmed-service-error', service, category, value: readU8(r, 'service-error.value') };
}

export function writeConfirmedServiceError(w: Writer, apdu: ConfirmedServiceError): void {
  w.u8(APDU_TAGS['confirmed-service-error']);
  writeU8(w, apdu.service, 'service');
  writeU8(w, apdu.category, 'service-error');
  writeU8(w, apdu.value, 'service-error value');
}
