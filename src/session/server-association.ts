import { contextId, mechanismId, mechanismOid } from '../apdu/acse-names.js';
import type { Aare, Aarq, InitiateRequest } from '../apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../apdu/codec.js';
import { VAA_LN, VAA_SN } from '../apdu/initiate.js';
import {
  ACTION_RESULT,
  ASSOCIATION_RESULT,
  CONFIRMED_SERVICE,
  SERVICE_USER_DIAGNOSTIC,
  type ServiceError,
} from '../apdu/results.js';
import { equalBytes, equalConstantTime } from '../base/bytes.js';
import type { Millis } from '../base/clock.js';
import { DecodeError, SecurityError } from '../base/errors.js';
import { given, present } from '../base/given.js';
import type { AssociationDefinition, Naming } from '../contracts/association.js';
import type { Protection } from '../contracts/protection.js';
import {
  type HlsMechanismId,
  type HlsPass,
  hlsAnswer,
  hlsHolds,
  hlsInvocationCounter,
  isChallengeLength,
  makeChallenge,
} from '../security/hls.js';
import { checkChallenge, SentChallenges } from '../security/hls-reflection.js';
import { securitySuites } from '../security/suites.js';
import { DLMS_VERSION, HANDSHAKE, isHls } from './association.js';
import { type CipherKind, cipherKindOf, protectionOverhead } from './cipher-kind.js';
import { contextOf, isCiphered, meantConformance, namingAsked, namingOf, offeredConformance } from './contexts.js';
import { covers } from './covers.js';
import { signing, verifying } from './hls-signing.js';
import { Ciphering } from './protection.js';
import { takeIn, takeProof } from './server-acceptance.js';
import { heldAnswer, passFour } from './server-answers.js';
import type { ServerSessionConfig } from './server-config.js';
import { initiateRequestIn } from './server-envelope.js';
import { type AarqRefusal, ERROR, notNow, otherVersion, refuse } from './server-refusal.js';

const SHORTEST_PDU = 12;
const GLO_INITIATE_REQUEST = 0x21;
const GENERAL_GLO = 0xdb;

/** An AARQ that was accepted. */
export interface Terms {
  readonly refused: false;
  readonly initiate: InitiateRequest;
  readonly naming: Naming;
  readonly conformance: number;
  readonly ciphering: Ciphering | undefined;
  readonly kind: CipherKind;
  readonly clientTitle: Uint8Array | undefined;
  /** The association's own mechanism, or the alternative that the client named. */
  readonly mechanism: AssociationDefinition['mechanism'];
  /** CtoS of an HLS association. */
  readonly challenge: Uint8Array | undefined;
  /** What InitiateRequest, HLS and release carry, both ways. */
  readonly handshake: Protection;
}

/**
 * The ciphering context of a new association with the client of that title. An association keeps the keys that it was opened with; one that
 * is open for ever has those of the moment.
 */
export function makeServerCiphering(
  config: ServerSessionConfig,
  clientTitle: Uint8Array | undefined,
): Ciphering | undefined {
  const { security, preEstablished } = config.association;
  if (security === undefined) return undefined;
  const { keys } = security;
  return new Ciphering({
    crypto: config.crypto,
    systemTitle: config.systemTitle,
    get keys() {
      return preEstablished === true ? security.keys : keys;
    },
    get keyPairs() {
      return config.association.keyPairs ?? {};
    },
    get masterKey() {
      return security.masterKey as Uint8Array;
    },
    suite: config.association.suite ?? 0,
    answers: true,
    counters: security.counters,
    counterEntry: security.counterEntry,
    received: security.received,
    ...given({ broadcastReceived: security.broadcastReceived, peerTitle: clientTitle?.slice() }),
  });
}

/**
 * Judges an AARQ against the association's definition (IEC 62056-5-3 clause 7.2; the outcomes are those of the conformance test's APPL
 * suite).
 * @throws SecurityError, DecodeError when the InitiateRequest cannot be deciphered.
 */
