/**
 * Names of the enumerations of IEC 62056-5-3, by number. A number that the standard does not name stays a number in the APDU and is
 * `unknown (n)` here, because some meters send such numbers.
 */

type Numbers = Readonly<Record<string, number>>;
type Names = ReadonlyMap<number, string>;

function namesOf(numbers: Numbers): Names {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}

function nameIn(names: Names | undefined, value: number): string {
  return names?.get(value) ?? `unknown (${value})`;
}

function numberIn(numbers: Numbers, name: string): number | undefined {
  return Object.hasOwn(numbers, name) ? numbers[name] : undefined;
}

/** What Data-Access-Result and Action-Result have in common. */
const RESULT = {
  success: 0,
  'hardware-fault': 1,
  'temporary-failure': 2,
  'read-write-denied': 3,
  'object-undefined': 4,
  'object-class-inconsistent': 9,
  'object-unavailable': 11,
  'type-unmatched': 12,
  'scope-of-access-violated': 13,
  'data-block-unavailable': 14,
} as const;

/** Data-Access-Result, of GET and SET, by name. */
export const DATA_ACCESS_RESULT = {
  ...RESULT,
  'long-get-aborted': 15,
  'no-long-get-in-progress': 16,
  'long-set-aborted': 17,
  'no-long-set-in-progress': 18,
  'data-block-number-invalid': 19,
  'other-reason': 250,
} as const;

/** Action-Result by name. */
export const ACTION_RESULT = {
  ...RESULT,
  'long-action-aborted': 15,
  'no-long-action-in-progress': 16,
  'other-reason': 250,
} as const;

/** The AARE's result by name. */
export const ASSOCIATION_RESULT = { accepted: 0, 'rejected-permanent': 1, 'rejected-transient': 2 } as const;

/** Diagnostics of the acse-service-user in an AARE by name. */
export const SERVICE_USER_DIAGNOSTIC = {
  null: 0,
  'no-reason-given': 1,
  'application-context-name-not-supported': 2,
  'calling-AP-title-not-recognized': 3,
  'calling-AP-invocation-identifier-not-recognized': 4,
  'calling-AE-qualifier-not-recognized': 5,
  'calling-AE-invocation-identifier-not-recognized': 6,
  'called-AP-title-not-recognized': 7,
  'called-AP-invocation-identifier-not-recognized': 8,
  'called-AE-qualifier-not-recognized': 9,
  'called-AE-invocation-identifier-not-recognized': 10,
  'authentication-mechanism-name-not-recognised': 11,
  'authentication-mechanism-name-required': 12,
  'authentication-failure': 13,
  'authentication-required': 14,
} as const;

/** The same of the acse-service-provider. */
export const SERVICE_PROVIDER_DIAGNOSTIC = { null: 0, 'no-reason-given': 1, 'no-common-acse-version': 2 } as const;

const RELEASE_REQUEST_REASON = { normal: 0, urgent: 1, 'user-defined': 30 } as const;
const RELEASE_RESPONSE_REASON = { normal: 0, 'not-finished': 1, 'user-defined': 30 } as const;

/** state-error of an exception-response by name. */
export const STATE_ERROR = { 'service-not-allowed': 1, 'service-unknown': 2 } as const;

/** service-error of an exception-response by name. */
export const EXCEPTION_SERVICE_ERROR = {
  'operation-not-possible': 1,
  'service-not-supported': 2,
  'other-reason': 3,
  'pdu-too-long': 4,
  'deciphering-error': 5,
  'invocation-counter-error': 6,
} as const;

/** The service that a confirmed-service-error answers, by name. */
export const CONFIRMED_SERVICE = {
  initiateError: 1,
  getStatus: 2,
  getNameList: 3,
  getVariableAttribute: 4,
  read: 5,
  write: 6,
  getDataSetAttribute: 7,
  getTIAttribute: 8,
  changeScope: 9,
  start: 10,
  stop: 11,
  resume: 12,
  makeUsable: 13,
  initiateLoad: 14,
  loadSegment: 15,
  terminateLoad: 16,
  initiateUpLoad: 17,
  upLoadSegment: 18,
  terminateUpLoad: 19,
} as const;

