/**
 * Names of the enumerations of IEC 62056-5-3, by number. A number that the standard does not name is kept as a number in the
 * APDU and reads `unknown (n)` here: meters do send some.
 */

type Names = Readonly<Record<number, string>>;

function nameIn(names: Names, value: number): string {
  return names[value] ?? `unknown (${value})`;
}

function numberIn(names: Names, name: string): number | undefined {
  for (const [value, candidate] of Object.entries(names)) if (candidate === name) return Number(value);
  return undefined;
}

const DATA_ACCESS_RESULT: Names = {
  0: 'success',
  1: 'hardware-fault',
  2: 'temporary-failure',
  3: 'read-write-denied',
  4: 'object-undefined',
  9: 'object-class-inconsistent',
  11: 'object-unavailable',
  12: 'type-unmatched',
  13: 'scope-of-access-violated',
  14: 'data-block-unavailable',
  15: 'long-get-aborted',
  16: 'no-long-get-in-progress',
  17: 'long-set-aborted',
  18: 'no-long-set-in-progress',
  19: 'data-block-number-invalid',
  250: 'other-reason',
};

const ACTION_RESULT: Names = {
  0: 'success',
  1: 'hardware-fault',
  2: 'temporary-failure',
  3: 'read-write-denied',
  4: 'object-undefined',
  9: 'object-class-inconsistent',
  11: 'object-unavailable',
  12: 'type-unmatched',
  13: 'scope-of-access-violated',
  14: 'data-block-unavailable',
  15: 'long-action-aborted',
  16: 'no-long-action-in-progress',
  250: 'other-reason',
};

const ASSOCIATION_RESULT: Names = { 0: 'accepted', 1: 'rejected-permanent', 2: 'rejected-transient' };

const SERVICE_USER_DIAGNOSTIC: Names = {
  0: 'null',
  1: 'no-reason-given',
  2: 'application-context-name-not-supported',
  3: 'calling-AP-title-not-recognized',
  4: 'calling-AP-invocation-identifier-not-recognized',
  5: 'calling-AE-qualifier-not-recognized',
  6: 'calling-AE-invocation-identifier-not-recognized',
  7: 'called-AP-title-not-recognized',
  8: 'called-AP-invocation-identifier-not-recognized',
  9: 'called-AE-qualifier-not-recognized',
  10: 'called-AE-invocation-identifier-not-recognized',
  11: 'authentication-mechanism-name-not-recognised',
  12: 'authentication-mechanism-name-required',
  13: 'authentication-failure',
  14: 'authentication-required',
};

const SERVICE_PROVIDER_DIAGNOSTIC: Names = { 0: 'null', 1: 'no-reason-given', 2: 'no-common-acse-version' };

const RELEASE_REQUEST_REASON: Names = { 0: 'normal', 1: 'urgent', 30: 'user-defined' };
const RELEASE_RESPONSE_REASON: Names = { 0: 'normal', 1: 'not-finished', 30: 'user-defined' };

const STATE_ERROR: Names = { 1: 'service-not-allowed', 2: 'service-unknown' };

const EXCEPTION_SERVICE_ERROR: Names = {
  1: 'operation-not-possible',
  2: 'service-not-supported',
  3: 'other-reason',
  4: 'pdu-too-long',
  5: 'deciphering-error',
  6: 'invocation-counter-error',
};

const CONFIRMED_SERVICE: Names = {
  1: 'initiateError',
  2: 'getStatus',
  3: 'getNameList',
  4: 'getVariableAttribute',
  5: 'read',
  6: 'write',
  7: 'getDataSetAttribute',
  8: 'getTIAttribute',
  9: 'changeScope',
  10: 'start',
  11: 'stop',
  12: 'resume',
  13: 'makeUsable',
  14: 'initiateLoad',
  15: 'loadSegment',
  16: 'terminateLoad',
  17: 'initiateUpLoad',
  18: 'upLoadSegment',
  19: 'terminateUpLoad',
};

interface ServiceErrorCategory {
  readonly name: string;
  readonly values: Names;
}

