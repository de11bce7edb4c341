import { type Clock, fromHex, type Millis } from 'cosem';
import { equalConstantTime, fromLatin1 } from 'cosem/protocol';
import { hashCode, hotp, type OfflineCredential, totpCounter } from './otp.js';
import type {
  AskedBefore,
  ConsumerIdentity,
  ConsumerVerifier,
  OneTimeCode,
  VerificationMethod,
  VerificationOutcome,
} from './verification.js';

/** What must survive a restart: a try counts before it is checked, and a code can be used once. */
export interface AttemptState {
  /** Wrong codes since the last right one. */
  readonly failures: number;
  readonly locked: boolean;
  readonly lastTry: Millis | undefined;
  /** Ids of hashed codes, or counters of HOTP and TOTP, that were used. */
  readonly used: readonly string[];
  /** The last outcomes by idempotency key, so that asking again is not another try. */
  readonly answered: Readonly<Record<string, VerificationOutcome>>;
}

/** Keeps {@link AttemptState} by work order. `save` returns when the state is durable. */
export interface AttemptStore {
  load(workOrder: string): AttemptState | undefined;
  save(workOrder: string, state: AttemptState): void;
}

/** After this many wrong codes a work order is locked. */
export const MAX_TRIES = 5;
/** The shortest time between two tries: it allows at most thirty codes a minute. */
export const MIN_PAUSE: Millis = 2_000;
const KEPT_ANSWERS = 16;
/** The state of a work order without tries. */
export const FRESH: AttemptState = { failures: 0, locked: false, lastTry: undefined, used: [], answered: {} };

/**
 * Checks codes without a network, against the hashes or the seed in the work order. After five wrong ones it is locked until the utility
 * issues a new work order. Setting back the laptop's clock neither revives an expired code nor blocks the next try.
 */
export class OfflineVerifier implements ConsumerVerifier {
  readonly #credentials: (workOrder: string) => OfflineCredential | undefined;
  readonly #store: AttemptStore;
  readonly #clock: Clock;

  constructor(credentials: (workOrder: string) => OfflineCredential | undefined, store: AttemptStore, clock: Clock) {
    this.#credentials = credentials;
    this.#store = store;
    this.#clock = clock;
  }

  /** Whether a work order brought a code, or a seed of codes, that can be checked here. */
  isProvisioned(workOrder: string): boolean {
    return this.#credentials(workOrder) !== undefined;
  }

  async request(): Promise<{ readonly sent: false }> {
    return { sent: false };
  }

  /**
   * Makes sure that the store has an entry for the order. If the journal says that codes were asked before but the store has no entry, the
   * file with the tries was lost, and the order is locked as after five wrong codes. If an older file was put back, the journal knows of
   * more tries, and those count.
   */
  begin({ workOrder }: ConsumerIdentity, { asked, wrong }: AskedBefore): void {
    const state = this.#store.load(workOrder);
    const failures = state === undefined && asked ? MAX_TRIES : Math.max(state?.failures ?? 0, wrong);
    if (failures === state?.failures) return;
    this.#store.save(workOrder, { ...(state ?? FRESH), failures, locked: failures >= MAX_TRIES });
  }

  async verify(
    { workOrder }: ConsumerIdentity,
    code: OneTimeCode,
    idempotencyKey: string,
  ): Promise<VerificationOutcome> {
    const credential = this.#credentials(workOrder);
    if (credential === undefined) return { verified: false, reason: 'not-provisioned' };
    const before = this.#store.load(workOrder) ?? FRESH;
    if (Object.hasOwn(before.answered, idempotencyKey)) return before.answered[idempotencyKey] as VerificationOutcome;
    if (before.locked) return { verified: false, reason: 'locked', triesLeft: 0 };
    const now = this.#clock.now();
    const lastTry = before.lastTry ?? Number.NEGATIVE_INFINITY;
    const triesLeft = MAX_TRIES - before.failures;
    if (now >= lastTry && now < lastTry + MIN_PAUSE) {
      return { verified: false, reason: 'rate-limited', retryAt: lastTry + MIN_PAUSE, triesLeft };
    }
    const time = Math.max(now, lastTry);
    if (time >= lastExpiry(credential)) return { verified: false, reason: 'expired', triesLeft };
    // The try is stored before it is checked: a power cut in between costs a try and never gives one back.
    const failures = before.failures + 1;
    const counted: AttemptState = { ...before, failures, locked: failures >= MAX_TRIES, lastTry: time };
    this.#store.save(workOrder, counted);
    const { outcome, state } = judge(credential, code, counted, time, `${workOrder}/${idempotencyKey}`);
    this.#store.save(workOrder, { ...state, answered: remember(state.answered, idempotencyKey, outcome) });
    return outcome;
  }
}

