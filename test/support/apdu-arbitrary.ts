import fc from 'fast-check';
import type { Apdu, AuthenticationValue, CipheredApdu } from '../../src/apdu/apdu.js';
import { isCipheredTag } from '../../src/apdu/ciphered.js';
import type { DataBlock, GetBlock } from '../../src/apdu/service-apdus.js';
import type { VariableAccess } from '../../src/apdu/short-name-apdus.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import type {
  ActionResult,
  AttributeWithSelection,
  GetDataResult,
  MethodDescriptor,
} from '../../src/contracts/services.js';

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const i8 = fc.integer({ min: -128, max: 127 });
const octets = (maxLength: number) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** A value of a few of the types, nested; the codec room's own tests have them all. */
export const data: fc.Arbitrary<Data> = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constant<Data>({ type: 'null-data', value: null }),
    u8.map((value): Data => ({ type: 'unsigned', value })),
    u32.map((value): Data => ({ type: 'double-long-unsigned', value })),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Data => ({ type: 'long64', value })),
    octets(300).map((value): Data => ({ type: 'octet-string', value })),
    exactly(12).map((value): Data => ({ type: 'date-time', value })),
    fc.array(tie('data'), { maxLength: 5 }).map((value): Data => ({ type: 'structure', value })),
    fc.array(tie('data'), { maxLength: 5 }).map((value): Data => ({ type: 'array', value })),
  ),
})).data;

/** Optional fields are left out, never undefined, as decoders do. */
function record<T>(required: { [K in keyof T]: fc.Arbitrary<T[K]> }, optional: (keyof T)[] = []): fc.Arbitrary<T> {
  const requiredKeys = (Object.keys(required) as (keyof T)[]).filter((key) => !optional.includes(key));
  return fc.record(required, { requiredKeys, noNullPrototype: true } as never) as fc.Arbitrary<T>;
}

const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 6 });
const type = <T extends string>(...names: T[]) => fc.constantFrom(...names);
const attribute = record<AttributeWithSelection>(
  {
    classId: u16,
    instanceId: exactly(6),
    attributeId: i8,
    selection: record({ selector: u8, parameters: data }),
  } as never,
  ['selection'],
);
const plainAttribute = record({ classId: u16, instanceId: exactly(6), attributeId: i8 });
const method: fc.Arbitrary<MethodDescriptor> = record({ classId: u16, instanceId: exactly(6), methodId: i8 });
const dataResult: fc.Arbitrary<GetDataResult> = fc.oneof(record({ data }), record({ error: u8 }));
const block: fc.Arbitrary<DataBlock> = record({ last: fc.boolean(), number: u32, raw: octets(300) });
const getBlock: fc.Arbitrary<GetBlock> = fc.oneof(block, record({ last: fc.boolean(), number: u32, error: u8 }));
const actionResult = record<ActionResult>({ result: u8, returned: dataResult } as never, ['returned']);
const dateTime = exactly(12).map((bytes) => CosemDateTime.fromBytes(bytes));

const get = [
  record({ type: type('get-request-normal'), invokeId: u8, attribute }),
  record({ type: type('get-request-next'), invokeId: u8, blockNumber: u32 }),
  record({ type: type('get-request-with-list'), invokeId: u8, attributes: list(attribute) }),
  record({ type: type('get-response-normal'), invokeId: u8, result: dataResult }),
  record({ type: type('get-response-with-datablock'), invokeId: u8, block: getBlock }),
  record({ type: type('get-response-with-list'), invokeId: u8, results: list(dataResult) }),
];

/** Two lists of the same length, under two names. */
function paired<A, B>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>): fc.Arbitrary<[A[], B[]]> {
  return list(fc.tuple(a, b)).map((pairs) => [pairs.map(([left]) => left), pairs.map(([, right]) => right)]);
}

const set = [
  record({ type: type('set-request-normal'), invokeId: u8, attribute, value: data }),
  record({ type: type('set-request-with-first-datablock'), invokeId: u8, attribute, block }),
  record({ type: type('set-request-with-datablock'), invokeId: u8, block }),
  fc
    .tuple(u8, paired(attribute, data))
    .map(([invokeId, [attributes, values]]): Apdu => ({ type: 'set-request-with-list', invokeId, attributes, values })),
  record({
    type: type('set-request-with-list-and-first-datablock'),
    invokeId: u8,
    attributes: list(attribute),
    block,
  }),
  record({ type: type('set-response-normal'), invokeId: u8, result: u8 }),
  record({ type: type('set-response-datablock'), invokeId: u8, blockNumber: u32 }),
  record({ type: type('set-response-last-datablock'), invokeId: u8, result: u8, blockNumber: u32 }),
  record({
    type: type('set-response-last-datablock-with-list'),
    invokeId: u8,
    results: list(u8),
    blockNumber: u32,
  }),
  record({ type: type('set-response-with-list'), invokeId: u8, results: list(u8) }),
];

