import { type Millis, StateError } from 'cosem';

/** Why a code was not accepted or not sent. Each has one sentence, see `messages.ts`. */
export type VerificationRefusal =
  | 'wrong'
  | 'expired'
  | 'used'
  | 'locked'
  | 'rate-limited'
  | 'not-provisioned'
  | 'no-network'
  /** Its machine was reached, but nobody answers there: it is down, or starts again. */
  | 'service-down'
  | 'service-error'
  /** Another code was sent under the same idempotency key. */
  | 'conflict'
  /** The service is not reached any more: from now on the code that the utility gave beforehand is checked, without it. */
  | 'fell-back';

/** The result of checking a code. It never contains the code. */
export type VerificationOutcome =
  | { readonly verified: true; readonly method: VerificationMethod; readonly reference: string; readonly at: Millis }
  | {
      readonly verified: false;
      readonly reason: VerificationRefusal;
      readonly triesLeft?: number;
      /** The earliest time of the next try. */
      readonly retryAt?: Millis;
    };

export type VerificationMethod = 'http' | 'offline-code' | 'hotp' | 'totp';

/** The consumer whose code is checked. Of the mobile number only the last four digits are known here. */
export interface ConsumerIdentity {
  readonly workOrder: string;
  readonly consumerNumber: string;
  readonly mobileLast4: string;
}

/**
 * The result of requesting a code. `sent` is false with a refusal, and also where nothing needs to be sent because the consumer already has
 * the code.
 */
export interface CodeRequest {
  readonly sent: boolean;
  readonly refusal?: VerificationRefusal;
  /** The earliest time of the next request. */
  readonly retryAt?: Millis;
}

/** What the journal of a work order knows about codes that were given to a verifier which counts tries itself. */
export interface AskedBefore {
  /** Whether there were any. */
  readonly asked: boolean;
  /** How many of them were checked and wrong. */
  readonly wrong: number;
}

/** Finds out whether the person at the door holds the registered mobile of the consumer. */
export interface ConsumerVerifier {
  /**
   * Requests a code to be sent to the registered mobile; an offline verifier sends nothing. Asking again with the same key sends nothing
   * twice. Refusals are outcomes, not errors.
   */
  request(consumer: ConsumerIdentity, idempotencyKey: string): Promise<CodeRequest>;
  /**
   * For verifiers that count the tries themselves: called before the journal notes that a code is checked, so that the verifier notices
   * when its own counts were lost.
   * @throws StorageError when it cannot store them: then nothing is checked.
   */
  readonly begin?: ((consumer: ConsumerIdentity, before: AskedBefore) => void) | undefined;
  /** Checks a code. Asking again with the same key counts as one try and gives the first outcome. A key belongs to one code. */
  verify(consumer: ConsumerIdentity, code: OneTimeCode, idempotencyKey: string): Promise<VerificationOutcome>;
}

/**
 * Six digits that a person typed. It prints as `******` everywhere; {@link reveal} is only for the comparison and for the utility's
 * service.
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
