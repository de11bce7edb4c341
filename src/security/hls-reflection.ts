import { equalBytes, toHex } from '../base/bytes.js';
import { SecurityError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { SYSTEM_TITLE_LENGTH } from './ciphering.js';
import { BLOCK, checkChallengeLength, filled, type HlsMechanismId, SHORTEST_CHALLENGE } from './hls.js';

/**
 * Reflection: whoever has not the secret lets us work out the answer that we wait for. Two answers are the same where f() computes over the
 * same octets, whatever the challenges look like: so those are compared.
 */
export interface ReceivedChallenge {
  /** The challenge that came, which we are asked to answer: StoC for a client. */
  readonly received: Uint8Array;
  /** Ours, whose answer we wait for: CtoS for a client. */
  readonly own: Uint8Array;
  /** Our system title, and that of the other side. Mechanisms 5, 6 and 7. */
  readonly ownTitle?: Uint8Array | undefined;
  readonly otherTitle?: Uint8Array | undefined;
}

/** What the caller bears by a word of its own. */
export interface BorneChallenges {
  /** Our own challenge, sent back as it was. */
  readonly echoed?: boolean;
  /** Mechanism 2: a challenge of another length than a block of AES. */
  readonly odd?: boolean;
}

const TITLED: ReadonlySet<HlsMechanismId> = new Set<HlsMechanismId>([5, 6, 7]);

/**
 * Whether the answer to one challenge could be that to another, or a part of it: mechanism 2 answers block by block, so that one block in
 * common is enough; of the others none may be the beginning of another, where a secret or a second challenge follows without a mark between.
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
 * Checks a challenge before it is answered (Green Book 9.2.2.2.2.4): no answer that we give may ever be one that we accept.
 *
 * - all: 8 to 64 octets, and not our own sent back
 * - 2: no block of AES in common with ours, filled with zeros as f() does it; from a meter one block and no more
 * - 3, 4: neither is the beginning of the other
 * - 5, 6, 7: both sides have a system title of eight octets, and not the same: so each side's answers are its own, and what is hashed can be
 *   cut in one way only
 * @returns what of `borne` was needed.
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
      hint: 'with other lengths a meter can have its own proof worked out by us. One that draws such challenges is taken with allowOddChallenge (--allow-odd-challenge) alone',
    },
  );
}

/** The refusal of a challenge that holds another. */
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

/** Challenges remembered: more associations than this do not wait for their answers at once. */
const REMEMBERED = 4096;

interface Sent {
  readonly octets: Uint8Array;
  /** Associations that wait for its answer: more than one where a caller gives it. */
  waiting: number;
}

/**
 * The challenges of one side whose answers are awaited, over all its associations: one that waits for its answer could get it from another that
 * shares its secret, where a challenge is passed on. An honest peer draws none of ours. Their number is bounded: who was pushed out is believed
 * no more, because its challenge may have been answered meanwhile.
 */
export class SentChallenges {
  /** By their octets, the oldest first. */
  readonly #sent = new Map<string, Sent>();
  /** The same by what another challenge has in common with them: so a check costs the same, however many there are. */
  readonly #related = new Map<string, Set<Sent>>();

  /**
   * Takes note of a challenge before it goes out.
   * @throws SecurityError `bad-challenge` when it has not 8 to 64 octets.
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
   * Whether an answer to our challenge may be believed: nobody had it from us. With 5, 6 and 7 our answers are never those of the other side.
   */
  awaits(mechanism: HlsMechanismId, own: Uint8Array): boolean {
    return TITLED.has(mechanism) || this.#sent.has(toHex(own));
  }

  /**
   * @param own that of this association, which {@link checkChallenge} has judged.
   * @throws SecurityError `bad-challenge` for a challenge that is made of one of them.
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

/** What one of two related challenges has in common with the other: a block for mechanism 2, else the octets that every challenge has. */
function marksOf(challenge: Uint8Array): readonly string[] {
  return [...blocksOf(challenge).map(toHex), beginningOf(challenge)];
}

function beginningOf(challenge: Uint8Array): string {
  return toHex(challenge.subarray(0, SHORTEST_CHALLENGE));
}
