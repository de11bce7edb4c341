import { contextId, contextOid, mechanismOid } from '../apdu/acse-names.js';
import type { Aare, Aarq, Apdu, ConfirmedServiceError, ExceptionResponse, InitiateResponse } from '../apdu/apdu.js';
import { CONFORMANCE, conformanceNames } from '../apdu/conformance.js';
import { decodeOpening, encodeOpening } from '../apdu/opening-codec.js';
import { readReceived } from '../apdu/received.js';
import {
  ASSOCIATION_RESULT,
  associationDiagnosticName,
  associationResultName,
  exceptionServiceErrorName,
  serviceErrorName,
} from '../apdu/results.js';
import { AssociationError, SecurityError, StateError } from '../base/errors.js';
import { given, present } from '../base/given.js';
import { withArticle } from '../base/words.js';
import { DLMS_VERSION, isHls } from './association.js';
import { errorIn } from './client-answers.js';
import {
  type AssociationView,
  CLIENT_CONFORMANCE,
  type ClientSessionConfig,
  SHORT_NAME_CONFORMANCE,
} from './client-config.js';
import { type Envelope, RIGHT_METER } from './envelope.js';
import {
  grantsLogicalNames,
  grantsShortNames,
  logicalTerms,
  namesShortNames,
  noShortNames,
  OR_SHORT_NAMES,
  shortNamesError,
} from './short-names.js';

/** What to try where a meter refuses for now. */
export const NOT_NOW =
  'another program may hold this client at the meter: let it end, or try again in a while; after several failed authentications meters wait too';

/** The authentication value is a GraphicString: what LLS and HLS send. */
const CHARSTRING = 'charstring';

/**
 * The InitiateRequest as user-information: ciphered under the global key where the context is.
 * @throws StateError, SecurityError where keys are missing.
 */
export function initiateRequest(config: ClientSessionConfig, envelope: Envelope): Uint8Array {
  const dedicatedKey = config.context === 'ln-ciphered' ? config.security?.dedicatedKey : undefined;
  const plain = encodeOpening({
    type: 'initiate-request',
    ...given({ dedicatedKey }),
    responseAllowed: true,
    proposedDlmsVersionNumber: DLMS_VERSION,
    proposedConformance: proposedBy(config),
    clientMaxReceivePduSize: config.maxReceivePduSize ?? 0xffff,
  });
  return envelope.sealHandshake(plain);
}

/** The conformance block that is proposed. */
function proposedBy({ conformance, shortNames }: ClientSessionConfig): number {
  return conformance ?? (shortNames === undefined ? CLIENT_CONFORMANCE : SHORT_NAME_CONFORMANCE);
}

function contextOf({ context, shortNames }: ClientSessionConfig): 1 | 2 | 3 | 4 {
  if (shortNames === undefined) return context === 'ln-ciphered' ? 3 : 1;
  return context === 'ln-ciphered' ? 4 : 2;
}

/** The AARQ (IEC 62056-5-3 clause 7.2). `challenge` is CtoS, for HLS. */
export function buildAarq(
  config: ClientSessionConfig,
  envelope: Envelope,
  challenge: Uint8Array | undefined,
): Uint8Array {
  const mechanism = config.mechanism ?? 0;
  const value = isHls(mechanism) ? challenge : mechanism === 1 ? needSecret(config) : undefined;
  return encodeOpening(
    present<Aarq>({
      type: 'aarq',
      protocolVersion: undefined,
      applicationContextName: contextOid(contextOf(config)),
      calledApTitle: undefined,
      calledAeQualifier: undefined,
      calledApInvocationId: undefined,
      calledAeInvocationId: undefined,
      callingApTitle: config.systemTitle,
      callingAeQualifier: undefined,
      callingApInvocationId: undefined,
      callingAeInvocationId: config.userId,
      senderAcseRequirements: mechanism === 0 ? undefined : true,
      mechanismName: mechanism === 0 ? undefined : mechanismOid(mechanism),
      callingAuthenticationValue: value === undefined ? undefined : { type: CHARSTRING, value },
      implementationInformation: undefined,
      userInformation: initiateRequest(config, envelope),
    }),
  );
}

