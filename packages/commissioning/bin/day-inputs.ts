import type { InstallerInput, NewMeterInput, OldMeterInput, Policy, Preferences, WorkOrder } from '../src/index.js';
import { type DocumentInput, finalReadingIn, readableIn } from '../src/index.js';
import { type Checks, PromptedInputs, type Prompts } from './prompted.js';
import { refusedBy } from './refused-by.js';

/**
 * A person at a terminal with many houses a day: asked in as few questions as the work allows. Who the installer is was confirmed in the
 * morning; of each house there are the card that was shown, the OTP, a document in two, the old meter, the seals and the supply.
 */
export class DayInputs extends PromptedInputs {
  readonly #prompts: Prompts;
  readonly #remembered: () => Preferences;
  #isAsked = false;
  #oldMeter: string | undefined;
  #seals = '';

  /** @param remembered what was taken last, of this house or one before. */
  constructor(
    prompts: Prompts,
    remembered: () => Preferences,
    remember: (installer: Preferences['installer']) => void,
    checks: Checks,
  ) {
    super(prompts, remembered(), remember, checks);
    this.#prompts = prompts;
    this.#remembered = remembered;
  }

  /** All is asked where nothing is known, or where what is known was refused. */
  override async installer(): Promise<InstallerInput> {
    const { installer } = this.#remembered();
    if (installer === undefined || this.#isAsked) return super.installer();
    this.#isAsked = true;
    await this.cardShown();
    return { ...installer, identityCardShown: true };
  }

  /** As many as the policy wants, and no question whether there are more. */
  override documents(policy: Policy): Promise<readonly DocumentInput[]> {
    return policy.documents.required === 0 ? super.documents(policy) : this.requiredDocuments(policy);
  }

  /** `OLD-5567 18442.7 good, seals intact`: the serial number stands there already. */
  override async oldMeter({ oldMeter }: Extract<WorkOrder, { oldMeter: unknown }>): Promise<OldMeterInput> {
    const initial = this.#oldMeter ?? `${oldMeter?.serial ?? ''} `;
    const text = await this.#prompts.text(this.#prompts.words('ask-old-meter'), {
      initial,
      check: (typed) => this.#faultOf(typed),
    });
    this.#oldMeter = text;
    return oldMeterIn(text) as OldMeterInput;
  }

  #faultOf(typed: string): string | undefined {
    const meter = oldMeterIn(typed);
    if (meter === undefined) return this.#prompts.words('old-meter-form');
    return refusedBy(() => readableIn(meter.finalReading, finalReadingIn), this.#prompts.language);
  }

  /** The seals in one line; Enter says that the probe is on, too. */
  override async newMeter({ meter }: Policy): Promise<NewMeterInput> {
    const list = (text: string) => text.split(/[\s,;]+/).filter((seal) => seal !== '');
    const text = await this.#prompts.text(this.#prompts.words('ask-seals', { count: meter.seals }), {
      initial: this.#seals,
      optional: meter.seals === 0,
      check: (typed) =>
        list(typed).length < meter.seals ? this.#prompts.words('seals-form', { count: meter.seals }) : undefined,
    });
    this.#seals = text;
    return { seals: list(text) };
  }
}

/** Serial number, reading, condition. */
function oldMeterIn(text: string): OldMeterInput | undefined {
  const [, serial, finalReading, condition] = /^(\S+?)[\s,;]+(\S+?)(?:\s*kwh)?[\s,;]+(\S.*)$/i.exec(text.trim()) ?? [];
  return serial === undefined || finalReading === undefined || condition === undefined
    ? undefined
    : { serial, finalReading, condition };
}
