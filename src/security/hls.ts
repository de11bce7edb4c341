import { concat, equalConstantTime } from '../base/bytes.js';
import { SecurityError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { CryptoProvider, Curve } from '../contracts/crypto-provider.js';
import { protect, TAG_LENGTH, unprotect, writeCounter } from './ciphering.js';
import type { SuiteId } from './suites.js';

/** Authentication mechanisms with a challenge in each direction: last arc of the mechanism name 2.16.756.5.8.2.n. */
export type HlsMechanismId = 2 | 3 | 4 | 5 | 6 | 7;

/** The fewest octets of a challenge. */
export const SHORTEST_CHALLENGE = 8;
const LONGEST_CHALLENGE = 64;
/** Octets of a block of AES. */
export const BLOCK = 16;

/**
 * One direction of an HLS authentication (passes 3 and 4): the side that answers, and the challenge that it answers. Client and server fill it in
 * alike: the client answers f(StoC), the server f(CtoS).
 */
export interface HlsPass {
  /** The challenge that is answered: StoC when the client answers. */
  readonly challenge: Uint8Array;
  /** The challenge that the answering side itself has sent: CtoS when the client answers. Mechanisms 6 and 7. */
  readonly otherChallenge: Uint8Array;
  /** System title of the answering side. Mechanisms 5, 6 and 7. */
  readonly systemTitle?: Uint8Array;
  /** System title of the side that is answered. Mechanisms 6 and 7. */
  readonly otherSystemTitle?: Uint8Array;
  /** HLS secret of the association. Mechanisms 2, 3, 4 and 6. */
  readonly secret?: Uint8Array;
  /** Global unicast encryption key and authentication key. Mechanism 5. */
  readonly encryptionKey?: Uint8Array;
  readonly authenticationKey?: Uint8Array;
}

/** What an answer needs in addition, depending on the mechanism. */
export interface HlsAnswering extends HlsPass {
  /** Mechanism 5: the security suite of the keys. Default 0. */
  readonly suite?: SuiteId;
  /** Mechanism 5: a counter of the global encryption key, used up by this answer. */
  readonly invocationCounter?: number;
  /** Mechanism 7. */
  readonly signature?: { readonly curve: Curve; readonly privateKey: Uint8Array };
}

export interface HlsChecking extends HlsPass {
  /** Mechanism 7: public key of the answering side. */
  readonly signature?: { readonly curve: Curve; readonly publicKey: Uint8Array };
}

/**
 * f(challenge): the answer that proves that a side knows the secret (Green Book 9.2.2.2.2.4 and table 30).
 *
 * - 2: AES-128-ECB of the challenge under the secret, both filled with zeros to 16 octets: the standard leaves this mechanism to
 *   companion specifications, and this is how Indian meters and common tools do it
 * - 3, 4: MD5 or SHA-1 over challenge || secret
 * - 5: SC || IC || GMAC over SC || AK || challenge
 * - 6: SHA-256 over secret || own title || other title || challenge || other challenge
 * - 7: ECDSA signature of the same without the secret
 * @throws SecurityError `missing-key` that names what is missing.
 */
export function hlsAnswer(crypto: CryptoProvider, mechanism: HlsMechanismId, pass: HlsAnswering): Uint8Array {
  if (mechanism === 5) {
    const counter = needed(pass.invocationCounter, 'invocation counter');
    const context = gmacContext(pass, counter, GMAC_CONTROL | (pass.suite ?? 0));
    const answer = new Uint8Array(GMAC_HEADER + TAG_LENGTH);
    answer[0] = context.control;
    writeCounter(answer, 1, counter);
    answer.set(protect(crypto, context, pass.challenge).subarray(-TAG_LENGTH), GMAC_HEADER);
    return answer;
  }
  if (mechanism === 7) {
    const { curve, privateKey } = needed(pass.signature, 'private signing key');
    return crypto.sign(curve, privateKey, titlesAndChallenges(pass));
  }
  return digest(crypto, mechanism, pass);
}

/**
 * Whether the answer of the other side is right. Compares in constant time.
 * @throws SecurityError `missing-key` that names what is missing to check it.
 */
export function hlsHolds(
  crypto: CryptoProvider,
  mechanism: HlsMechanismId,
  pass: HlsChecking,
  answer: Uint8Array,
): boolean {
  if (mechanism === 5) return gmacHolds(crypto, pass, answer);
  if (mechanism === 7) {
    const { curve, publicKey } = needed(pass.signature, 'public signing key of the other side');
    return crypto.verify(curve, publicKey, titlesAndChallenges(pass), answer);
  }
  return equalConstantTime(digest(crypto, mechanism, pass), answer);
}

/** The invocation counter in an answer of mechanism 5, which must be checked against replay; undefined when the answer has another form. */
export function hlsInvocationCounter(answer: Uint8Array): number | undefined {
  if (answer.length !== GMAC_HEADER + TAG_LENGTH) return undefined;
  return new DataView(answer.buffer, answer.byteOffset).getUint32(1);
}

/**
 * A challenge from the cryptographic random generator: 8 to 64 octets. Default 16, which mechanism 2 needs.
 * @throws SecurityError `bad-challenge` for another length.
 */
export function makeChallenge(crypto: Pick<CryptoProvider, 'random'>, length = BLOCK): Uint8Array {
  checkChallengeLength(length);
  return crypto.random(length);
}

const GMAC_CONTROL = 0x10;
const GMAC_HEADER = 5;

function gmacContext(pass: HlsPass, invocationCounter: number, control: number) {
  return {
    control,
    invocationCounter,
    systemTitle: needed(pass.systemTitle, 'system title of the answering side'),
    keys: {
      encryption: needed(pass.encryptionKey, 'encryption key'),
      authentication: needed(pass.authenticationKey, 'authentication key'),
    },
  };
}

function gmacHolds(crypto: CryptoProvider, pass: HlsPass, answer: Uint8Array): boolean {
  const counter = hlsInvocationCounter(answer);
  // The other side chooses the suite: its number in the low bits of the control byte is authenticated.
  const control = answer[0] as number;
  if (counter === undefined || (control & 0xf0) !== GMAC_CONTROL) return false;
  try {
    unprotect(crypto, gmacContext(pass, counter, control), concat(pass.challenge, answer.subarray(GMAC_HEADER)));
    return true;
  } catch (error) {
    if (error instanceof SecurityError && error.reason === 'bad-tag') return false;
    throw error;
  }
}

function digest(crypto: CryptoProvider, mechanism: 2 | 3 | 4 | 6, pass: HlsPass): Uint8Array {
  const secret = needed(pass.secret, 'HLS secret');
  switch (mechanism) {
    case 2:
      return crypto.ecbEncrypt(secretAsKey(secret), filled(pass.challenge));
    case 3:
      return crypto.hash('md5', concat(pass.challenge, secret));
    case 4:
      return crypto.hash('sha-1', concat(pass.challenge, secret));
    case 6:
      return crypto.hash('sha-256', concat(secret, titlesAndChallenges(pass)));
  }
}

function titlesAndChallenges(pass: HlsPass): Uint8Array {
  return concat(
    needed(pass.systemTitle, 'system title of the answering side'),
    needed(pass.otherSystemTitle, 'system title of the side that is answered'),
    pass.challenge,
    pass.otherChallenge,
  );
}

function secretAsKey(secret: Uint8Array): Uint8Array {
  if (secret.length === 0 || secret.length > BLOCK) {
    throw new SecurityError(
      'bad-key',
      `the HLS secret has ${counted(secret.length, 'octet')}, HLS mechanism 2 takes 1 to ${BLOCK}`,
      {
        hint: `give the secret as ${BLOCK} characters or ${2 * BLOCK} hexadecimal digits`,
      },
    );
  }
  return filled(secret);
}

/** Filled with zeros to whole blocks: what mechanism 2 enciphers. */
export function filled(octets: Uint8Array): Uint8Array {
  const blocks = new Uint8Array(Math.ceil(octets.length / BLOCK) * BLOCK);
  blocks.set(octets);
  return blocks;
}

/** Whether a challenge may have so many octets: 8 to 64. */
export function isChallengeLength(length: number): boolean {
  return length >= SHORTEST_CHALLENGE && length <= LONGEST_CHALLENGE;
}

/** @throws SecurityError `bad-challenge` when a challenge has not 8 to 64 octets. */
export function checkChallengeLength(length: number): void {
  if (isChallengeLength(length)) return;
  throw new SecurityError(
    'bad-challenge',
    `a challenge of ${counted(length, 'octet')}, ${SHORTEST_CHALLENGE} to ${LONGEST_CHALLENGE} are allowed`,
  );
}

function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new SecurityError('missing-key', `this authentication needs the ${what}, which was not given`);
  return value;
}
