import { contextName, mechanismName } from '../../src/apdu/acse-names.js';
import type { Aare, Aarq, Apdu, CipheredApdu, GeneralHeader, KeyInfo } from '../../src/apdu/apdu.js';
import { decodeApdu } from '../../src/apdu/codec.js';
import { conformanceNames } from '../../src/apdu/conformance.js';
import {
  actionResultName,
  associationDiagnosticName,
  associationResultName,
  confirmedServiceName,
  dataAccessResultName,
  exceptionServiceErrorName,
  releaseRequestReasonName,
  releaseResponseReasonName,
  serviceErrorCategoryName,
  serviceErrorName,
  stateErrorName,
} from '../../src/apdu/results.js';
import type { AccessSpecification, DataBlock, GetBlock } from '../../src/apdu/service-apdus.js';
import type { ReadResult, VariableAccess, WriteRequest } from '../../src/apdu/short-name-apdus.js';
import { apduTagName } from '../../src/apdu/tags.js';
import { toHex } from '../../src/base/bytes.js';
import { oidToText } from '../../src/codec/ber.js';
import type {
  ActionResult,
  AttributeDescriptor,
  AttributeWithSelection,
  GetDataResult,
  MethodDescriptor,
} from '../../src/contracts/services.js';
import { dataToVector, type Json } from './vectors.js';

