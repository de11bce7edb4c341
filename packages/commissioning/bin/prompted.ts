import { confirm, isCancel, password, select, settings, text } from '@clack/prompts';
import type { Clock } from 'cosem';
import { Interrupted, type Io } from 'cosem/command';
import { dateText, visibleText } from 'cosem/inspect';
import {
  DOCUMENT_KINDS,
  type DocumentInput,
  documentKindIn,
  documentName,
  documentNumberIn,
  finalReadingIn,
  type IndexInput,
  type InstallationOrder,
  type InstallerInput,
  installerNameIn,
  type Language,
  letterDayIn,
  type MessageCode,
  type MessageParams,
  type NewMeterInput,
  type OldMeterInput,
  OneTimeCode,
  type PhotoInput,
  type PhotoKind,
  type Policy,
  type Preferences,
  type Refusal,
  readableIn,
  type SurveyedMeter,
  say,
  typedPosition,
  UNREADABLE,
} from '../src/index.js';
import type { Choice, Inputs } from './inputs.js';
import { PhotoPrompts } from './photo-prompts.js';
import { refusedBy } from './refused-by.js';

type Common = Required<Pick<Parameters<typeof text>[0], 'input' | 'output' | 'signal'>>;

/** Questions on a terminal, on stderr: stdout is for what comes of it. */
export class Prompts {
  readonly language: Language;
  readonly #io: Io;

  constructor(io: Io, language: Language) {
    this.language = language;
    this.#io = io;
    settings.messages.cancel = say(language, 'now-stop');
  }

  words(code: MessageCode, params?: MessageParams): string {
    return say(this.language, code, params);
  }

  async text(
    message: string,
    { initial = '', optional = false, check = (_: string): string | undefined => undefined } = {},
  ) {
    const validate = (value: string | undefined) =>
      (value ?? '').trim() === '' ? (optional ? undefined : this.words('needed')) : check((value ?? '').trim());
    return (
      await this.#asked((common) =>
        text({ ...common, message: visibleText(message), initialValue: visibleText(initial), validate }),
      )
    ).trim();
  }

  /** Shown as dots, and as nothing afterwards. */
  async secret(message: string, check = (_: string): string | undefined => undefined): Promise<string> {
    const validate = (value: string | undefined) => check((value ?? '').trim());
    return (
      await this.#asked((common) =>
        password({ ...common, message: visibleText(message), clearOnError: true, validate }),
      )
    ).trim();
  }

  async yes(message: string, initialValue: boolean): Promise<boolean> {
    const [active, inactive] = [this.words('yes'), this.words('no')];
    return this.#asked((common) =>
      confirm({ ...common, message: visibleText(message), active, inactive, initialValue }),
    );
  }

  async one<T extends string>(
    message: string,
    options: readonly { value: T; label: string; hint?: string }[],
    initialValue?: T,
  ): Promise<T> {
    const shown = options.map(({ value, label, hint }) => ({
      value: value as string,
      label: visibleText(label),
      ...(hint ? { hint: visibleText(hint) } : {}),
    }));
    const chosen = await this.#asked((common) =>
      select({ ...common, message: visibleText(message), options: shown, initialValue, showInstructions: false }),
    );
    return chosen as T;
  }

  /** The library listens to its signal for good: each question gets one of its own. @throws Interrupted on Ctrl-C. */
  async #asked<T>(ask: (common: Common) => Promise<T>): Promise<Exclude<T, symbol>> {
    const { stdin: input, stderr: output, signal } = this.#io;
    if (signal.aborted) throw new Interrupted();
    const own = new AbortController();
    const stop = () => own.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const answer = await ask({ input, output, signal: own.signal });
      if (isCancel(answer)) throw new Interrupted();
      return answer as Exclude<T, symbol>;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** The language, asked in both. */
export async function askLanguage(io: Io): Promise<Language> {
  return new Prompts(io, 'en').one('Language · भाषा', [
    { value: 'hi', label: 'हिन्दी' },
    { value: 'en', label: 'English' },
  ]);
}

const LABELS = {
  again: 'now-again',
  resend: 'now-resend',
  explain: 'now-explain',
  skip: 'now-skip',
  stop: 'now-stop',
} as const satisfies Record<Choice, MessageCode>;