const SERVICE_ERROR = {
  'application-reference': {
    category: 0,
    values: {
      other: 0,
      'time-elapsed': 1,
      'application-unreachable': 2,
      'application-reference-invalid': 3,
      'application-context-unsupported': 4,
      'provider-communication-error': 5,
      'deciphering-error': 6,
    },
  },
  'hardware-resource': {
    category: 1,
    values: {
      other: 0,
      'memory-unavailable': 1,
      'processor-resource-unavailable': 2,
      'mass-storage-unavailable': 3,
      'other-resource-unavailable': 4,
    },
  },
  'vde-state-error': {
    category: 2,
    values: { other: 0, 'no-dlms-context': 1, 'loading-data-set': 2, 'status-nochange': 3, 'status-inoperable': 4 },
  },
  service: { category: 3, values: { other: 0, 'pdu-size': 1, 'service-unsupported': 2 } },
  definition: {
    category: 4,
    values: {
      other: 0,
      'object-undefined': 1,
      'object-class-inconsistent': 2,
      'object-attribute-inconsistent': 3,
    },
  },
  access: {
    category: 5,
    values: {
      other: 0,
      'scope-of-access-violated': 1,
      'object-access-violated': 2,
      'hardware-fault': 3,
      'object-unavailable': 4,
    },
  },
  initiate: {
    category: 6,
    values: {
      other: 0,
      'dlms-version-too-low': 1,
      'incompatible-conformance': 2,
      'pdu-size-too-short': 3,
      'refused-by-the-VDE-Handler': 4,
    },
  },
  'load-data-set': {
    category: 7,
    values: {
      other: 0,
      'primitive-out-of-sequence': 1,
      'not-loadable': 2,
      'dataset-size-too-large': 3,
      'not-awaited-segment': 4,
      'interpretation-failure': 5,
      'storage-failure': 6,
      'data-set-not-ready': 7,
    },
  },
  'change-scope': { category: 8, values: {} },
  task: {
    category: 9,
    values: { other: 0, 'no-remote-control': 1, 'ti-stopped': 2, 'ti-running': 3, 'ti-unusable': 4 },
  },
  other: { category: 10, values: { other: 0 } },
} as const;

const NAMES = {
  access: namesOf(DATA_ACCESS_RESULT),
  action: namesOf(ACTION_RESULT),
  association: namesOf(ASSOCIATION_RESULT),
  'acse-service-user': namesOf(SERVICE_USER_DIAGNOSTIC),
  'acse-service-provider': namesOf(SERVICE_PROVIDER_DIAGNOSTIC),
  releaseRequest: namesOf(RELEASE_REQUEST_REASON),
  releaseResponse: namesOf(RELEASE_RESPONSE_REASON),
  state: namesOf(STATE_ERROR),
  exception: namesOf(EXCEPTION_SERVICE_ERROR),
  service: namesOf(CONFIRMED_SERVICE),
} as const;

const SERVICE_ERRORS: ReadonlyMap<number, { readonly name: string; readonly values: Names }> = new Map(
  Object.entries(SERVICE_ERROR).map(([name, { category, values }]) => [category, { name, values: namesOf(values) }]),
);

/** The ServiceError of a confirmed-service-error: category and value. */
export type ServiceError = readonly [category: number, value: number];

/** A ServiceError by its names. */
export function serviceErrorOf<C extends keyof typeof SERVICE_ERROR>(
  category: C,
  value: keyof (typeof SERVICE_ERROR)[C]['values'] & string,
): ServiceError {
  const { category: number, values }: { readonly category: number; readonly values: Numbers } = SERVICE_ERROR[category];
  return [number, values[value] as number];
}

/** Name of a Data-Access-Result: GET and SET. */
export function dataAccessResultName(value: number): string {
  return nameIn(NAMES.access, value);
}

/** Number of a Data-Access-Result, or undefined when the standard has no such name. */
export function dataAccessResultNumber(name: string): number | undefined {
  return numberIn(DATA_ACCESS_RESULT, name);
}

/** Name of an Action-Result. */
export function actionResultName(value: number): string {
  return nameIn(NAMES.action, value);
}

/** Number of an Action-Result, or undefined when the standard has no such name. */
export function actionResultNumber(name: string): number | undefined {
  return numberIn(ACTION_RESULT, name);
}

/** Name of the AARE's association-result. */
export function associationResultName(value: number): string {
  return nameIn(NAMES.association, value);
}

/** Name of the AARE's result-source-diagnostic. */
export function associationDiagnosticName(
  source: 'acse-service-user' | 'acse-service-provider',
  diagnostic: number,
): string {
  return nameIn(NAMES[source], diagnostic);
}

/** Name of the RLRQ's reason. */
export function releaseRequestReasonName(value: number): string {
  return nameIn(NAMES.releaseRequest, value);
}

/** Name of the RLRE's reason. */
export function releaseResponseReasonName(value: number): string {
  return nameIn(NAMES.releaseResponse, value);
}

/** Name of an exception-response's state-error. */
export function stateErrorName(value: number): string {
  return nameIn(NAMES.state, value);
}

/** Name of an exception-response's service-error. */
export function exceptionServiceErrorName(value: number): string {
  return nameIn(NAMES.exception, value);
}

/** Name of the service that a confirmed-service-error answers. */
export function confirmedServiceName(value: number): string {
  return nameIn(NAMES.service, value);
}

/** Name of the category (the CHOICE) of a confirmed-service-error. */
export function serviceErrorCategoryName(category: number): string {
  return SERVICE_ERRORS.get(category)?.name ?? `unknown (${category})`;
}

/** Name of a confirmed-service-error's value within its category. */
export function serviceErrorName(category: number, value: number): string {
  return nameIn(SERVICE_ERRORS.get(category)?.values, value);
}