export function judgeAarq(config: ServerSessionConfig, aarq: Aarq, now: Millis): Terms | AarqRefusal {
  const { association } = config;
  if (aarq.protocolVersion !== undefined && ((aarq.protocolVersion[0] ?? 0) & 0x80) === 0) {
    return otherVersion();
  }
  const ciphered = isCiphered(association.context);
  if (association.preEstablished === true) return refuse('no-reason-given', ERROR.application, false);
  const naming = namingAsked(association, contextId(aarq.applicationContextName));
  if (naming === undefined) {
    return refuse('application-context-name-not-supported', ERROR.applicationContext, false);
  }
  const title = aarq.callingApTitle;
  const mechanism = mechanismFor(association, aarq);
  if (needsTitle(association, mechanism) && !titleFits(config, title))
    return refuse('calling-AP-title-not-recognized', ERROR.service, ciphered);
  const unproved = judgeAuthentication(mechanism, aarq);
  if (unproved !== undefined) return { ...unproved, ciphered };
  if (association.lock?.locked(now) === true) return notNow(ERROR.scope, ciphered);

  const ciphering = makeServerCiphering(config, title?.length === 8 ? title : undefined);
  const opened = openInitiate(association, ciphering, aarq.userInformation);
  if ('refused' in opened) return opened;
  const { initiate, kind, handshake } = opened;
  const conformance = meantConformance(initiate.proposedConformance, naming) & offeredConformance(association, naming);
  const misfit = judgeInitiate(association, initiate, conformance);
  if (misfit !== undefined) return refuse('no-reason-given', misfit, ciphered);

  const value = aarq.callingAuthenticationValue?.value;
  if (association.mechanism === 1) {
    const right =
      value !== undefined && association.secret !== undefined && equalConstantTime(value, association.secret);
    association.lock?.attempted(right, now);
    if (!right) return refuse('authentication-failure', ERROR.scope, ciphered);
  }
  return {
    refused: false,
    initiate,
    naming,
    conformance,
    ciphering,
    kind,
    clientTitle: title?.slice(),
    mechanism,
    challenge: isHls(mechanism) ? value?.slice() : undefined,
    handshake,
  };
}

/**
 * The AARE of a refusal; the ConfirmedServiceError in it is ciphered where the context is. It names the context that the `aarq` asks for, or
 * where that is not offered the association's own.
 */
export function refusingAare(
  config: ServerSessionConfig,
  refusal: AarqRefusal,
  aarq: Pick<Aarq, 'applicationContextName'>,
): Uint8Array {
  const { association } = config;
  const [category, value] = refusal.error;
  const error = encodeApdu({
    type: 'confirmed-service-error',
    service: CONFIRMED_SERVICE.initiateError,
    category,
    value,
  });
  const ciphering = refusal.ciphered ? makeServerCiphering(config, undefined) : undefined;
  const userInformation = ciphering?.seal(error, 'glo', association.handshake ?? HANDSHAKE) ?? error;
  const { source, diagnostic } = refusal;
  const naming = namingAsked(association, contextId(aarq.applicationContextName)) ?? namingOf(association.context);
  const fields = { result: refusal.result, resultSourceDiagnostic: { source, diagnostic }, userInformation };
  return aare(config, fields, naming);
}

/** StoC of all associations of this process that wait for pass 3. */
const sentChallenges = new SentChallenges();

/** StoC of an HLS association; the refusal where the client's challenge would have us prove what a client has to. */
export function serverChallenge(config: ServerSessionConfig, terms: Terms): Uint8Array | AarqRefusal | undefined {
  const { mechanism, challenge: received, clientTitle } = terms;
  if (!isHls(mechanism) || received === undefined) return undefined;
  const { crypto, random = (length: number) => crypto.random(length) } = config;
  const own = makeChallenge({ random });
  const asked = { received, own, ownTitle: config.systemTitle, otherTitle: clientTitle };
  try {
    // The client proves itself first, so its challenge may be anything.
    checkChallenge(mechanism, asked, { odd: true, echoed: config.allowEchoedChallenge === true });
    sentChallenges.check(mechanism, asked);
  } catch (error) {
    if (!(error instanceof SecurityError)) throw error;
    return refuse('authentication-failure', ERROR.scope, isCiphered(config.association.context));
  }
  sentChallenges.note(own);
  return own;
}

/** The AARE of an association that opens, or with HLS waits for pass 3 with this StoC. */
export function acceptingAare(
  config: ServerSessionConfig,
  terms: Terms,
  challenge: Uint8Array | undefined,
): Uint8Array {
  const hls = challenge === undefined ? {} : hlsFields(terms.mechanism, challenge);
  const fields: Answered = {
    result: ASSOCIATION_RESULT.accepted,
    resultSourceDiagnostic: {
      source: 'acse-service-user',
      diagnostic: SERVICE_USER_DIAGNOSTIC[challenge === undefined ? 'null' : 'authentication-required'],
    },
    ...hls,
    userInformation: initiateResponse(config, terms),
  };
  return aare(config, fields, terms.naming, terms.mechanism);
}

/** The InitiateResponse: in the AARE, and again in the RLRE. */
export function initiateResponse(config: ServerSessionConfig, terms: Terms): Uint8Array {
  const { association } = config;
  const plain = encodeApdu({
    type: 'initiate-response',
    negotiatedDlmsVersionNumber: DLMS_VERSION,
    negotiatedConformance: terms.conformance & terms.initiate.proposedConformance,
    serverMaxReceivePduSize: association.maxReceivePduSize,
    vaaName: terms.naming === 'sn' ? VAA_SN : VAA_LN,
  });
  if (!isCiphered(association.context) || terms.ciphering === undefined) return plain;
  return terms.ciphering.seal(plain, terms.kind, terms.handshake);
}