/** An APDU in the nested convention of the vectors. */
export function apduToVector(apdu: Apdu): Json {
  switch (apdu.type) {
    case 'aarq':
      return { aarq: acseFields(apdu) };
    case 'aare':
      return { aare: acseFields(apdu) };
    case 'rlrq':
    case 'rlre': {
      const name = apdu.type === 'rlrq' ? releaseRequestReasonName : releaseResponseReasonName;
      return {
        [apdu.type]: without({
          reason: apdu.reason === undefined ? undefined : name(apdu.reason),
          'user-information': userInformation(apdu.userInformation),
        }),
      };
    }
    case 'initiate-request':
      return {
        initiateRequest: {
          'dedicated-key': apdu.dedicatedKey === undefined ? null : toHex(apdu.dedicatedKey),
          'response-allowed': apdu.responseAllowed,
          'proposed-quality-of-service': apdu.proposedQualityOfService ?? null,
          'proposed-dlms-version-number': apdu.proposedDlmsVersionNumber,
          'proposed-conformance': conformance(apdu.proposedConformance),
          'client-max-receive-pdu-size': apdu.clientMaxReceivePduSize,
        },
      };
    case 'initiate-response':
      return {
        initiateResponse: {
          'negotiated-quality-of-service': apdu.negotiatedQualityOfService ?? null,
          'negotiated-dlms-version-number': apdu.negotiatedDlmsVersionNumber,
          'negotiated-conformance': conformance(apdu.negotiatedConformance),
          'server-max-receive-pdu-size': apdu.serverMaxReceivePduSize,
          'vaa-name': hexNumber(apdu.vaaName, 4),
        },
      };
    case 'confirmed-service-error': {
      const category = serviceErrorCategoryName(apdu.category);
      return {
        confirmedServiceError: {
          service: confirmedServiceName(apdu.service),
          'service-error': { [category]: serviceErrorName(apdu.category, apdu.value) },
        },
      };
    }
    case 'exception-response': {
      const name = exceptionServiceErrorName(apdu.serviceError);
      const serviceError = apdu.invocationCounter === undefined ? name : { [name]: apdu.invocationCounter };
      return {
        'exception-response': { 'state-error': stateErrorName(apdu.stateError), 'service-error': serviceError },
      };
    }
    case 'data-notification':
      return {
        'data-notification': {
          'long-invoke-id-and-priority': longInvokeId(apdu.longInvokeId),
          'date-time': apdu.dateTime === undefined ? null : toHex(apdu.dateTime.toBytes()),
          'notification-body': dataToVector(apdu.body),
        },
      };
    case 'data-notification-confirm':
      return {
        'data-notification-confirm': {
          'long-invoke-id-and-priority': longInvokeId(apdu.longInvokeId),
          'date-time': apdu.dateTime === undefined ? null : toHex(apdu.dateTime.toBytes()),
        },
      };
    case 'event-notification-request':
      return {
        'event-notification-request': {
          time: apdu.time === undefined ? null : toHex(apdu.time.toBytes()),
          'cosem-attribute-descriptor': attribute(apdu.attribute),
          'attribute-value': dataToVector(apdu.value),
        },
      };
    case 'read-request':
      return { readRequest: apdu.variables.map(variable) };
    case 'read-response':
      return { readResponse: apdu.results.map(readResult) };
    case 'write-request':
      return { writeRequest: written(apdu) };
    case 'unconfirmed-write-request':
      return { unconfirmedWriteRequest: written(apdu) };
    case 'write-response':
      return {
        writeResponse: apdu.results.map((one) => {
          if ('blockNumber' in one) return { 'block-number': one.blockNumber };
          return one.result === 0 ? { success: null } : { 'data-access-error': dataAccessResultName(one.result) };
        }),
      };
    case 'information-report-request':
      return {
        informationReportRequest: {
          'current-time': apdu.currentTime === undefined ? null : toHex(apdu.currentTime),
          'variable-access-specification': apdu.names.map((name) => ({ 'variable-name': name })),
          'list-of-data': apdu.values.map(dataToVector),
        },
      };
    case 'access-request':
      return {
        'access-request': {
          'long-invoke-id-and-priority': longInvokeId(apdu.longInvokeId),
          'date-time': apdu.dateTime === undefined ? null : toHex(apdu.dateTime.toBytes()),
          'access-request-specification': apdu.specifications.map(specification),
          'access-request-list-of-data': apdu.data.map(dataToVector),
        },
      };
    case 'access-response':
      return {
        'access-response': {
          'long-invoke-id-and-priority': longInvokeId(apdu.longInvokeId),
          'date-time': apdu.dateTime === undefined ? null : toHex(apdu.dateTime.toBytes()),
          'access-request-specification': apdu.specifications?.map(specification) ?? null,
          'access-response-list-of-data': apdu.data.map(dataToVector),
          'access-response-specification': apdu.results.map(({ service: name, result }) => ({
            [`access-response-${name}`]: {
              result: name === 'action' ? actionResultName(result) : dataAccessResultName(result),
            },
          })),
        },
      };
    case 'ciphered':
      return ciphered(apdu);
    case 'general-ciphering':
      return {
        'general-ciphering': {
          ...generalHeader(apdu),
          'key-info': keyInfo(apdu.keyInfo),
          'ciphered-content': cipheredContent(apdu),
        },
      };
    case 'general-signing':
      return {
        'general-signing': { ...generalHeader(apdu), content: toHex(apdu.content), signature: toHex(apdu.signature) },
      };
    case 'general-block-transfer':
      return {
        'general-block-transfer': {
          'block-number': apdu.blockNumber,
          'block-number-ack': apdu.blockNumberAck,
          'block-data': toHex(apdu.raw),
        },
      };
    case 'gateway-request':
    case 'gateway-response':
      return {
        [apdu.type]: {
          'network-id': apdu.networkId,
          'physical-device-address': toHex(apdu.physicalDeviceAddress),
          apdu: apduToVector(decodeApdu(apdu.apdu)),
        },
      };
    case 'unsupported':
      return { [apdu.name]: 'not supported yet' };
    default:
      return service(apdu);
  }
}

type Service = Extract<Apdu, { readonly invokeId: number }>;

/** GET, SET and ACTION: two levels of CHOICE, the inner one beginning with the invoke id. */
function service(apdu: Service): Json {
  const outer = /^(get|set|action)-(request|response)/.exec(apdu.type)?.[0] as string;
  return { [outer]: { [apdu.type]: { 'invoke-id-and-priority': invokeId(apdu.invokeId), ...serviceFields(apdu) } } };
}