const action = [
  record({ type: type('action-request-normal'), invokeId: u8, method, parameter: data }, ['parameter']),
  record({ type: type('action-request-next-pblock'), invokeId: u8, blockNumber: u32 }),
  fc.tuple(u8, paired(method, data)).map(
    ([invokeId, [methods, parameters]]): Apdu => ({
      type: 'action-request-with-list',
      invokeId,
      methods,
      parameters,
    }),
  ),
  record({ type: type('action-request-with-first-pblock'), invokeId: u8, method, block }),
  record({ type: type('action-request-with-list-and-first-pblock'), invokeId: u8, methods: list(method), block }),
  record({ type: type('action-request-with-pblock'), invokeId: u8, block }),
  record({ type: type('action-response-normal'), invokeId: u8, response: actionResult }),
  record({ type: type('action-response-with-pblock'), invokeId: u8, block }),
  record({ type: type('action-response-with-list'), invokeId: u8, responses: list(actionResult) }),
  record({ type: type('action-response-next-pblock'), invokeId: u8, blockNumber: u32 }),
];

const shortBlock: fc.Arbitrary<DataBlock> = record({ last: fc.boolean(), number: u16, raw: octets(300) });
const variable: fc.Arbitrary<VariableAccess> = fc.oneof(
  record({ type: type('variable-name'), name: u16 }),
  record({ type: type('parameterized-access'), name: u16, selector: u8, parameter: data }),
  record({ type: type('block-number-access'), blockNumber: u16 }),
  record({ type: type('read-data-block-access'), block: shortBlock }),
  record({ type: type('write-data-block-access'), last: fc.boolean(), blockNumber: u16 }),
);

const shortNames = [
  record({ type: type('read-request'), variables: list(variable) }),
  record({
    type: type('read-response'),
    results: list(fc.oneof(dataResult, record({ block: shortBlock }), record({ blockNumber: u16 }))),
  }),
  fc
    .tuple(type('write-request', 'unconfirmed-write-request'), paired(variable, data))
    .map(([name, [variables, values]]): Apdu => ({ type: name, variables, values })),
  record({
    type: type('write-response'),
    results: list(fc.oneof(record({ result: u8 }), record({ blockNumber: u16 }))),
  }),
  fc.tuple(fc.option(octets(20), { nil: undefined }), paired(u16, data)).map(
    ([currentTime, [names, values]]): Apdu => ({
      type: 'information-report-request',
      ...(currentTime && { currentTime }),
      names,
      values,
    }),
  ),
];

const other = [
  record({ type: type('data-notification'), longInvokeId: u32, dateTime, body: data }, ['dateTime']),
  record({ type: type('data-notification-confirm'), longInvokeId: u32, dateTime }, ['dateTime']),
  record({ type: type('event-notification-request'), time: dateTime, attribute: plainAttribute, value: data }, [
    'time',
  ]),
  record({
    type: type('exception-response'),
    stateError: fc.integer({ min: 1, max: 2 }),
    serviceError: fc.integer({ min: 1, max: 5 }),
  }),
  record({
    type: type('exception-response'),
    stateError: fc.integer({ min: 1, max: 2 }),
    serviceError: fc.constant(6),
    invocationCounter: u32,
  }),
  record({
    type: type('confirmed-service-error'),
    service: fc.integer({ min: 1, max: 19 }),
    category: fc.integer({ min: 0, max: 10 }),
    value: u8,
  }),
  record({
    type: type('general-block-transfer'),
    last: fc.boolean(),
    streaming: fc.boolean(),
    window: fc.integer({ min: 0, max: 63 }),
    blockNumber: u16,
    blockNumberAck: u16,
    raw: octets(300),
  }),
  record(
    {
      type: type('initiate-request'),
      dedicatedKey: octets(32),
      responseAllowed: fc.boolean(),
      proposedQualityOfService: i8,
      proposedDlmsVersionNumber: u8,
      proposedConformance: fc.integer({ min: 0, max: 0xffffff }),
      clientMaxReceivePduSize: u16,
    },
    ['dedicatedKey', 'proposedQualityOfService'],
  ),
  record(
    {
      type: type('initiate-response'),
      negotiatedQualityOfService: i8,
      negotiatedDlmsVersionNumber: u8,
      negotiatedConformance: fc.integer({ min: 0, max: 0xffffff }),
      serverMaxReceivePduSize: u16,
      vaaName: u16,
    },
    ['negotiatedQualityOfService'],
  ),
];

