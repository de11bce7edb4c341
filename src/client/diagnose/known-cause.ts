/** The cause that a failed call shows by itself: its error, and what its line was seen to do. Nothing more is asked of the meter. */

import { ASSOCIATION_RESULT } from '../../apdu/results.js';
import {
  AccessError,
  AssociationError,
  CosemError,
  DecodeError,
  LinkError,
  SecurityError,
  type SecurityReason,
  StateError,
  TimeoutError,
  UncertainError,
} from '../../base/errors.js';
import { given } from '../../base/given.js';
import { portFaultOf } from '../../base/port-fault.js';
import type { CauseFacts } from '../../causes/cause.js';
import type { CauseId } from '../../causes/causes.js';
import { WANTS_CIPHERING, WANTS_CLEAR } from '../../causes/wanted.js';
import { mayBeShortNames } from '../../session/short-names.js';
import { ImageError } from '../image.js';
import { KeyChangeError } from '../keys.js';
import { isSilence } from '../open-refusals.js';
import { authenticationOf, type OpenOptions } from '../options.js';
import { type DiagnoseOptions, type Diagnosis, type FailedCall, inCodes, messageOf } from './diagnosis.js';

/** Errors of protection that do not show which key is wrong. */
const UNPROVED: ReadonlySet<SecurityReason> = new Set([
  'bad-tag',
  'decrypt-garbage',
  'bad-challenge',
  'bad-key',
  'missing-key',
]);

/** Results by which a meter says that this client has no right to an object. */
const DENIED: ReadonlySet<string> = new Set(['read-write-denied', 'scope-of-access-violated']);

/** @internal What sentences say of any call with these options. */
export function factsOf(options: OpenOptions, { place, baud }: DiagnoseOptions, name: string): CauseFacts {
  return { port: place ?? name, client: options.client ?? 16, server: options.server ?? 1, baud };
}

/**
 * Says why a call failed as far as its error and its line show it, without another question to the meter. Where {@link Diagnosis.unsettled} is set,
 * {@link diagnose} with `failed` may find a nearer cause.
 *
 * @example
 * ```ts
 * const watch = new LineWatch('hdlc');
 * try {
 *   await open(serial('/dev/ttyUSB0'), { client: 32, password: 'ABCD0001', trace: (event) => watch.see(event) });
 * } catch (error) {
 *   const cause = causeOf({ error, watch }, { client: 32 }, { baud: 9600, place: '/dev/ttyUSB0' });
 *   if (cause) console.error(wordCause(cause.id, cause.facts, 'hi').sentence);
 * }
 * ```
 * @returns undefined where the error is neither of the line nor of the meter: a fault of the caller, or something unexpected.
 */
export function causeOf(
  failed: FailedCall,
  options: OpenOptions = {},
  about: Pick<DiagnoseOptions, 'baud' | 'place'> = {},
): Diagnosis | undefined {
  const { error, watch, opened = false } = failed;
  const facts = factsOf(options, about, 'the line');
  const told = (id: CauseId, more: CauseFacts = {}, unsettled?: true): Diagnosis => ({
    id,
    facts: { ...facts, diagnostic: inCodes(error), ...more },
    cause: error,
    ...given({ unsettled }),
  });
  // These have been looked into already, and say what the meter holds now.
  if (!(error instanceof CosemError) || error instanceof StateError) return undefined;
  if (error instanceof KeyChangeError || error instanceof ImageError) return undefined;
  if (error instanceof UncertainError) return told('change-unknown', { target: error.target });
  if (error instanceof LinkError && error.reason === 'transport')
    return { ...portDiagnosis(error, facts), cause: error };
  if (watch.text !== undefined && isOfWhatCame(error) && (watch.linked || error instanceof DecodeError)) {
    return told('text-answer', { text: watch.text });
  }
  if (opened) return whileOpen(error, told);
  if (watch.linked || error instanceof SecurityError) return { ...refusalShown(error, options, facts), cause: error };
  if (error instanceof LinkError && error.reason === 'rejected' && options.framing !== 'mode-e') {
    return told('link-refused');
  }
  if (!isSilence(error) && !(error instanceof DecodeError)) return undefined;
  return told(isOfWhatCame(error) ? 'no-valid-answer' : 'no-answer', {}, true);
}

type Told = (id: CauseId, more?: CauseFacts, unsettled?: true) => Diagnosis;