/** What came in pass 3. */
interface Pass3 {
  /** f(StoC). */
  readonly answer: Uint8Array;
  readonly invokeId: number;
  readonly now: Millis;
  /** When it came in the time of the line. */
  readonly lineTime: Millis;
}

/** The answer to a pass 3 that is refused; undefined when it proves the client and the association is free. */
export function refusingPass4(
  config: ServerSessionConfig,
  terms: Terms,
  challenge: Uint8Array,
  { answer, invokeId, now, lineTime }: Pass3,
): Uint8Array | undefined {
  // Somebody else may have got this answer from us: it does not count as a failure of the client.
  if (!sentChallenges.awaits(terms.mechanism as HlsMechanismId, challenge)) return heldAnswer(terms.naming, invokeId);
  const proved = clientProved(config, terms, challenge, answer);
  config.association.lock?.attempted(proved, now);
  if (!proved) return passFour(terms.naming, invokeId, { result: ACTION_RESULT.success });
  return config.admits?.(lineTime) === false ? heldAnswer(terms.naming, invokeId) : undefined;
}

/** StoC of an association that opened or ended. */
export function settleChallenge(challenge: Uint8Array | undefined): void {
  sentChallenges.forget(challenge);
}

/** Whether f(StoC) of pass 3 holds. */
function clientProved(config: ServerSessionConfig, terms: Terms, challenge: Uint8Array, answer: Uint8Array): boolean {
  const { association, crypto } = config;
  const { mechanism } = terms;
  if (!isHls(mechanism) || terms.challenge === undefined) return false;
  const pass = serverPass(config, terms, challenge, terms.challenge, terms.clientTitle, config.systemTitle);
  const publicKey = association.keyPairs?.peerSigning;
  try {
    if (!hlsHolds(crypto, mechanism, { ...pass, ...verifying(association.suite, publicKey) }, answer)) return false;
    if (mechanism === 5 && !isCiphered(association.context)) {
      takeProof(terms.ciphering, hlsInvocationCounter(answer) as number);
    }
    return true;
  } catch (error) {
    if (error instanceof SecurityError || error instanceof DecodeError) return false;
    throw error;
  }
}

/** f(CtoS) of pass 4. */
export function proveServer(config: ServerSessionConfig, terms: Terms, challenge: Uint8Array): Uint8Array {
  const { crypto } = config;
  const { mechanism } = terms;
  if (!isHls(mechanism) || terms.challenge === undefined) return new Uint8Array(0);
  const pass = serverPass(config, terms, terms.challenge, challenge, config.systemTitle, terms.clientTitle);
  const { suite = 0, keyPairs } = config.association;
  const invocationCounter = mechanism === 5 ? terms.ciphering?.nextGlobalCounter() : undefined;
  const proving = signing(suite, keyPairs?.signing);
  return hlsAnswer(crypto, mechanism, { ...pass, suite, ...proving, ...given({ invocationCounter }) });
}

function serverPass(
  { association }: ServerSessionConfig,
  { ciphering }: Terms,
  challenge: Uint8Array,
  otherChallenge: Uint8Array,
  systemTitle: Uint8Array | undefined,
  otherSystemTitle: Uint8Array | undefined,
): HlsPass {
  return present<HlsPass>({
    challenge,
    otherChallenge,
    systemTitle,
    otherSystemTitle,
    secret: association.secret,
    encryptionKey: ciphering?.config.keys.encryption,
    authenticationKey: ciphering?.config.keys.authentication,
  });
}

/** The mechanism in use: an alternative when the client names one, otherwise the association's own. */
function mechanismFor(association: AssociationDefinition, { mechanismName }: Aarq): AssociationDefinition['mechanism'] {
  const named = mechanismName === undefined ? undefined : mechanismId(mechanismName);
  return association.alternativeMechanisms?.find((mechanism) => mechanism === named) ?? association.mechanism;
}

function needsTitle({ context }: AssociationDefinition, mechanism: AssociationDefinition['mechanism']): boolean {
  return isCiphered(context) || mechanism >= 5;
}

/** Eight octets, those of the client where they are known, and never our own: what we protect is not to come back as a client's. */
function titleFits({ association, systemTitle }: ServerSessionConfig, title: Uint8Array | undefined): boolean {
  const { clientTitle } = association;
  if (title?.length !== 8 || equalBytes(title, systemTitle)) return false;
  return clientTitle === undefined || equalBytes(title, clientTitle);
}