const cipheredTags = Array.from({ length: 256 }, (_, tag) => tag).filter(isCipheredTag);
const ciphered: fc.Arbitrary<Apdu> = fc
  .record({
    tag: fc.constantFrom(...cipheredTags),
    systemTitle: octets(8),
    securityControl: u8,
    invocationCounter: u32,
    content: fc.uint8Array({ minLength: 12, maxLength: 300 }),
  })
  .map(({ systemTitle, ...rest }): CipheredApdu => {
    const general = rest.tag === 0xdb || rest.tag === 0xdc;
    return general ? { type: 'ciphered', systemTitle, ...rest } : { type: 'ciphered', ...rest };
  });

const integer32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
/** Ends with a bit that is set: zeros behind it are not sent. */
const version = fc
  .tuple(octets(3), fc.integer({ min: 1, max: 255 }))
  .map(([head, last]) => Uint8Array.of(...head, last));
const objectId = fc
  .tuple(octets(8), fc.integer({ min: 0, max: 127 }))
  .map(([head, last]) => Uint8Array.of(...head, last));
const authentication: fc.Arbitrary<AuthenticationValue> = record({
  type: fc.constantFrom('charstring', 'bitstring', 'external', 'other'),
  value: octets(64),
}) as fc.Arbitrary<AuthenticationValue>;

const acse = [
  record(
    {
      type: type('aarq'),
      protocolVersion: version,
      applicationContextName: objectId,
      calledApTitle: octets(12),
      calledAeQualifier: octets(12),
      calledApInvocationId: integer32,
      calledAeInvocationId: integer32,
      callingApTitle: octets(12),
      callingAeQualifier: octets(300),
      callingApInvocationId: integer32,
      callingAeInvocationId: integer32,
      senderAcseRequirements: fc.boolean(),
      mechanismName: objectId,
      callingAuthenticationValue: authentication,
      implementationInformation: octets(20),
      userInformation: octets(300),
    },
    [
      'protocolVersion',
      'calledApTitle',
      'calledAeQualifier',
      'calledApInvocationId',
      'calledAeInvocationId',
      'callingApTitle',
      'callingAeQualifier',
      'callingApInvocationId',
      'callingAeInvocationId',
      'senderAcseRequirements',
      'mechanismName',
      'callingAuthenticationValue',
      'implementationInformation',
      'userInformation',
    ],
  ),
  record(
    {
      type: type('aare'),
      protocolVersion: version,
      applicationContextName: objectId,
      result: integer32,
      resultSourceDiagnostic: record({
        source: fc.constantFrom('acse-service-user', 'acse-service-provider'),
        diagnostic: integer32,
      }),
      respondingApTitle: octets(12),
      respondingAeQualifier: octets(300),
      respondingApInvocationId: integer32,
      respondingAeInvocationId: integer32,
      responderAcseRequirements: fc.boolean(),
      mechanismName: objectId,
      respondingAuthenticationValue: authentication,
      implementationInformation: octets(20),
      userInformation: octets(300),
    },
    [
      'protocolVersion',
      'respondingApTitle',
      'respondingAeQualifier',
      'respondingApInvocationId',
      'respondingAeInvocationId',
      'responderAcseRequirements',
      'mechanismName',
      'respondingAuthenticationValue',
      'implementationInformation',
      'userInformation',
    ],
  ),
  record({ type: type('rlrq'), reason: integer32, userInformation: octets(300) }, ['reason', 'userInformation']),
  record({ type: type('rlre'), reason: integer32, userInformation: octets(300) }, ['reason', 'userInformation']),
];

const accessed = fc.oneof(
  record({ service: fc.constantFrom('get' as const, 'set' as const), attribute }),
  record({ service: type('action'), method }),
);
const access = [
  fc.array(record({ specification: accessed, data }), { maxLength: 5 }).chain((items) =>
    record(
      {
        type: type('access-request'),
        longInvokeId: u32,
        dateTime,
        specifications: fc.constant(items.map(({ specification }) => specification)),
        data: fc.constantFrom(
          items.map((item) => item.data),
          [],
        ),
      },
      ['dateTime'],
    ),
  ),
  record(
    {
      type: type('access-response'),
      longInvokeId: u32,
      dateTime,
      specifications: fc.array(accessed, { maxLength: 4 }),
      data: fc.array(data, { maxLength: 4 }),
      results: fc.array(
        record({ service: fc.constantFrom('get' as const, 'set' as const, 'action' as const), result: u8 }),
        {
          maxLength: 4,
        },
      ),
    },
    ['dateTime', 'specifications'],
  ),
];

/** Any APDU that can be sent. */
export const anyApdu: fc.Arbitrary<Apdu> = fc.oneof(
  ...([
    ...get,
    ...set,
    ...action,
    ...access,
    ...shortNames,
    ...other,
    ...acse,
    ciphered,
  ] as unknown as fc.Arbitrary<Apdu>[]),
);