function serviceFields(apdu: Service): Record<string, Json> {
  switch (apdu.type) {
    case 'get-request-normal':
      return withSelection(apdu.attribute);
    case 'get-request-next':
    case 'set-response-datablock':
    case 'action-request-next-pblock':
    case 'action-response-next-pblock':
      return { 'block-number': apdu.blockNumber };
    case 'get-request-with-list':
      return { 'attribute-descriptor-list': apdu.attributes.map(withSelection) };
    case 'get-response-normal':
      return { result: dataResult(apdu.result) };
    case 'get-response-with-datablock':
      return { result: getBlock(apdu.block) };
    case 'get-response-with-list':
      return { result: apdu.results.map(dataResult) };
    case 'set-request-normal':
      return { ...withSelection(apdu.attribute), value: dataToVector(apdu.value) };
    case 'set-request-with-first-datablock':
      return { ...withSelection(apdu.attribute), datablock: block(apdu.block) };
    case 'set-request-with-datablock':
      return { datablock: block(apdu.block) };
    case 'set-request-with-list':
      return {
        'attribute-descriptor-list': apdu.attributes.map(withSelection),
        'value-list': apdu.values.map(dataToVector),
      };
    case 'set-request-with-list-and-first-datablock':
      return { 'attribute-descriptor-list': apdu.attributes.map(withSelection), datablock: block(apdu.block) };
    case 'set-response-normal':
      return { result: dataAccessResultName(apdu.result) };
    case 'set-response-last-datablock':
      return { result: dataAccessResultName(apdu.result), 'block-number': apdu.blockNumber };
    case 'set-response-last-datablock-with-list':
      return { result: apdu.results.map(dataAccessResultName), 'block-number': apdu.blockNumber };
    case 'set-response-with-list':
      return { result: apdu.results.map(dataAccessResultName) };
    case 'action-request-normal':
      return {
        'cosem-method-descriptor': method(apdu.method),
        'method-invocation-parameters': apdu.parameter === undefined ? null : dataToVector(apdu.parameter),
      };
    case 'action-request-with-list':
      return {
        'cosem-method-descriptor-list': apdu.methods.map(method),
        'method-invocation-parameters': apdu.parameters.map(dataToVector),
      };
    case 'action-request-with-first-pblock':
      return { 'cosem-method-descriptor': method(apdu.method), pblock: block(apdu.block) };
    case 'action-request-with-list-and-first-pblock':
      return { 'cosem-method-descriptor-list': apdu.methods.map(method), pblock: block(apdu.block) };
    case 'action-request-with-pblock':
    case 'action-response-with-pblock':
      return { pblock: block(apdu.block) };
    case 'action-response-normal':
      return { 'single-response': actionResult(apdu.response) };
    case 'action-response-with-list':
      return { 'list-of-responses': apdu.responses.map(actionResult) };
  }
}

function invokeId(octet: number): Json {
  return {
    raw: hexNumber(octet, 2),
    'invoke-id': octet & 0x0f,
    'service-class': octet & 0x40 ? 'confirmed' : 'unconfirmed',
    priority: octet & 0x80 ? 'high' : 'normal',
  };
}

function longInvokeId(word: number): Json {
  return {
    raw: hexNumber(word, 8),
    'long-invoke-id': word & 0xffffff,
    'self-descriptive': (word & 0x10000000) !== 0,
    'processing-option': word & 0x20000000 ? 'break-on-error' : 'continue-on-error',
    'service-class': word & 0x40000000 ? 'confirmed' : 'unconfirmed',
    priority: word & 0x80000000 ? 'high' : 'normal',
  };
}

function attribute(descriptor: AttributeDescriptor): Json {
  return {
    'class-id': descriptor.classId,
    'instance-id': instanceId(descriptor.instanceId),
    'attribute-id': descriptor.attributeId,
  };
}

function withSelection(item: AttributeWithSelection): Record<string, Json> {
  const { selection } = item;
  return {
    'cosem-attribute-descriptor': attribute(item),
    'access-selection':
      selection === undefined
        ? null
        : { 'access-selector': selection.selector, 'access-parameters': dataToVector(selection.parameters) },
  };
}

