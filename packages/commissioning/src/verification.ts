import { type Millis, StateError } from 'cosem';

/** Why a code was not accepted, or none was sent. Each has one sentence, see `messages.ts`. */
export type VerificationRefusal =
  | 'wrong'
  | 'expired'
  | 'used'
  | 'locked'
  | 'rate-limited'
  | 'not-provisioned'
  | 'no-network'
  | 'service-error'
  /** Another code was asked under the same idempotency key. */
  | 'conflict';

/** What came of a code. Never holds the code. */
export type VerificationOutcome =
  | { readonly verified: true; readonly method: VerificationMethod; readonly reference: string; readonly at: Millis }
  | {
      readonly verified: false;
      readonly reason: VerificationRefusal;
      readonly triesLeft?: number;
      /** When the next try is taken. */
      readonly retryAt?: Millis;
    };

export type VerificationMethod = 'http' | 'offline-code' | 'hotp' | 'totp';

/** Who is asked for a code. Of the mobile number only the last four digits are known here. */
export interface ConsumerIdentity {
  readonly workOrder: string;
  readonly consumerNumber: string;
  readonly mobileLast4: string;
}

/** What came of asking for a code. `sent` is false with a refusal, or where nothing needs to be sent: the consumer has the code. */
export interface CodeRequest {
  readonly sent: boolean;
  readonly refusal?: VerificationRefusal;
  /** When asking again is taken. */
  readonly retryAt?: Millis;
}

/** What the journal of a work order knows of codes that a verifier with tries of its own was asked for. */
export interface AskedBefore {
  /** Whether there was any. */
  readonly asked: boolean;
  /** How many of them were judged and not right. */
  readonly wrong: number;
}

/** Finds out whether the person at the door holds the registered mobile of the consumer. */
export interface ConsumerVerifier {
  /**
   * Has a code sent to the registered mobile; an offline verifier has nothing to send. The same key asked again sends nothing twice.
   * Refusals are outcomes, not errors.
   */
  request(consumer: ConsumerIdentity, idempotencyKey: string): Promise<CodeRequest>;
  /**
   * Of a verifier that keeps the tries itself: told before a code is written down as asked for, so that it finds out when what it kept is
   * gone.
   * @throws StorageError when it cannot keep them: then nothing is asked.
   */
  begin?(consumer: ConsumerIdentity, before: AskedBefore): void;
  /** Checks a code. The same key asked again counts as one try and gives the first outcome: a key is for one code. */
  verify(consumer: ConsumerIdentity, code: OneTimeCode, idempotencyKey: string): Promise<VerificationOutcome>;
}

/**
 * Six digits that a person typed. Prints as `******` wherever it may be printed; {@link reveal} is for the comparison and the
 * utility's service alone.
 */
export class OneTimeCode {
  readonly #digits: string;

  private constructor(digits: string) {
    this.#digits = digits;
  }

  /**
   * Reads a code as typed: blanks and a dash are allowed, Devanagari digits too.
   * @throws StateError when it has not six digits. The message does not repeat what was typed.
   */
  static parse(text: string): OneTimeCode {
    const digits = text
      .replace(/[\s-]/g, '')
      .replace(/[\u0966-\u096f]/g, (digit) => String(digit.charCodeAt(0) - 0x966));
    if (!/^[0-9]{6}$/.test(digits)) {
      throw new StateError('the OTP has six digits', {
        hint: 'ask the consumer to read the six digits of the message again',
      });
    }
    return new OneTimeCode(digits);
  }

  /** The digits: for the comparison, and for the utility's service. */
  reveal(): string {
    return this.#digits;
  }

  toString(): string {
    return '******';
  }

  toJSON(): string {
    return '******';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'OneTimeCode(******)';
  }
}