/** When the last of its codes expires. */
function lastExpiry(credential: OfflineCredential): Millis {
  const dates = credential.type === 'hashed' ? credential.codes.map(({ expires }) => expires) : [credential.expires];
  return Math.max(...dates.map((date) => Date.parse(date)));
}

function judge(
  credential: OfflineCredential,
  code: OneTimeCode,
  state: AttemptState,
  now: Millis,
  reference: string,
): { outcome: VerificationOutcome; state: AttemptState } {
  const fitting = candidates(credential, code, state.used, now).filter(({ fits }) => fits);
  const good = fitting.find(({ used, expires }) => !used && now < expires);
  if (good !== undefined) {
    const outcome: VerificationOutcome = { verified: true, method: good.method, reference, at: now };
    return { outcome, state: { ...state, failures: 0, locked: false, used: [...state.used, good.id] } };
  }
  const cause = fitting.length === 0 ? 'wrong' : fitting.some(({ used }) => used) ? 'used' : 'expired';
  const triesLeft = MAX_TRIES - state.failures;
  return { outcome: { verified: false, reason: state.locked ? 'locked' : cause, triesLeft }, state };
}

/** One of the possible codes, and whether it is the one that was typed. */
interface Candidate {
  readonly id: string;
  readonly method: VerificationMethod;
  readonly expires: Millis;
  readonly used: boolean;
  readonly fits: boolean;
}

/** Compares with every possible code, each in constant time and without stopping at the first match. */
function candidates(
  credential: OfflineCredential,
  code: OneTimeCode,
  used: readonly string[],
  now: Millis,
): Candidate[] {
  if (credential.type === 'hashed') {
    return credential.codes.map(({ id, salt, hash, expires }) => ({
      id,
      method: 'offline-code',
      expires: Date.parse(expires),
      used: used.includes(id),
      fits: equalConstantTime(hashCode(code.reveal(), fromHex(salt), credential), fromHex(hash)),
    }));
  }
  const seed = fromHex(credential.seed);
  const typed = fromLatin1(code.reveal());
  // Using a counter makes all earlier ones invalid (RFC 4226 clause 7.2, RFC 6238 clause 5.2).
  const lastUsed = Math.max(-1, ...used.map(Number));
  return counters(credential, lastUsed, now).map((counter) => ({
    id: String(counter),
    method: credential.type,
    expires: Date.parse(credential.expires),
    used: counter <= lastUsed,
    fits: equalConstantTime(fromLatin1(hotp(seed, counter)), typed),
  }));
}

function counters(
  credential: Exclude<OfflineCredential, { type: 'hashed' }>,
  lastUsed: number,
  now: Millis,
): readonly number[] {
  if (credential.type === 'totp') {
    const present = totpCounter(now, credential.step);
    const skew = credential.skew ?? 1;
    return range(Math.max(0, present - skew), present + skew);
  }
  const { counter, window = 4 } = credential;
  return range(counter, Math.max(counter, lastUsed + 1) + window);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function remember(
  answered: AttemptState['answered'],
  key: string,
  outcome: VerificationOutcome,
): AttemptState['answered'] {
  const kept = Object.entries(answered).slice(1 - KEPT_ANSWERS);
  return Object.fromEntries([...kept, [key, outcome]]);
}