function specification(one: AccessSpecification): Json {
  if (one.service === 'action') return { 'access-request-action': { 'cosem-method-descriptor': method(one.method) } };
  const { selection } = one.attribute;
  return selection === undefined
    ? { [`access-request-${one.service}`]: { 'cosem-attribute-descriptor': attribute(one.attribute) } }
    : { [`access-request-${one.service}-with-selection`]: withSelection(one.attribute) };
}

function method(descriptor: MethodDescriptor): Json {
  return {
    'class-id': descriptor.classId,
    'instance-id': instanceId(descriptor.instanceId),
    'method-id': descriptor.methodId,
  };
}

/** A-B:C.D.E.F */
function instanceId(octets: Uint8Array): string {
  const [a, b, ...rest] = octets;
  return `${a}-${b}:${rest.join('.')}`;
}

function dataResult(result: GetDataResult): Json {
  return 'data' in result
    ? { data: dataToVector(result.data) }
    : { 'data-access-result': dataAccessResultName(result.error) };
}

function variable(one: VariableAccess): Json {
  switch (one.type) {
    case 'variable-name':
      return { 'variable-name': one.name };
    case 'parameterized-access':
      return {
        [one.type]: { 'variable-name': one.name, selector: one.selector, parameter: dataToVector(one.parameter) },
      };
    case 'block-number-access':
      return { [one.type]: { 'block-number': one.blockNumber } };
    case 'read-data-block-access':
      return { [one.type]: block(one.block) };
    case 'write-data-block-access':
      return { [one.type]: { 'last-block': one.last, 'block-number': one.blockNumber } };
  }
}

function readResult(result: ReadResult): Json {
  if ('block' in result) return { 'data-block-result': block(result.block) };
  if ('blockNumber' in result) return { 'block-number': result.blockNumber };
  return 'data' in result
    ? { data: dataToVector(result.data) }
    : { 'data-access-error': dataAccessResultName(result.error) };
}

function written({ variables, values }: Pick<WriteRequest, 'variables' | 'values'>): Json {
  return {
    'variable-access-specification': variables.map(variable),
    'list-of-data': values.map(dataToVector),
  };
}

function actionResult(response: ActionResult): Json {
  return {
    result: actionResultName(response.result),
    'return-parameters': response.returned === undefined ? null : dataResult(response.returned),
  };
}

function block(value: DataBlock): Json {
  return { 'last-block': value.last, 'block-number': value.number, 'raw-data': toHex(value.raw) };
}

function getBlock(value: GetBlock): Json {
  const result =
    'raw' in value ? { 'raw-data': toHex(value.raw) } : { 'data-access-result': dataAccessResultName(value.error) };
  return { 'last-block': value.last, 'block-number': value.number, result };
}

function conformance(bits: number): Json {
  return { raw: hexNumber(bits, 6), bits: conformanceNames(bits) };
}

/** Names of the ciphered services as the ASN.1 writes them: `glo-initiateRequest`, but `glo-get-request`. */
const ASN1_NAMES: Readonly<Record<string, string>> = {
  'glo-initiate-request': 'glo-initiateRequest',
  'glo-initiate-response': 'glo-initiateResponse',
};

function ciphered(apdu: CipheredApdu): Json {
  const tagName = apduTagName(apdu.tag) as string;
  const name = ASN1_NAMES[tagName] ?? tagName;
  const header = cipheredContent(apdu);
  return apdu.systemTitle === undefined
    ? { [name]: header }
    : { [name]: { 'system-title': toHex(apdu.systemTitle), 'ciphered-content': header } };
}

function generalHeader(apdu: GeneralHeader): Record<string, Json> {
  return {
    'transaction-id': toHex(apdu.transactionId),
    'originator-system-title': toHex(apdu.originatorTitle),
    'recipient-system-title': toHex(apdu.recipientTitle),
    'date-time': toHex(apdu.dateTime),
    'other-information': toHex(apdu.otherInformation),
  };
}