/** What the AARE said, when it accepted. */
export interface Accepted {
  readonly view: AssociationView;
  /** StoC, where HLS goes on with pass 3. */
  readonly challenge: Uint8Array | undefined;
}

/**
 * Judges an AARE.
 * @throws AssociationError when the meter refused, SecurityError when its answer is not protected as it must be.
 */
export function readAare(config: ClientSessionConfig, envelope: Envelope, aare: Aare): Accepted {
  const short = config.shortNames !== undefined;
  if (namesShortNames(aare) && !short) throw shortNamesError(aare.result);
  // The reason of a refusal is reported whatever system title it names.
  if (aare.result !== ASSOCIATION_RESULT.accepted) throw refusal(config, envelope, aare);
  if (aare.respondingApTitle !== undefined) envelope.learnTitle(aare.respondingApTitle);
  envelope.ciphering?.received.begins();
  // Whether the meter ciphers is seen from its messages: one server names the ciphered context and continues in clear.
  const context = contextId(aare.applicationContextName);
  if (context !== 1 && context !== 3 && !short) {
    throw new AssociationError('the meter accepted another application context than the one asked for');
  }
  const response = initiateResponse(config, envelope, aare.userInformation);
  const granted = grantedOf(config, response.negotiatedConformance);
  // Some servers grant nothing of either: they serve Read all the same.
  if (short && (granted & CONFORMANCE.read) === 0 && grantsLogicalNames(response)) throw noShortNames();
  const view: AssociationView = {
    conformance: short ? logicalTerms(granted) : granted,
    serverMaxReceivePduSize: response.serverMaxReceivePduSize,
    dlmsVersion: response.negotiatedDlmsVersionNumber,
    ...given({
      qualityOfService: response.negotiatedQualityOfService,
      serverTitle: aare.respondingApTitle?.slice(),
    }),
  };
  if (!isHls(config.mechanism ?? 0)) return { view, challenge: undefined };
  const challenge = aare.respondingAuthenticationValue?.value;
  if (challenge === undefined) {
    throw new AssociationError('the meter sent no challenge, so its half of the authentication is missing', {
      hint: 'is the mechanism right? The meter may know this client with another one',
    });
  }
  return { view, challenge: challenge.slice() };
}

/** Services that were not proposed are not used, although some meters grant everything that they have. */
function grantedOf(config: ClientSessionConfig, granted: number): number {
  const { onRemark } = config;
  const proposed = proposedBy(config);
  const beyond = conformanceNames(granted & ~proposed);
  if (beyond.length > 0) {
    const text = `the meter grants what was not proposed, and it is not used: ${beyond.join(', ')}`;
    onRemark?.({ code: 'granted-unasked', text, weight: 'detail' });
  }
  return granted & proposed;
}

function initiateResponse(
  config: ClientSessionConfig,
  envelope: Envelope,
  information: Uint8Array | undefined,
): InitiateResponse {
  if (information === undefined)
    throw new AssociationError('the meter accepted the association without saying its terms');
  const apdu = openHandshake(config, envelope, information);
  if (apdu.type === 'initiate-response') {
    if (grantsShortNames(apdu) && config.shortNames === undefined) throw shortNamesError();
    return apdu;
  }
  if (apdu.type === 'confirmed-service-error' || apdu.type === 'exception-response') {
    const named = apdu.type === 'exception-response' ? apdu.invocationCounter : undefined;
    throw new AssociationError(
      `the meter accepted the association and then refused it: ${innerText(apdu)}`,
      given({ invocationCounter: named }),
    );
  }
  throw new AssociationError(
    `the meter's terms of the association are ${withArticle(apdu.type)} instead of an InitiateResponse`,
  );
}

