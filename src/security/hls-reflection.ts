import { equalBytes, toHex } from '../base/bytes.js';
import { SecurityError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { SYSTEM_TITLE_LENGTH } from './ciphering.js';
import { BLOCK, checkChallengeLength, filled, type HlsMechanismId, SHORTEST_CHALLENGE } from './hls.js';

/**
 * Protects against reflection, where a peer without the secret lets us compute the answer that we wait for. Two answers are the same when f() is
 * computed over the same octets, so these are compared.
 */
export interface ReceivedChallenge {
  /** The challenge that we must answer: StoC for a client. */
  readonly received: Uint8Array;
  /** Our own challenge, whose answer we wait for: CtoS for a client. */
  readonly own: Uint8Array;
  /** Our system title, and that of the other side, for mechanisms 5, 6 and 7. */
  readonly ownTitle?: Uint8Array | undefined;
  readonly otherTitle?: Uint8Array | undefined;
}

/** Which odd challenges the caller has allowed. */
export interface BorneChallenges {
  /** Our own challenge, sent back as it was. */
  readonly echoed?: boolean;
  /** Mechanism 2: a challenge of another length than a block of AES. */
  readonly odd?: boolean;
}

const TITLED: ReadonlySet<HlsMechanismId> = new Set<HlsMechanismId>([5, 6, 7]);

/**
 * Whether the answer to one challenge could also be the answer to another, or a part of it. Mechanism 2 answers block by block, so one common block is
 * enough. With the others the secret or a second challenge follows without a separator, so neither challenge may be the beginning of the other.
 */
function relatedChallenges(mechanism: HlsMechanismId, one: Uint8Array, other: Uint8Array): boolean {
  if (mechanism === 2) {
    const blocks = blocksOf(other);
    return blocksOf(one).some((block) => blocks.some((known) => equalBytes(block, known)));
  }
  const length = Math.min(one.length, other.length);
  return equalBytes(one.subarray(0, length), other.subarray(0, length));
}

/**
 * Checks a challenge before it is answered (Green Book 9.2.2.2.2.4): we must never give an answer that we would accept ourselves.
 *
 * - all: 8 to 64 octets, and not our own sent back
 * - 2: no block of AES in common with ours, filled with zeros as f() does it; from a meter one block and no more
 * - 3, 4: neither is the beginning of the other
 * - 5, 6, 7: both sides have a system title of eight octets, and not the same: so each side's answers are its own, and what is hashed can be
 *   cut in one way only
 * @returns which allowance of `borne` was needed, if any.
 * @throws SecurityError `bad-challenge`.
 */
export function checkChallenge(
  mechanism: HlsMechanismId,
  challenge: ReceivedChallenge,
  borne: BorneChallenges = {},
): keyof BorneChallenges | undefined {
  const { received, own } = challenge;
  checkChallengeLength(received.length);
  if (TITLED.has(mechanism)) checkTitles(challenge);
  if (equalBytes(received, own)) {
    if (borne.echoed === true) return 'echoed';
    throw new SecurityError('bad-challenge', 'the other side sent our own challenge back as its challenge', {
      hint: 'somebody may be replaying: do not go on',
    });
  }
  if (relatedChallenges(mechanism, received, own)) throw reflected('our own challenge');
  if (mechanism !== 2 || received.length === BLOCK) return undefined;
  if (borne.odd === true) return 'odd';
  throw new SecurityError(
    'bad-challenge',
    `the other side sent a challenge of ${counted(received.length, 'octet')}: HLS mechanism 2 enciphers one block of ${BLOCK}`,
    {
      hint: 'with other lengths a meter can let us compute its own proof. A meter that draws such challenges is accepted only with allowOddChallenge (--allow-odd-challenge)',
    },
  );
}

/** The refusal of a challenge that contains another. */
function reflected(whose: string): SecurityError {
  return new SecurityError('bad-challenge', `the challenge of the other side is made of ${whose}`, {
    hint: 'somebody without the secret may be asking us for the answer: do not go on',
  });
}

function checkTitles({ ownTitle, otherTitle }: ReceivedChallenge): void {
  for (const [title, whose] of [
    [ownTitle, 'our system title'],
    [otherTitle, 'the system title of the other side'],
  ] as const) {
    if (title?.length === SYSTEM_TITLE_LENGTH) continue;
    const has = title === undefined ? 'is not known' : `has ${counted(title.length, 'octet')}`;
    throw new SecurityError(
      'bad-challenge',
      `${whose} ${has}: this authentication needs ${SYSTEM_TITLE_LENGTH} octets of each side`,
      { hint: 'without them the answers of one side could be those of the other: do not go on' },
    );
  }
  if (!equalBytes(ownTitle as Uint8Array, otherTitle as Uint8Array)) return;
  throw new SecurityError('bad-challenge', 'the other side has our own system title', {
    hint: 'our answers would be its own: give this client a system title that no meter has',
  });
}

function blocksOf(challenge: Uint8Array): readonly Uint8Array[] {
  const octets = filled(challenge);
  return Array.from({ length: octets.length / BLOCK }, (_, i) => octets.subarray(i * BLOCK, (i + 1) * BLOCK));
}

/** The most challenges that are remembered: more associations than this do not wait for their answers at once. */
const REMEMBERED = 4096;

interface Sent {
  readonly octets: Uint8Array;
  /** Number of associations that wait for its answer: more than one when a caller gives the challenge. */
  waiting: number;
}

/**
 * The challenges of one side whose answers are awaited, over all its associations. A peer could pass the challenge of one association on to another
 * with the same secret, to get its answer there; an honest peer never draws one of our challenges. The number is bounded. An association whose
 * challenge was pushed out is no longer trusted, because its challenge may have been answered meanwhile.
 */
export class SentChallenges {
  /** The challenges by their octets, the oldest first. */
  readonly #sent = new Map<string, Sent>();
  /** The same by what related challenges have in common, so that a check costs the same however many there are. */
  readonly #related = new Map<string, Set<Sent>>();

  /**
   * Remembers a challenge before it is sent.
   * @throws SecurityError `bad-challenge` when its length is not 8 to 64 octets.
   */
  note(challenge: Uint8Array): void {
    checkChallengeLength(challenge.length);
    const name = toHex(challenge);
    const sent = this.#sent.get(name) ?? { octets: challenge.slice(), waiting: 0 };
    sent.waiting += 1;
    this.#sent.delete(name);
    this.#sent.set(name, sent);
    for (const mark of marksOf(challenge)) {
      const marked = this.#related.get(mark);
      if (marked === undefined) this.#related.set(mark, new Set([sent]));
      else marked.add(sent);
    }
    if (this.#sent.size <= REMEMBERED) return;
    const [oldest = name] = this.#sent.keys();
    this.#remove(oldest);
  }

  /** Its answer came, or is awaited no more: it is worth nothing from then on. Undefined where there is none. */
  forget(challenge: Uint8Array | undefined): void {
    if (challenge === undefined) return;
    const name = toHex(challenge);
    const sent = this.#sent.get(name);
    if (sent === undefined) return;
    sent.waiting -= 1;
    if (sent.waiting === 0) this.#remove(name);
  }

  /**
   * Whether an answer to our challenge may be trusted, because nobody can have got it from us. With 5, 6 and 7 our answers are never those of the other
   * side.
   */
  awaits(mechanism: HlsMechanismId, own: Uint8Array): boolean {
    return TITLED.has(mechanism) || this.#sent.has(toHex(own));
  }

  /**
   * Checks a received challenge against all remembered ones.
   * @param own the challenge of this association, which {@link checkChallenge} has checked.
   * @throws SecurityError `bad-challenge` for a challenge that is related to one of them.
   */
  check(mechanism: HlsMechanismId, { received, own }: Pick<ReceivedChallenge, 'received' | 'own'>): void {
    const marks = mechanism === 2 ? blocksOf(received).map(toHex) : [beginningOf(received)];
    for (const mark of marks) {
      for (const { octets } of this.#related.get(mark) ?? []) {
        if (!equalBytes(octets, own) && relatedChallenges(mechanism, received, octets)) {
          throw reflected('one that we sent in another association');
        }
      }
    }
  }

  #remove(name: string): void {
    const sent = this.#sent.get(name);
    if (sent === undefined) return;
    this.#sent.delete(name);
    for (const mark of marksOf(sent.octets)) {
      const marked = this.#related.get(mark);
      marked?.delete(sent);
      if (marked?.size === 0) this.#related.delete(mark);
    }
  }
}

/** What two related challenges have in common: a block for mechanism 2, otherwise the first octets, which every challenge has. */
function marksOf(challenge: Uint8Array): readonly string[] {
  return [...blocksOf(challenge).map(toHex), beginningOf(challenge)];
}

function beginningOf(challenge: Uint8Array): string {
  return toHex(challenge.subarray(0, SHORTEST_CHALLENGE));
}
