import { Decimal, systemClock } from 'cosem';
import { companionWords } from 'cosem/classes';
import { alignNumbers, type Output, wrapWords } from 'cosem/command';
import { dateText } from 'cosem/inspect';
import {
  advice,
  documentName,
  type Fix,
  type InstallationOrder,
  type Language,
  type LoadEvidence,
  localTime,
  type MessageCode,
  type MessageParams,
  type Photo,
  type RecordedValue,
  type Refusal,
  type RelayPhase,
  relayTimes,
  type StepId,
  type StepResult,
  type SurveyOrder,
  say,
  sentence,
  stepTitle,
} from '../src/index.js';

const MARK = { done: '✔', refused: '✖', skipped: '–' };
const INDENT = '   ';
const LEAST_WIDTH = 20;

/** What an installer sees of a commissioning, in one language. */
export class Show {
  readonly language: Language;
  readonly #output: Output;
  readonly #goOn: string;
  #title: string | undefined;

  /** @param goOn the command that takes up the work. */
  constructor(output: Output, language: Language, goOn: string) {
    this.#output = output;
    this.language = language;
    this.#goOn = goOn;
  }

  words(code: MessageCode, params?: MessageParams): string {
    return say(this.language, code, params);
  }

  say(code: MessageCode, params?: MessageParams): void {
    this.#output.text(this.words(code, params), INDENT);
  }

  sayPlain(code: MessageCode, params?: MessageParams): void {
    this.#output.text(this.words(code, params));
  }

  /** What the consumer was promised, before anything else. */
  promise(helpline: string): void {
    this.#output.heading(this.words('free'));
    this.#output.text(this.words('helpline', { helpline }));
    this.#output.line();
  }