/** What answers are checked against while they are typed. */
export interface Checks {
  readonly clock: Clock;
  readonly policy: Policy;
  /** Whose the signing key is. */
  readonly keyOwner: string;
}

/** A person at a terminal. */
export class PromptedInputs implements Inputs {
  readonly explanations = {};
  readonly #prompts: Prompts;
  readonly #remembered: Preferences;
  readonly #remember: (installer: Preferences['installer']) => void;
  readonly #checks: Checks;
  /** What was typed in this run: offered where a step is done again. */
  readonly #typed = new Map<MessageCode, string>();
  #installer: Preferences['installer'];
  readonly #photos: PhotoPrompts;
  readonly #types: string[] = [];
  #seals: readonly string[] = [];

  /** @param remember keeps what was taken for the next run. */
  constructor(
    prompts: Prompts,
    remembered: Preferences,
    remember: (installer: Preferences['installer']) => void,
    checks: Checks,
  ) {
    this.#prompts = prompts;
    this.#remembered = remembered;
    this.#remember = remember;
    this.#checks = checks;
    this.#photos = new PhotoPrompts(prompts);
  }

  skipping(): undefined {
    return undefined;
  }

  async installer(): Promise<InstallerInput> {
    const before = this.#remembered.installer;
    const { keyOwner: owner } = this.#checks;
    const id = await this.#ask('ask-installer-id', before?.id);
    const name = await this.#ask('ask-installer-name', owner || before?.name, (text) => installerNameIn(text, owner));
    const letter = await this.#ask('ask-letter', before?.letter);
    const letterValidUntil = await this.#ask('ask-letter-until', dateText(before?.letterValidUntil ?? ''), (text) =>
      letterDayIn(text, letter, this.#checks),
    );
    const installer = { id, name, letter, letterValidUntil: letterDayIn(letterValidUntil, letter, this.#checks) };
    this.#installer = installer;
    await this.cardShown();
    return { ...installer, identityCardShown: true };
  }

  /** Asks until the identity card was shown: nothing is taken for granted, and without it nothing goes on. */
  protected async cardShown(): Promise<void> {
    if (await this.#prompts.yes(this.#prompts.words('ask-card'), false)) return;
    const again = `${this.#prompts.words('card-not-shown')} ${this.#prompts.words('ask-card')}`;
    while (!(await this.#prompts.yes(again, false)));
  }

  async code(): Promise<OneTimeCode> {
    const typed = await this.#prompts.secret(this.#prompts.words('ask-otp'), (text) =>
      isCode(text) ? undefined : this.#prompts.words('otp-form'),
    );
    return OneTimeCode.parse(typed);
  }

  async documents(policy: Policy): Promise<readonly DocumentInput[]> {
    const documents = await this.requiredDocuments(policy);
    while (await this.#prompts.yes(this.#prompts.words('ask-document-more'), false)) {
      documents.push(await this.#document(documents.length + 1, policy));
    }
    return documents;
  }

  /** As many documents as the policy wants. */
  protected async requiredDocuments(policy: Policy): Promise<DocumentInput[]> {
    const documents: DocumentInput[] = [];
    while (documents.length < policy.documents.required) {
      documents.push(await this.#document(documents.length + 1, policy));
    }
    return documents;
  }

  async #document(number: number, { documents: { types } }: Policy): Promise<DocumentInput> {
    const type = await this.#documentType(number, types);
    const check = (text: string) =>
      refusedBy(() => documentNumberIn(text, documentKindIn(type), number), this.#prompts.language);
    return { type, number: await this.#prompts.secret(this.#prompts.words('ask-document-number'), check) };
  }

  /** One of the kinds that the policy takes; where it takes any, another may be typed. */
  async #documentType(number: number, types: readonly string[]): Promise<string> {
    const { language } = this.#prompts;
    const kinds = types.length === 0 ? DOCUMENT_KINDS : types.map(documentKindIn);
    const options = kinds.map((value) => ({ value, label: documentName(value, language) }));
    // No kind is named so.
    const other = types.length === 0 ? [{ value: '-', label: this.#prompts.words('document-other') }] : [];
    const before = this.#types[number - 1];
    const initial = before === undefined || kinds.includes(before) ? before : '-';
    const chosen = await this.#prompts.one(
      this.#prompts.words('ask-document-type', { number }),
      [...options, ...other],
      initial,
    );
    const type =
      chosen === '-'
        ? await this.#prompts.text(this.#prompts.words('ask-document-other'), { initial: before })
        : chosen;
    this.#types[number - 1] = type;
    return type;
  }

  async oldMeter({ oldMeter }: InstallationOrder, surveyed?: SurveyedMeter): Promise<OldMeterInput> {
    if (surveyed !== undefined) {
      const { serial, state, remark, reading } = surveyed;
      const condition = [this.#prompts.words(`meter-${state}`), remark].filter((text) => text !== undefined).join(', ');
      // A meter that stands still still shows what the survey read.
      const initial = state === 'working' ? '' : (reading ?? '');
      const finalReading = await this.#ask('ask-old-reading', initial, oldReadingIn);
      return { serial: serial ?? UNREADABLE, condition, finalReading };
    }
    return {
      serial: await this.#ask('ask-old-serial', oldMeter?.serial),
      finalReading: await this.#ask('ask-old-reading', '', oldReadingIn),
      condition: await this.#ask('ask-old-condition'),
    };
  }

  async newMeter({ meter }: Policy): Promise<NewMeterInput> {
    // Typed once: a probe that slipped does not change them.
    const before = this.#seals;
    const seals: string[] = [];
    for (;;) {
      const number = seals.length + 1;
      const optional = seals.length >= meter.seals;
      const words = this.#prompts.words(optional ? 'ask-seal-more' : 'ask-seal', { number });
      const seal = await this.#prompts.text(words, { optional, initial: before[seals.length] ?? '' });
      if (seal === '') break;
      seals.push(seal);
    }
    this.#seals = seals;
    while (!(await this.#prompts.yes(this.#prompts.words('ask-probe'), true)));
    return { seals };
  }

  photos(kinds: readonly PhotoKind[], policy: Policy): Promise<readonly PhotoInput[]> {
    return this.#photos.ask(kinds, policy);
  }

  /** Not now is no end: the installer waits, or stops. */
  async supplyMayBeCut(): Promise<boolean> {
    while (!(await this.#prompts.yes(this.#prompts.words('ask-supply'), false))) {
      const options = (['again', 'stop'] as const).map((value) => ({
        value,
        label: this.#prompts.words(LABELS[value]),
      }));
      if ((await this.#prompts.one(this.#prompts.words('ask-what-now'), options)) === 'stop') return false;
    }
    return true;
  }

  explanation(): Promise<string> {
    return this.#ask('ask-explanation');
  }

  async index(required: boolean): Promise<IndexInput> {
    if (!required) return {};
    const check = (text: string) =>
      typedPosition(text) === undefined ? this.#prompts.words('position-form') : undefined;
    const initial = this.#typed.get('ask-position') ?? '';
    const text = await this.#prompts.text(this.#prompts.words('ask-position'), { initial, check });
    this.#typed.set('ask-position', text);
    return { position: typedPosition(text) };
  }

  afterRefusal(_step: string, _refusal: Refusal, choices: readonly Choice[]): Promise<Choice> {
    const options = choices.map((value) => ({ value, label: this.#prompts.words(LABELS[value]) }));
    return this.#prompts.one(this.#prompts.words('ask-what-now'), options);
  }

  reason(): Promise<string> {
    return this.#ask('ask-reason');
  }

  accepted(step: string): void {
    if (step === 'installer' && this.#installer !== undefined) this.#remember(this.#installer);
  }

  /** @param taken the check that the step itself makes: throws RefusedError. */
  async #ask(code: MessageCode, initial = '', taken: (text: string) => unknown = () => undefined): Promise<string> {
    const check = (text: string) => refusedBy(() => taken(text), this.#prompts.language);
    const text = await this.#prompts.text(this.#prompts.words(code), {
      initial: this.#typed.get(code) ?? initial,
      check,
    });
    this.#typed.set(code, text);
    return text;
  }
}

/** kWh, or that they cannot be read. */
function oldReadingIn(text: string): unknown {
  return readableIn(text, finalReadingIn);
}

function isCode(text: string): boolean {
  try {
    OneTimeCode.parse(text);
    return true;
  } catch {
    return false;
  }
}
