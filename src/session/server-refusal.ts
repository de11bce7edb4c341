/** Why a server refuses an association: result and diagnostic of the AARE, and the ConfirmedServiceError in it (IEC 62056-5-3 clause 7.2). */

import {
  ASSOCIATION_RESULT,
  SERVICE_PROVIDER_DIAGNOSTIC,
  SERVICE_USER_DIAGNOSTIC,
  type ServiceError,
  serviceErrorOf,
} from '../apdu/results.js';
import { isCiphered } from './contexts.js';
import type { ServerSessionConfig } from './server-config.js';

/** The ConfirmedServiceError that goes with a refusal. */
export const ERROR = {
  application: serviceErrorOf('application-reference', 'other'),
  applicationContext: serviceErrorOf('application-reference', 'application-context-unsupported'),
  deciphering: serviceErrorOf('application-reference', 'deciphering-error'),
  service: serviceErrorOf('service', 'other'),
  scope: serviceErrorOf('access', 'scope-of-access-violated'),
  initiate: serviceErrorOf('initiate', 'other'),
  version: serviceErrorOf('initiate', 'dlms-version-too-low'),
  conformance: serviceErrorOf('initiate', 'incompatible-conformance'),
  pduSize: serviceErrorOf('initiate', 'pdu-size-too-short'),
  refused: serviceErrorOf('initiate', 'refused-by-the-VDE-Handler'),
} as const satisfies Readonly<Record<string, ServiceError>>;

/** Why an AARQ is refused. */
export interface AarqRefusal {
  readonly refused: true;
  readonly result: number;
  readonly source: 'acse-service-user' | 'acse-service-provider';
  readonly diagnostic: number;
  readonly error: ServiceError;
  /** Whether the error can go back ciphered: the context was agreed upon. */
  readonly ciphered: boolean;
}

/** For good, as the user of the service says. */
export function refuse(
  diagnostic: keyof typeof SERVICE_USER_DIAGNOSTIC,
  error: ServiceError,
  ciphered = false,
): AarqRefusal {
  return {
    refused: true,
    result: ASSOCIATION_RESULT['rejected-permanent'],
    source: 'acse-service-user',
    diagnostic: SERVICE_USER_DIAGNOSTIC[diagnostic],
    error,
    ciphered,
  };
}

/** For now: the client may come again. */
export function notNow(error: ServiceError, ciphered: boolean): AarqRefusal {
  return { ...refuse('no-reason-given', error, ciphered), result: ASSOCIATION_RESULT['rejected-transient'] };
}

/** Of an AARQ in no version of ACSE that is known here. */
export function otherVersion(): AarqRefusal {
  return {
    ...refuse('no-reason-given', ERROR.application),
    source: 'acse-service-provider',
    diagnostic: SERVICE_PROVIDER_DIAGNOSTIC['no-common-acse-version'],
  };
}

/** The refusal of an AARQ whose InitiateRequest makes no sense. */
export function initiateRefusal({ association }: ServerSessionConfig): AarqRefusal {
  return refuse('no-reason-given', ERROR.initiate, isCiphered(association.context));
}

/** The refusal of a client that proved itself while another one holds its association: it may come again. */
export function heldRefusal({ association }: ServerSessionConfig): AarqRefusal {
  return notNow(ERROR.refused, isCiphered(association.context));
}