  order(order: InstallationOrder | SurveyOrder): void {
    const { consumer, network = {}, oldMeter } = order;
    const { words } = { words: (code: MessageCode) => this.words(code) };
    const isSurvey = order.kind === 'survey';
    this.#output.heading(this.words(isSurvey ? 'survey-title' : 'order-title', { order: order.id }));
    const rows: [MessageCode, string][] = [
      ['label-consumer', `${consumer.name}, ${consumer.number}`],
      ['label-address', consumer.address],
      ['label-mobile', `******${consumer.mobileLast4}`],
      ['label-load', `${order.sanctionedLoad / 1000} kW`],
      ['label-network', [network.feeder, network.transformer, network.pole].map((code) => code ?? '–').join(', ')],
      ['label-old-meter', oldMeter === undefined ? '–' : (oldMeter?.serial ?? words('label-none'))],
      ...(isSurvey ? [] : [['label-new-meter', this.#newMeter(order)] satisfies [MessageCode, string]]),
    ];
    this.#output.table(
      [{ title: '' }, { title: '' }],
      rows.map(([label, text]) => [words(label), text]),
    );
    this.#output.line();
  }

  #newMeter({ newMeter: { serial, profile } }: InstallationOrder): string {
    return `${serial === 'any' ? this.words('label-any') : serial}, ${profile}`;
  }

  /** @param step of an installation; of other visits with their kind, as `stepName` makes it. */
  begin(step: string): void {
    if (this.#title === step) return;
    this.#title = step;
    this.#output.line(this.#output.style('bold', stepTitle(step, this.language)));
  }

  progress(what: keyof typeof PROGRESS): void {
    this.#output.progress(this.words(PROGRESS[what]));
  }

  progressText(code: MessageCode, params: MessageParams): void {
    this.#output.progress(this.words(code, params));
  }

  /** What a receiver gave. */
  gps({ position: { latitude, longitude }, hdop, satellites, error }: Fix): void {
    const quality = [
      ...(hdop === undefined ? [] : [`HDOP ${hdop}`]),
      ...(satellites === undefined ? [] : [this.words('gps-satellites', { count: satellites })]),
      ...(error === undefined ? [] : [`±${Math.round(error)} m`]),
    ].join(', ');
    this.say('gps-taken', { latitude, longitude, quality });
  }

  endProgress(): void {
    this.#output.endProgress();
  }

  phase(phase: RelayPhase): void {
    this.#output.endProgress();
    this.say(`relay-${phase}`);
    if (phase !== 'button') this.progress('relay');
  }

  codeAsked({ consumer }: Pick<InstallationOrder, 'consumer'>, sent: boolean): void {
    const last4 = consumer.mobileLast4;
    if (sent) {
      this.say('otp-ask', { last4 });
      this.say('otp-sent', { last4 });
    } else this.say('otp-offline');
  }

  refused(refusal: Refusal): void {
    this.#output.logged('refused', { code: refusal.code, step: this.#title, cause: refusal.cause?.id });
    this.#mark('red', MARK.refused, sentence(refusal, this.language));
    for (const step of advice(refusal, this.language)) this.#wrapped(`${INDENT}- `, step);
  }

  /** That something was done, in one sentence. */
  succeeded(code: MessageCode, params: MessageParams = {}): void {
    this.#mark('green', MARK.done, this.words(code, params));
  }

  skipped(reason: string): void {
    this.#mark('yellow', MARK.skipped, this.words('did-skip', { reason }));
  }

  stopped(step: string): void {
    this.endProgress();
    this.#output.line();
    this.#output.text(this.words('stopped', { step, command: this.#goOn }));
  }

  /** What was kept of photos. */
  photos(photos: readonly Photo[] = []): string[] {
    return photos.map(({ kind, hash, bytes }) => {
      const size = Math.ceil(bytes / 1000);
      return this.words('did-photo', { kind: `photo-kind-${kind}`, hash: hash.slice(0, 8), size });
    });
  }

  /** What came of a step, in lines. */
  done(lines: readonly string[]): void {
    for (const [i, line] of lines.entries()) {
      if (i === 0) this.#mark('green', MARK.done, line);
      else this.#output.text(line, `${INDENT}  `);
    }
  }

  /** What came of a step. */
  did(result: Extract<StepResult, { ok: true }>): void {
    this.done(this.#lines(result));
    if (result.step === 'readings') this.#readings(evidenceOf(result, 'readings').energies);
    if (result.step === 'readings') this.#readings(evidenceOf(result, 'readings').payment);
  }

  #lines(result: Extract<StepResult, { ok: true }>): string[] {
    switch (result.step) {
      case 'installer': {
        const { name, id, letter, letterValidUntil: until } = evidenceOf(result, 'installer');
        return [this.words('did-installer', { name, id, letter, until })];
      }
      case 'consumer':
        return this.#verified(evidenceOf(result, 'consumer'));
      case 'documents': {
        const { documents } = evidenceOf(result, 'documents');
        const seen = documents.flatMap((document, i) => (document.seen ? [i + 1] : []));
        return [
          this.words('did-documents', { count: documents.length }),
          ...documents.map(({ type, last4 }) => `${documentName(type, this.language)} …${last4}`),
          ...seen.map((number) => this.words('did-document-seen', { number })),
        ];
      }
      case 'old-meter': {
        const { meter, photos } = evidenceOf(result, 'old-meter');
        if (meter === null) return [this.words('label-none')];
        const unread = this.words('not-readable');
        const { serial, finalReading, condition } = meter;
        const told = { serial: serial ?? unread, reading: finalReading ?? unread, condition };
        return [this.words('did-old-meter', told), ...this.photos(photos)];
      }
      case 'new-meter': {
        const { namePlate, seals, photos } = evidenceOf(result, 'new-meter');
        const { serial, manufacturer, firmware, category, year } = namePlate;
        const about = [manufacturer, category, firmware, year].filter((text) => text !== undefined && text !== '');
        return [
          this.words('did-new-meter', {
            serial,
            about: about.map((text) => `, ${companionWords(text as string, this.language)}`).join(''),
            seals: seals.join(', '),
          }),
          ...this.photos(photos),
        ];
      }
      case 'clock': {
        const { set, difference } = evidenceOf(result, 'clock');
        return [this.words(set ? 'clock-set' : 'clock-good', { seconds: difference })];
      }
      case 'relay': {
        const relay = evidenceOf(result, 'relay');
        const { before, open, after, resumed } = relay;
        return [
          this.words('relay-tested'),
          this.words('did-relay-times', { times: relayTimes(relay, localTime(systemClock.now()))[this.language] }),
          this.words('did-relay-load', { before: loadText(before), open: loadText(open), after: loadText(after) }),
          ...(resumed ? [this.words('did-relay-resumed')] : []),
        ];
      }
      case 'readings':
        return [this.words('did-readings', { time: evidenceOf(result, 'readings').time })];
      case 'events': {
        const { findings, unread } = evidenceOf(result, 'events');
        const what = findings.map(({ tamper, explanation }) => `${tamper} (${explanation})`).join(', ');
        return [
          findings.length === 0 ? this.words('events-clean') : this.words('events-explained', { what }),
          ...(unread.length === 0 ? [] : [this.words('events-unread', { logs: unread.join(', ') })]),
        ];
      }
      case 'index': {
        const { row, photos } = evidenceOf(result, 'index');
        return [this.words('did-index', { row }), ...this.photos(photos)];
      }
      case 'certificate':
        return [this.words('did-certificate', { sequence: evidenceOf(result, 'certificate').sequence })];
    }
  }

  #verified({ survey }: EvidenceOf<'consumer'>): string[] {
    if (survey === undefined) return [this.words('otp-verified')];
    const { workOrder: order, at, by } = survey;
    return [this.words('survey-taken', { order, at, by })];
  }

  #readings(values: readonly RecordedValue[]): void {
    // Time zones that the meter does not count in say nothing.
    const shown = values.filter(({ logicalName, value }) => !UNUSED_ZONE.test(`${logicalName}=${value}`)).map(inKilo);
    const numbers = alignNumbers(shown.map(({ value }) => dateText(companionWords(value, this.language))));
    this.#output.table(
      [{ title: '' }, { title: '', align: 'right' }, { title: '' }],
      shown.map(({ name, unit }, i) => [companionWords(name, this.language), numbers[i] ?? '', unit]),
      `${INDENT}  `,
    );
  }

  #mark(colour: 'red' | 'green' | 'yellow', mark: string, text: string): void {
    this.#output.endProgress();
    this.#wrapped(` ${this.#output.style(colour, mark)} `, text, INDENT.length);
  }

  /** A text behind its mark; on a terminal in lines that fit. */
  #wrapped(mark: string, text: string, indent = mark.length): void {
    const lines = wrapWords(text, Math.max(this.#output.width - indent, LEAST_WIDTH)).split('\n');
    this.#output.line(...lines.map((line, i) => (i === 0 ? mark : ' '.repeat(indent)) + line));
  }
}