/** Why a call failed in an association that was open: the options are right. */
function whileOpen(error: CosemError, told: Told): Diagnosis | undefined {
  if (error instanceof SecurityError) return told(error.reason, error.facts);
  if (isSilence(error)) return told('line-drops');
  if (error instanceof AccessError) return DENIED.has(error.result) ? told('read-refused') : told('request-refused');
  if (error instanceof DecodeError) return told('no-valid-answer');
  // The association was opened anew meanwhile, with the options that were right before.
  return error instanceof AssociationError ? told('association-refused') : undefined;
}

/** @internal Why a meter whose data link is up gives no association, as its error shows; `unsettled` where more questions may show more. */
export function refusalShown(error: CosemError, options: OpenOptions, known: CauseFacts): Diagnosis {
  const authentication = authenticationOf(options);
  const diagnostic = error instanceof AssociationError ? (error.diagnostic ?? messageOf(error)) : messageOf(error);
  const facts = {
    ...known,
    diagnostic: error instanceof AssociationError && error.diagnostic !== undefined ? diagnostic : inCodes(error),
    given: authentication,
  };
  const told = (id: CauseId, more: CauseFacts = {}): Diagnosis => ({
    id,
    facts: { ...facts, ...more },
    ...(mayBeShortNames(error) || isSilence(error) ? { unsettled: true } : {}),
  });
  if (isSilence(error)) return told('association-silent');
  if (error instanceof SecurityError) {
    const { reason, facts: found } = error;
    return UNPROVED.has(reason) && reason !== 'missing-key' ? told('bad-proof') : told(reason, found);
  }
  if (!(error instanceof AssociationError)) return told('association-refused');
  if (diagnostic === 'short-name-referencing') return told('short-names');
  const text = `${diagnostic} ${error.message}`;
  if (/invocation-counter/.test(text)) return told('counter-too-low');
  // With keys in use, trials with them show which one it is.
  if (isUndeciphered(error)) {
    return { ...told('wrong-key'), ...(options.security === undefined ? {} : { unsettled: true }) };
  }
  if (/our half/.test(text)) return told(authentication === 'gmac' ? 'bad-proof' : 'wrong-secret');
  if (/application-context/.test(text)) {
    const ciphered = options.security !== undefined && options.security.policy !== 'none';
    return told('wrong-context', ciphered ? WANTS_CLEAR : WANTS_CIPHERING);
  }
  if (/authentication-required|mechanism-name-required/.test(text)) return told('needs-authentication');
  if (/mechanism-name/.test(text)) return told(authentication === 'none' ? 'needs-authentication' : 'wrong-mechanism');
  if (/authentication-failure/.test(text)) {
    if (authentication === 'none') return told('needs-authentication');
    return told(authentication === 'lls' ? 'wrong-password' : 'wrong-secret');
  }
  if (error.result === ASSOCIATION_RESULT['rejected-transient']) return told('not-now');
  return told(/no-reason|other/.test(text) ? 'client-unknown' : 'association-refused');
}

/** @internal Whether the meter could not decipher what we sent. */
export function isUndeciphered(error: unknown): boolean {
  return error instanceof AssociationError && /deciphering/.test(`${error.diagnostic ?? ''} ${error.message}`);
}

/** @internal Whether it failed because what came was not an answer. */
export function isOfWhatCame(error: unknown): boolean {
  if (error instanceof LinkError || error instanceof TimeoutError) return error.came !== undefined;
  return error instanceof DecodeError;
}

const NETWORK: Readonly<Record<string, CauseId>> = {
  ECONNREFUSED: 'host-refused',
  ENOTFOUND: 'host-unknown',
  EAI_AGAIN: 'host-unknown',
  ETIMEDOUT: 'host-silent',
  EHOSTUNREACH: 'host-silent',
  ENETUNREACH: 'host-silent',
};
const SERIAL = {
  missing: 'port-missing',
  'not-permitted': 'port-not-permitted',
  busy: 'port-busy',
  'not-serial': 'not-a-port',
  gone: 'port-gone',
} as const;

/** @internal What is wrong with a port or host that could not be opened, or went away. */
export function portDiagnosis(error: LinkError, facts: CauseFacts): Diagnosis {
  const fault = portFaultOf(error);
  const code = (error.cause as { code?: string } | undefined)?.code;
  // A connection that is not made in time has no code of the system.
  const network = code === undefined ? 'host-silent' : NETWORK[code];
  const id = facts.baud === undefined ? network : fault && SERIAL[fault];
  return { id: id ?? 'port-fails', facts: { ...facts, diagnostic: inCodes(error) } };
}