/** Opens user-information: ciphered at least as the handshake demands where the context is. */
export function openHandshake(config: ClientSessionConfig, envelope: Envelope, information: Uint8Array): Apdu {
  const outer = readReceived(information, config);
  if (outer.type === 'ciphered') return envelope.openHandshake(outer);
  if (config.context === 'ln-ciphered' && errorIn(outer) === undefined) {
    throw new SecurityError('not-protected', 'the meter answered a ciphered association in clear');
  }
  return outer;
}

/** Service errors that add nothing to a diagnostic. */
const SAYS_THE_SAME: Readonly<Record<string, string>> = {
  'application-context-name-not-supported': 'application-context-unsupported',
};

function refusal(config: ClientSessionConfig, envelope: Envelope, aare: Aare): AssociationError {
  const { source, diagnostic } = aare.resultSourceDiagnostic;
  const name = associationDiagnosticName(source, diagnostic);
  const inner = refusalDetail(envelope, aare);
  const text = inner === undefined ? undefined : innerText(inner);
  const detail = text === undefined || SAYS_THE_SAME[name] === text ? '' : ` (${text})`;
  const other = envelope.otherTitle(aare.respondingApTitle);
  const named = inner?.type === 'exception-response' && other === undefined ? inner.invocationCounter : undefined;
  return new AssociationError(
    `the meter refused the association: ${associationResultName(aare.result)}, ${name}${detail}${other === undefined ? '' : `; ${other}`}`,
    {
      result: aare.result,
      diagnostic: name,
      hint:
        other !== undefined
          ? RIGHT_METER
          : aare.result === ASSOCIATION_RESULT['rejected-transient'] && name === 'no-reason-given'
            ? NOT_NOW
            : hintFor(name, config.context === 'ln-ciphered', inner?.type === 'confirmed-service-error'),
      ...given({ invocationCounter: named }),
    },
  );
}

/** The error that often comes with a refusal. Protected or not, it can only explain it. */
function refusalDetail(
  envelope: Envelope,
  { userInformation: information, respondingApTitle: title }: Aare,
): ConfirmedServiceError | ExceptionResponse | undefined {
  if (information === undefined) return undefined;
  try {
    const apdu = decodeOpening(information, { lenient: true });
    return apdu.type === 'ciphered' ? envelope.explain(apdu, title) : errorIn(apdu);
  } catch {
    return undefined;
  }
}

function innerText(error: ConfirmedServiceError | ExceptionResponse): string {
  if (error.type === 'confirmed-service-error') return serviceErrorText(error);
  const { invocationCounter } = error;
  const named = invocationCounter === undefined ? '' : `; the meter names counter ${invocationCounter}`;
  return `${exceptionServiceErrorName(error.serviceError)}${named}`;
}

function serviceErrorText(error: ConfirmedServiceError): string {
  return serviceErrorName(error.category, error.value);
}

function hintFor(diagnostic: string, ciphered: boolean, serviceError: boolean): string {
  switch (diagnostic) {
    case 'authentication-failure':
      return 'check the password or secret; after several failures many meters wait before they listen again';
    case 'application-context-name-not-supported':
      return `this client address is set up with another context: try with (or without) ciphering${OR_SHORT_NAMES}`;
    case 'calling-AP-title-not-recognized':
      return "check the client's system title: eight octets";
    case 'authentication-mechanism-name-not-recognised':
    case 'authentication-mechanism-name-required':
    case 'authentication-required':
      return 'this client address is set up with another authentication mechanism';
    default:
      return `check client address, authentication mechanism and password${ciphered ? ', the keys and their invocation counter' : ''}${serviceError ? OR_SHORT_NAMES : ''}`;
  }
}

function needSecret(config: ClientSessionConfig): Uint8Array {
  if (config.secret !== undefined) return config.secret;
  throw new StateError('low level security needs a password', { hint: 'give the password of this client address' });
}