const PROGRESS = {
  code: 'doing-code',
  consumer: 'doing-consumer',
  'new-meter': 'doing-new-meter',
  clock: 'doing-clock',
  relay: 'doing-relay',
  readings: 'doing-readings',
  events: 'doing-events',
  gps: 'doing-gps',
  certificate: 'doing-certificate',
} as const satisfies Record<string, MessageCode>;

type EvidenceOf<S extends StepId> = Extract<StepResult<S>, { ok: true }>['evidence'];

/** The evidence of a step that is known to be this one. */
function evidenceOf<S extends StepId>({ evidence }: Extract<StepResult, { ok: true }>, _step: S): EvidenceOf<S> {
  return evidence as EvidenceOf<S>;
}

function loadText({ volts, amperes }: LoadEvidence): string {
  const parts = [...volts.map((value) => `${value} V`), ...amperes.map((value) => `${value} A`)];
  return parts.length === 0 ? '?' : parts.join(' ');
}

const UNUSED_ZONE = /\.8\.[1-9]\.255=0(?:\.0*)?$/;
const KILO = /^(?:Wh|VAh|varh)$/;

/** Energies as people read them. */
function inKilo({ name, value, unit }: RecordedValue): {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
} {
  return KILO.test(unit)
    ? { name, value: Decimal.parse(value).shift(-3).toString(), unit: `k${unit}` }
    : { name, value, unit };
}
