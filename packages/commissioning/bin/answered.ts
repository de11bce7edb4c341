import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { Interrupted, type Io, UsageError } from 'cosem/command';
import {
  type Answers,
  type DocumentInput,
  type IndexInput,
  type InstallerInput,
  type NewMeterInput,
  type OldMeterInput,
  OneTimeCode,
  type PhotoInput,
  type PhotoKind,
  type Refusal,
  readPhoto,
  type StepId,
} from '../src/index.js';
import type { Choice, Inputs } from './inputs.js';

/** Refusals of an OTP after which another one may be right. */
const ANOTHER: ReadonlySet<string> = new Set([
  'otp-wrong',
  'otp-used',
  'otp-expired',
  'otp-expired-here',
  'otp-unknown',
  'otp-fell-back',
]);

/** Answers of a file: what it does not answer ends the work, everything before is kept. */
export class AnsweredInputs implements Inputs {
  readonly explanations: Answers['explanations'];
  readonly #answers: Answers;
  readonly #file: string;
  readonly #io: Io;
  readonly #codes: string[];
  #lines: AsyncIterator<string> | undefined;

  constructor(answers: Answers, file: string, io: Io) {
    this.#answers = answers;
    this.#file = file;
    this.#io = io;
    this.#codes = [...answers.otp];
    this.explanations = answers.explanations;
  }

  skipping(step: StepId): string | undefined {
    return this.#answers.skip[step];
  }

  async installer(): Promise<InstallerInput> {
    return this.#given(this.#answers.installer, 'installer');
  }

  async code(): Promise<OneTimeCode> {
    return OneTimeCode.parse(await this.#secret(this.#given(this.#codes.shift(), 'otp'), 'otp'));
  }

  async documents(): Promise<readonly DocumentInput[]> {
    const documents: DocumentInput[] = [];
    for (const { type, number } of this.#given(this.#answers.documents, 'documents')) {
      documents.push({ type, number: await this.#secret(number, 'documents') });
    }
    return documents;
  }

  async oldMeter(): Promise<OldMeterInput> {
    return this.#given(this.#answers.oldMeter, 'oldMeter');
  }

  async newMeter(): Promise<NewMeterInput> {
    return { seals: this.#answers.seals ?? [] };
  }

  async photos(kinds: readonly PhotoKind[]): Promise<readonly PhotoInput[]> {
    const given = this.#answers.photos.filter(({ kind }) => kinds.includes(kind));
    return given.map(({ kind, file }) => ({ kind, name: basename(file), read: () => readPhoto(file) }));
  }

  async supplyMayBeCut(): Promise<boolean> {
    return this.#answers.supplyMayBeCut || this.#missing('supplyMayBeCut', 'true');
  }

  async explanation(): Promise<string> {
    return this.#missing('explanations', 'one');
  }

  async index(): Promise<IndexInput> {
    const { position, positionExplanation: explanation } = this.#answers;
    return { position, ...(explanation === undefined ? {} : { explanation }) };
  }

  async afterRefusal(_step: string, { code }: Refusal, choices: readonly Choice[]): Promise<Choice> {
    if (this.#codes.length === 0 || !ANOTHER.has(code)) return 'stop';
    return code === 'otp-wrong' || !choices.includes('resend') ? 'again' : 'resend';
  }

  async reason(): Promise<string> {
    return this.#missing('skip', 'a reason');
  }

  accepted(): void {}

  #given<T>(value: T | undefined, field: string): T {
    return value ?? this.#missing(field, 'an answer');
  }

  #missing(field: string, what: string): never {
    throw new UsageError(
      `${this.#file} gives no ${field === 'otp' ? 'further otp' : field}, which this step needs`,
      `give ${what} for ${field} and run it again: what was done is kept`,
    );
  }

  /** `stdin`: a line of the standard input; `env:NAME`: a variable; else itself. Never shown. */
  async #secret(text: string, field: string): Promise<string> {
    if (text.startsWith('env:')) {
      const name = text.slice(4);
      const value = this.#io.env[name];
      if (value) return value;
      throw new UsageError(`${field} of ${this.#file} is in ${name}, which the environment does not have`);
    }
    if (text !== 'stdin') return text;
    this.#lines ??= createInterface({ input: this.#io.stdin })[Symbol.asyncIterator]();
    const line = await this.#interruptible(this.#lines.next());
    if (line.done === true) {
      throw new UsageError(
        `the standard input ended before ${field} came`,
        `${field} of ${this.#file} is a line of the standard input`,
      );
    }
    return line.value.trim();
  }

  #interruptible<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#io;
    if (signal.aborted) throw new Interrupted();
    return new Promise((resolve, reject) => {
      const stop = () => reject(new Interrupted());
      signal.addEventListener('abort', stop, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  /** Lets go of the standard input. */
  close(): void {
    void this.#lines?.return?.();
    this.#lines = undefined;
  }
}
