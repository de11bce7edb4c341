import type { Apdu, ConfirmedServiceError, ExceptionResponse } from '../apdu/apdu.js';
import { type Reception, readReceived } from '../apdu/received.js';
import {
  confirmedServiceName,
  EXCEPTION_SERVICE_ERROR,
  exceptionServiceErrorName,
  STATE_ERROR,
  serviceErrorCategoryName,
  serviceErrorName,
  stateErrorName,
} from '../apdu/results.js';
import { toHex } from '../base/bytes.js';
import { AccessError, AssociationError, DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import { logicalNameFromBytes } from '../base/obis.js';
import { isText, shownOctets } from '../base/shown.js';
import { withArticle } from '../base/words.js';
import type { AttributeDescriptor, MethodDescriptor } from '../contracts/services.js';
import { OR_SHORT_NAMES } from './short-names.js';

/** What a request was about, for messages. */
export type Target = AttributeDescriptor | MethodDescriptor;

/** `class:obis:attribute`, or the method's number with a sign of the call: `15:0.0.40.0.0.255:1()`. */
export function targetText(target: Target): string {
  const name = target.instanceId.length === 6 ? logicalNameFromBytes(target.instanceId) : toHex(target.instanceId);
  const member = 'attributeId' in target ? `${target.attributeId}` : `${target.methodId}()`;
  return `${target.classId}:${name}:${member}`;
}

/** state-error and service-error of meters for a client without an association; the second pair comes from a server in idle state. */
const UNASSOCIATED: readonly (readonly [state: number, service: number])[] = [
  [STATE_ERROR['service-not-allowed'], EXCEPTION_SERVICE_ERROR['operation-not-possible']],
  [STATE_ERROR['service-unknown'], EXCEPTION_SERVICE_ERROR['other-reason']],
];

/** How the request was protected: hints mention keys only where keys are used. */
export interface SentUnder {
  readonly ciphered: boolean;
  readonly dedicated: boolean;
}

/** An exception-response or confirmed-service-error in place of the answer. */
export function refusalOf(
  apdu: ExceptionResponse | ConfirmedServiceError,
  target: Target | undefined,
  under: SentUnder,
): AccessError | AssociationError {
  const [result, message, hint] =
    apdu.type === 'exception-response'
      ? exceptionText(apdu, under)
      : serviceErrorText(apdu, under, target === undefined);
  const named = apdu.type === 'exception-response' ? apdu.invocationCounter : undefined;
  if (target === undefined) {
    return new AssociationError(`the meter refused the association: ${message}`, {
      diagnostic: result,
      hint,
      ...given({ invocationCounter: named }),
    });
  }
  const text = targetText(target);
  const unassociated =
    apdu.type === 'exception-response' &&
    UNASSOCIATED.some(([state, service]) => apdu.stateError === state && apdu.serviceError === service);
  return new AccessError(result, text, `${text}: ${message}`, { hint, unassociated, invocationCounter: named });
}

type Text = readonly [result: string, message: string, hint: string];

/** Another possible cause, under a dedicated key. */
const DEDICATED_HINT = '; some servers want no dedicated key: try without it';

function exceptionText(apdu: ExceptionResponse, { ciphered, dedicated }: SentUnder): Text {
  const result = exceptionServiceErrorName(apdu.serviceError);
  const message = `exception-response ${stateErrorName(apdu.stateError)}, ${result}`;
  const more = dedicated ? DEDICATED_HINT : '';
  if (apdu.serviceError === EXCEPTION_SERVICE_ERROR['invocation-counter-error']) {
    const counter = apdu.invocationCounter;
    return counter === undefined
      ? [
          result,
          message,
          `raise the invocation counter of the client above the meter's: read it as the public client${more}`,
        ]
      : [
          result,
          `${message}; the meter names counter ${counter}`,
          `raise the invocation counter of the client to at least ${counter + 1}${more}`,
        ];
  }
  if (apdu.serviceError === EXCEPTION_SERVICE_ERROR['deciphering-error']) {
    return [
      result,
      message,
      ciphered
        ? `check encryption key, authentication key and the system title of the client${more}`
        : 'this client may have to cipher what it sends: the association in use is one in clear',
    ];
  }
  return [
    result,
    message,
    `the association may be closed, for another program may have taken this client, or this client may not use the service: associate again${more}`,
  ];
}

function serviceErrorText(apdu: ConfirmedServiceError, { ciphered, dedicated }: SentUnder, opening: boolean): Text {
  const result = serviceErrorName(apdu.category, apdu.value);
  const message = `confirmed-service-error on ${confirmedServiceName(apdu.service)}: ${serviceErrorCategoryName(apdu.category)}, ${result}`;
  const keys = ciphered ? ', and the keys' : '';
  const more = `${dedicated ? DEDICATED_HINT : ''}${opening ? OR_SHORT_NAMES : ''}`;
  return [result, message, `check what this client may do${keys}${more}`];
}

/**
 * An APDU received as an answer. Text in its place is reported as text: gateways and converters write their errors so.
 * @throws DecodeError
 */
export function decodeAnswer(payload: Uint8Array, reception: Reception): Apdu {
  try {
    return readReceived(payload, reception);
  } catch (error) {
    if (!(error instanceof DecodeError) || !isText(payload)) throw error;
    throw new DecodeError('unknown-tag', `text came where an APDU should be: ${shownOctets(payload)}`, 0, {
      hint: 'not the meter but a gateway or converter before it says so: look at its settings and at the address asked for',
      cause: error,
    });
  }
}

/** `a get-response-normal`, `an aare`; also the name of an APDU that this library does not use. */
export function article(apdu: Apdu): string {
  return withArticle(nameOf(apdu));
}

/** An APDU that is no answer to what was asked. */
export function unexpected(apdu: Apdu, asked: string): DecodeError {
  return new DecodeError('unknown-choice', `the meter answered ${asked} with ${nameOf(apdu)}`);
}

function nameOf(apdu: Apdu): string {
  return apdu.type === 'unsupported' ? apdu.name : apdu.type;
}

/** An APDU that explains why there is no association; undefined for any other. */
export function errorIn(apdu: Apdu): ConfirmedServiceError | ExceptionResponse | undefined {
  return apdu.type === 'confirmed-service-error' || apdu.type === 'exception-response' ? apdu : undefined;
}