const SERVICE_ERROR: Readonly<Record<number, ServiceErrorCategory>> = {
  0: {
    name: 'application-reference',
    values: {
      0: 'other',
      1: 'time-elapsed',
      2: 'application-unreachable',
      3: 'application-reference-invalid',
      4: 'application-context-unsupported',
      5: 'provider-communication-error',
      6: 'deciphering-error',
    },
  },
  1: {
    name: 'hardware-resource',
    values: {
      0: 'other',
      1: 'memory-unavailable',
      2: 'processor-resource-unavailable',
      3: 'mass-storage-unavailable',
      4: 'other-resource-unavailable',
    },
  },
  2: {
    name: 'vde-state-error',
    values: { 0: 'other', 1: 'no-dlms-context', 2: 'loading-data-set', 3: 'status-nochange', 4: 'status-inoperable' },
  },
  3: { name: 'service', values: { 0: 'other', 1: 'pdu-size', 2: 'service-unsupported' } },
  4: {
    name: 'definition',
    values: {
      0: 'other',
      1: 'object-undefined',
      2: 'object-class-inconsistent',
      3: 'object-attribute-inconsistent',
    },
  },
  5: {
    name: 'access',
    values: {
      0: 'other',
      1: 'scope-of-access-violated',
      2: 'object-access-violated',
      3: 'hardware-fault',
      4: 'object-unavailable',
    },
  },
  6: {
    name: 'initiate',
    values: {
      0: 'other',
      1: 'dlms-version-too-low',
      2: 'incompatible-conformance',
      3: 'pdu-size-too-short',
      4: 'refused-by-the-VDE-Handler',
    },
  },
  7: {
    name: 'load-data-set',
    values: {
      0: 'other',
      1: 'primitive-out-of-sequence',
      2: 'not-loadable',
      3: 'dataset-size-too-large',
      4: 'not-awaited-segment',
      5: 'interpretation-failure',
      6: 'storage-failure',
      7: 'data-set-not-ready',
    },
  },
  8: { name: 'change-scope', values: {} },
  9: {
    name: 'task',
    values: { 0: 'other', 1: 'no-remote-control', 2: 'ti-stopped', 3: 'ti-running', 4: 'ti-unusable' },
  },
  10: { name: 'other', values: { 0: 'other' } },
};

/** Name of a Data-Access-Result: GET and SET. */
export function dataAccessResultName(value: number): string {
  return nameIn(DATA_ACCESS_RESULT, value);
}

/** Number of a Data-Access-Result, or undefined when the standard has no such name. */
export function dataAccessResultNumber(name: string): number | undefined {
  return numberIn(DATA_ACCESS_RESULT, name);
}

/** Name of an Action-Result. */
export function actionResultName(value: number): string {
  return nameIn(ACTION_RESULT, value);
}

/** Number of an Action-Result, or undefined when the standard has no such name. */
export function actionResultNumber(name: string): number | undefined {
  return numberIn(ACTION_RESULT, name);
}

/** Name of the AARE's association-result. */
export function associationResultName(value: number): string {
  return nameIn(ASSOCIATION_RESULT, value);
}

/** Name of the AARE's result-source-diagnostic. */
export function associationDiagnosticName(
  source: 'acse-service-user' | 'acse-service-provider',
  diagnostic: number,
): string {
  return nameIn(source === 'acse-service-user' ? SERVICE_USER_DIAGNOSTIC : SERVICE_PROVIDER_DIAGNOSTIC, diagnostic);
}

/** Name of the RLRQ's reason. */
export function releaseRequestReasonName(value: number): string {
  return nameIn(RELEASE_REQUEST_REASON, value);
}

/** Name of the RLRE's reason. */
export function releaseResponseReasonName(value: number): string {
  return nameIn(RELEASE_RESPONSE_REASON, value);
}

/** Name of an exception-response's state-error. */
export function stateErrorName(value: number): string {
  return nameIn(STATE_ERROR, value);
}

/** Name of an exception-response's service-error. */
export function exceptionServiceErrorName(value: number): string {
  return nameIn(EXCEPTION_SERVICE_ERROR, value);
}

/** Name of the service that a confirmed-service-error answers. */
export function confirmedServiceName(value: number): string {
  return nameIn(CONFIRMED_SERVICE, value);
}

/** Name of the category (the CHOICE) of a confirmed-service-error. */
export function serviceErrorCategoryName(category: number): string {
  return SERVICE_ERROR[category]?.name ?? `unknown (${category})`;
}

/** Name of a confirmed-service-error's value within its category. */
export function serviceErrorName(category: number, value: number): string {
  return nameIn(SERVICE_ERROR[category]?.values ?? {}, value);
}