/** The authentication fields as far as they can be judged without the secret. */
function judgeAuthentication(mechanism: AssociationDefinition['mechanism'], aarq: Aarq): AarqRefusal | undefined {
  const { senderAcseRequirements, mechanismName, callingAuthenticationValue } = aarq;
  const named = mechanismName === undefined ? undefined : mechanismId(mechanismName);
  if (mechanism === 0) {
    return mechanismName === undefined || named === 0
      ? undefined
      : refuse('authentication-mechanism-name-not-recognised', ERROR.scope);
  }
  if (senderAcseRequirements === undefined && mechanismName === undefined && callingAuthenticationValue === undefined) {
    return refuse('authentication-mechanism-name-required', ERROR.scope);
  }
  if (senderAcseRequirements !== true || mechanismName === undefined) return refuse('no-reason-given', ERROR.service);
  if (named !== mechanism) return refuse('authentication-mechanism-name-not-recognised', ERROR.scope);
  if (mechanism === 1) {
    return callingAuthenticationValue === undefined ? refuse('authentication-required', ERROR.scope) : undefined;
  }
  const length = callingAuthenticationValue?.value.length ?? 0;
  return isChallengeLength(length) ? undefined : refuse('no-reason-given', ERROR.service);
}

function openInitiate(
  association: AssociationDefinition,
  ciphering: Ciphering | undefined,
  information: Uint8Array | undefined,
): Pick<Terms, 'initiate' | 'kind' | 'handshake'> | AarqRefusal {
  if (information === undefined) return refuse('no-reason-given', ERROR.initiate);
  // Some clients count a tag in the length that an encrypted message does not have.
  const outer = decodeApdu(information, { lenient: true });
  if (!isCiphered(association.context)) {
    if (outer.type === 'initiate-request') return { initiate: outer, kind: 'glo', handshake: 'none' };
    return refuse('no-reason-given', ERROR.initiate);
  }
  const global = outer.type === 'ciphered' && (outer.tag === GLO_INITIATE_REQUEST || outer.tag === GENERAL_GLO);
  const handshake = global ? handshakeOf(association, outer.securityControl) : undefined;
  if (!global || handshake === undefined || ciphering === undefined) {
    return refuse('no-reason-given', ERROR.deciphering, true);
  }
  const { judged: initiate } = takeIn(ciphering, outer, initiateRequestIn);
  if (initiate === undefined) return refuse('no-reason-given', ERROR.initiate, true);
  return { initiate, kind: cipherKindOf(outer.tag), handshake };
}

/**
 * The protection of the whole handshake, told by that of the InitiateRequest; undefined where it is too weak. Where the policy asks for
 * encryption alone, as that of the Indian reader, clients come that encrypt alone here too.
 */
function handshakeOf({ handshake, policy }: AssociationDefinition, control: number): Protection | undefined {
  if (covers(control, handshake ?? HANDSHAKE)) return handshake ?? HANDSHAKE;
  return handshake === undefined && policy === 'encryption' && covers(control, policy) ? policy : undefined;
}

function judgeInitiate(
  { context, policy, handshake, suite = 0 }: AssociationDefinition,
  initiate: InitiateRequest,
  conformance: number,
): ServiceError | undefined {
  const ciphered = isCiphered(context);
  if (initiate.dedicatedKey !== undefined && !ciphered) return ERROR.conformance;
  const { keyLength } = securitySuites[suite];
  if (initiate.dedicatedKey !== undefined && initiate.dedicatedKey.length !== keyLength) return ERROR.initiate;
  if (initiate.proposedDlmsVersionNumber < DLMS_VERSION) return ERROR.version;
  if (conformance === 0) return ERROR.conformance;
  // Below this not even one octet of a block would fit.
  const overhead = ciphered ? protectionOverhead('general-glo', policy ?? handshake ?? HANDSHAKE) : 0;
  const size = initiate.clientMaxReceivePduSize;
  return size !== 0 && size < SHORTEST_PDU + overhead ? ERROR.pduSize : undefined;
}

function hlsFields(mechanism: AssociationDefinition['mechanism'], challenge: Uint8Array) {
  return {
    responderAcseRequirements: true,
    mechanismName: mechanismOid(mechanism),
    respondingAuthenticationValue: { type: 'charstring', value: challenge },
  } as const;
}

type Answered = Pick<Aare, 'result' | 'resultSourceDiagnostic' | 'userInformation'> &
  Partial<Pick<Aare, 'responderAcseRequirements' | 'mechanismName' | 'respondingAuthenticationValue'>>;

function aare(
  { association, systemTitle }: ServerSessionConfig,
  fields: Answered,
  naming: Naming,
  mechanism: AssociationDefinition['mechanism'] = association.mechanism,
): Uint8Array {
  return encodeApdu({
    type: 'aare',
    applicationContextName: contextOf(association, naming),
    ...(needsTitle(association, mechanism) ? { respondingApTitle: systemTitle } : {}),
    ...fields,
  });
}
