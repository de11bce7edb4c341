/** The client's side of HLS: its challenge, pass 3, and the check of pass 4. */

import type { Apdu } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import { ACTION_RESULT, ASSOCIATION_RESULT, dataAccessResultName } from '../apdu/results.js';
import { AssociationError, SecurityError } from '../base/errors.js';
import { given, present } from '../base/given.js';
import { octets } from '../codec/make.js';
import type { Procedure } from '../contracts/procedure.js';
import type { ActionResult, MethodDescriptor } from '../contracts/services.js';
import {
  type HlsMechanismId,
  type HlsPass,
  hlsAnswer,
  hlsHolds,
  hlsInvocationCounter,
  makeChallenge,
} from '../security/hls.js';
import { checkChallenge, SentChallenges } from '../security/hls-reflection.js';
import { cryptoOf, isHls } from './association.js';
import { takeProof } from './client-acceptance.js';
import { unexpected } from './client-answers.js';
import { NOT_NOW } from './client-association.js';
import type { ClientChannel } from './client-channel.js';
import type { HlsExchange } from './client-code.js';
import type { ClientSessionConfig } from './client-config.js';
import { required } from './client-envelope.js';
import { signing, verifying } from './hls-signing.js';
import type { Ciphering } from './protection.js';
import { acceptUnproven, isNothing, unproven, unreadableProof } from './unproven.js';

/** reply_to_HLS_authentication of the current association (class 15). */
const HLS_METHOD: MethodDescriptor = { classId: 15, instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255), methodId: 1 };
/** CtoS of all associations of this process that wait for the meter's proof. */
const sentChallenges = new SentChallenges();

/** CtoS of a new association; undefined where its mechanism has none. {@link settleChallenge} when it is opened or given up. */
export function ownChallenge(config: ClientSessionConfig): Uint8Array | undefined {
  const { mechanism = 0, challenge } = config;
  if (!isHls(mechanism)) return undefined;
  const ctos = challenge ?? makeChallenge(cryptoOf(config));
  sentChallenges.note(ctos);
  return ctos;
}

/** CtoS of an association that opened or failed. */
export function settleChallenge(ctos: Uint8Array | undefined): void {
  sentChallenges.forget(ctos);
}

const BORNE = {
  echoed: {
    code: 'echoed-challenge',
    text: 'the meter sent our own challenge back: whoever does that needs no secret, and it was allowed (allowEchoedChallenge)',
  },
  odd: {
    code: 'odd-challenge',
    text: 'the challenge of the meter is not one block of AES: with others a meter may need no secret, and it was allowed (allowOddChallenge)',
  },
} as const;

/** Passes 3 and 4 of HLS. */
export function* proveBoth(channel: ClientChannel, exchange: HlsExchange): Procedure<void> {
  const { config } = channel;
  const invokeId = channel.nextInvokeId();
  const parameter = octets(answerChallenge(config, channel.ciphering, exchange));
  const request = encodeApdu({ type: 'action-request-normal', invokeId, method: HLS_METHOD, parameter });
  let answer: Apdu;
  try {
    answer = yield* channel.askHls(request, invokeId);
  } catch (error) {
    throw unreadableProof(error, config);
  }
  if (answer.type !== 'action-response-normal') throw unexpected(answer, 'the authentication');
  checkServerAnswer(config, channel.ciphering, exchange, answer.response);
}

/**
 * The answer of pass 3, f(StoC).
 * @throws SecurityError `bad-challenge` when somebody else could use the answer as a proof of their own.
 */
function answerChallenge(
  config: ClientSessionConfig,
  ciphering: Ciphering | undefined,
  { ctos, stoc, serverTitle }: HlsExchange,
): Uint8Array {
  const mechanism = config.mechanism as HlsMechanismId;
  const received = { received: stoc, own: ctos, ownTitle: config.systemTitle, otherTitle: serverTitle };
  const { allowEchoedChallenge: echoed = false, allowOddChallenge: odd = false } = config;
  const borne = checkChallenge(mechanism, received, { echoed, odd });
  sentChallenges.check(mechanism, received);
  if (borne !== undefined) config.onRemark?.({ ...BORNE[borne], weight: 'note' });
  return hlsAnswer(cryptoOf(config), mechanism, {
    ...hlsPass(config, stoc, ctos, config.systemTitle, serverTitle),
    ...given({ suite: config.suite }),
    ...signing(config.suite, config.keyPairs?.signing),
    ...(mechanism === 5 ? { invocationCounter: required(ciphering).nextGlobalCounter() } : {}),
  });
}

/**
 * Judges pass 4: the meter's f(CtoS).
 * @throws AssociationError when the meter refused our answer, or its own does not hold; SecurityError `bad-challenge` when our challenge is
 *   no longer remembered.
 */
function checkServerAnswer(
  config: ClientSessionConfig,
  ciphering: Ciphering | undefined,
  { ctos, stoc, serverTitle }: HlsExchange,
  response: ActionResult,
): void {
  const mechanism = config.mechanism as HlsMechanismId;
  const { returned } = response;
  if (response.result === ACTION_RESULT.success && isNothing(returned)) {
    acceptUnproven(config);
    return;
  }
  if (response.result === ACTION_RESULT['temporary-failure']) {
    throw new AssociationError(
      'the meter refused the association after our half of the authentication: temporary-failure',
      {
        result: ASSOCIATION_RESULT['rejected-transient'],
        hint: NOT_NOW,
      },
    );
  }
  if (response.result === ACTION_RESULT.success && returned !== undefined && !('data' in returned)) {
    throw unproven(`it did not give its half of the authentication: ${dataAccessResultName(returned.error)}`);
  }
  if (response.result !== ACTION_RESULT.success || returned === undefined || !('data' in returned)) {
    throw new AssociationError('the meter refused our half of the authentication', {
      diagnostic: 'authentication-failure',
      hint:
        mechanism === 5
          ? 'check encryption key, authentication key and system titles; after several failures many meters wait before they listen again'
          : mechanism === 7
            ? 'check our private signing key, and that the meter has our public one; after several failures many meters wait before they listen again'
            : 'check the HLS secret; after several failures many meters wait before they listen again',
    });
  }
  const { data } = returned;
  if (data.type !== 'octet-string') {
    throw unproven(`its half of the authentication is to be an octet-string, and ${data.type} came`);
  }
  const answer = data.value;
  if (!sentChallenges.awaits(mechanism, ctos)) {
    throw new SecurityError(
      'bad-challenge',
      'so many associations were begun while the meter proved itself that its answer is believed no more',
      { hint: 'another association may have been asked for it: open this one once more' },
    );
  }
  const pass = hlsPass(config, ctos, stoc, serverTitle, config.systemTitle);
  const checking = { ...pass, ...verifying(config.suite, config.keyPairs?.peerSigning) };
  if (!hlsHolds(cryptoOf(config), mechanism, checking, answer)) {
    throw new AssociationError('the meter could not prove that it knows the secret', {
      diagnostic: 'authentication-failure',
      hint: 'this may not be the meter it claims to be; check its system title and the keys',
    });
  }
  if (mechanism === 5 && config.context !== 'ln-ciphered') {
    takeProof(required(ciphering), hlsInvocationCounter(answer) as number);
  }
}

/** One direction of the proof, for {@link hlsAnswer} and {@link hlsHolds}. */
function hlsPass(
  config: Pick<ClientSessionConfig, 'secret' | 'security'>,
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
    secret: config.secret,
    encryptionKey: config.security?.keys.encryption,
    authenticationKey: config.security?.keys.authentication,
  });
}