function keyInfo(info: KeyInfo | undefined): Json {
  switch (info?.type) {
    case undefined:
      return null;
    case 'identified-key':
      return { 'identified-key': { 'key-id': info.keyId } };
    case 'wrapped-key':
      return {
        'wrapped-key': {
          'kek-id': info.kekId === 0 ? 'master-key' : info.kekId,
          'key-ciphered-data': toHex(info.wrapped),
        },
      };
    case 'agreed-key':
      return {
        'agreed-key': { 'key-parameters': toHex(info.parameters), 'key-ciphered-data': toHex(info.data) },
      };
  }
}

function cipheredContent(apdu: Pick<CipheredApdu, 'securityControl' | 'invocationCounter' | 'content'>): Json {
  const control = apdu.securityControl;
  const authenticated = (control & 0x10) !== 0;
  const encrypted = (control & 0x20) !== 0;
  const end = authenticated ? apdu.content.length - 12 : apdu.content.length;
  return {
    'security-control': {
      raw: hexNumber(control, 2),
      'security-suite-id': control & 0x0f,
      authentication: authenticated,
      encryption: encrypted,
      'key-set': control & 0x40 ? 'broadcast' : 'unicast',
      compression: (control & 0x80) !== 0,
    },
    'invocation-counter': apdu.invocationCounter,
    [encrypted ? 'ciphertext' : 'information']: toHex(apdu.content.subarray(0, end)),
    ...(authenticated && { 'authentication-tag': toHex(apdu.content.subarray(end)) }),
  };
}

function acseFields(apdu: Aarq | Aare): Json {
  const common = {
    'protocol-version': hex(apdu.protocolVersion),
    'application-context-name': oid(apdu.applicationContextName, contextName),
    'mechanism-name': apdu.mechanismName && oid(apdu.mechanismName, mechanismName),
    'implementation-information': hex(apdu.implementationInformation),
    'user-information': userInformation(apdu.userInformation),
  };
  if (apdu.type === 'aarq') {
    return without({
      ...common,
      'called-AP-title': hex(apdu.calledApTitle),
      'called-AE-qualifier': hex(apdu.calledAeQualifier),
      'called-AP-invocation-id': apdu.calledApInvocationId,
      'called-AE-invocation-id': apdu.calledAeInvocationId,
      'calling-AP-title': hex(apdu.callingApTitle),
      'calling-AE-qualifier': hex(apdu.callingAeQualifier),
      'calling-AP-invocation-id': apdu.callingApInvocationId,
      'calling-AE-invocation-id': apdu.callingAeInvocationId,
      'sender-acse-requirements': requirements(apdu.senderAcseRequirements),
      'calling-authentication-value': authentication(apdu.callingAuthenticationValue),
    });
  }
  const { source, diagnostic } = apdu.resultSourceDiagnostic;
  return without({
    ...common,
    result: associationResultName(apdu.result),
    'result-source-diagnostic': { [source]: associationDiagnosticName(source, diagnostic) },
    'responding-AP-title': hex(apdu.respondingApTitle),
    'responding-AE-qualifier': hex(apdu.respondingAeQualifier),
    'responding-AP-invocation-id': apdu.respondingApInvocationId,
    'responding-AE-invocation-id': apdu.respondingAeInvocationId,
    'responder-acse-requirements': requirements(apdu.responderAcseRequirements),
    'responding-authentication-value': authentication(apdu.respondingAuthenticationValue),
  });
}

function oid(octets: Uint8Array, name: (octets: Uint8Array) => string | undefined): Json {
  return { oid: oidToText(octets), name: name(octets) ?? null };
}

function requirements(set: boolean | undefined): string | undefined {
  return set === undefined ? undefined : set ? '0780' : '0700';
}

function authentication(value: Aarq['callingAuthenticationValue']): Json | undefined {
  return value && { [value.type]: toHex(value.value) };
}

function userInformation(octets: Uint8Array | undefined): Json | undefined {
  return octets && { raw: toHex(octets), xdlms: apduToVector(decodeApdu(octets)) };
}

function hex(octets: Uint8Array | undefined): string | undefined {
  return octets && toHex(octets);
}

function hexNumber(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** ACSE fields that are absent are left out. */
function without(fields: Readonly<Record<string, Json | undefined>>): Json {
  const present: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) present[key] = value;
  return present;
}
