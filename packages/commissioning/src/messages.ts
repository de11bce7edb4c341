import { type CauseFacts, type CauseId, causes, dateText, type Language, wordCause } from 'cosem/inspect';
import { documentNameCode } from './document-kinds.js';
import { comparisonRefusals, comparisonTexts } from './messages-comparison.js';
import { dayTexts } from './messages-day.js';
import { photoRefusals, photoTexts } from './messages-photos.js';
import { positionRefusals, positionTexts } from './messages-position.js';
import { prompts } from './messages-prompts.js';
import { reconnectRefusals, reconnectTexts } from './messages-reconnect.js';
import { refusals } from './messages-refusals.js';
import { surveyRefusals, surveyTexts } from './messages-survey.js';
import { texts } from './messages-texts.js';
import { alteredInHindi, views } from './messages-views.js';
import { visits } from './messages-visits.js';
import { stepNamed } from './steps.js';

/** A sentence in the languages that the tool speaks. `{name}` stands for a parameter, `{name|form}` for one in a form of {@link say}. */
export type Message = Readonly<Record<Language, string>>;

/** The codes of refusals, each with one sentence. */
export type RefusalCode =
  | keyof typeof refusals
  | keyof typeof comparisonRefusals
  | keyof typeof photoRefusals
  | keyof typeof positionRefusals
  | keyof typeof reconnectRefusals
  | keyof typeof surveyRefusals;
/** The tables of sentences. */
const tables = {
  ...refusals,
  ...texts,
  ...prompts,
  ...comparisonRefusals,
  ...comparisonTexts,
  ...dayTexts,
  ...photoRefusals,
  ...photoTexts,
  ...positionRefusals,
  ...positionTexts,
  ...visits,
  ...reconnectRefusals,
  ...reconnectTexts,
  ...surveyRefusals,
  ...surveyTexts,
  ...views,
};
/** The codes of all sentences. */
export type MessageCode = keyof typeof tables;

export type MessageParams = Readonly<Record<string, string | number>>;

/** Why a step was not done; `sentence` gives it in words. It never contains an OTP, a key or the number of a document. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly params: MessageParams;
  /** Why the meter was not reached or refused, where more is known than the code says. */
  readonly cause?: RefusalCause;
  /** Set where the relay was opened and has not been seen closed: that is said first. Codes that end in `-supply-off` say it themselves. */
  readonly supplyMayBeOff?: true;
}

/** A cause of the table of `cosem/inspect`, with the facts of its sentences. It never contains a key or a password. */
export interface RefusalCause {
  readonly id: CauseId;
  readonly facts: CauseFacts;
}

export function refusal(code: RefusalCode, params: MessageParams = {}): Refusal {
  return { code, params };
}

/** All sentences, by their code. */
export const messages: Readonly<Record<MessageCode, Message>> = tables;

/** The sentence of a refusal: that the supply may be off, where it may, and what is wrong. */
export function sentence(refusal: Refusal, language: Language): string {
  const { code, params } = refusal;
  const cause = nearerCause(refusal);
  const own = say(language, code, params);
  const off = say(language, 'supply-may-be-off');
  if (cause === undefined) return refusal.supplyMayBeOff === true ? `${off} ${own}` : own;
  const why = wordCause(cause.id, cause.facts, language).sentence;
  return mayBeOff(refusal) ? `${off} ${why} ${say(language, 'again-closes-first')}` : why;
}

/** What to try, the most likely first; nothing where the sentence of the refusal says it. */
export function advice(refusal: Refusal, language: Language): readonly string[] {
  const cause = nearerCause(refusal);
  if (cause === undefined) return [];
  const { stage, try: steps } = wordCause(cause.id, cause.facts, language);
  const { config, connection } = refusal.params;
  const isOfLine = stage === 'port' || stage === 'line';
  return [
    ...steps,
    ...(isOfLine || config === undefined
      ? []
      : [say(language, 'settings-from', { config, connection: connection ?? '?' })]),
    ...(refusal.code.startsWith('meter-garbled') ? [say(language, 'garbled-again')] : []),
  ];
}

function mayBeOff({ code, supplyMayBeOff }: Refusal): boolean {
  return supplyMayBeOff === true || code.endsWith('-supply-off');
}

/** Causes that say no more than the sentences of the codes, which also say how commissioning goes on. */
const NO_NEARER: ReadonlySet<CauseId> = new Set([
  ...(['no-answer', 'line-drops', 'change-unknown'] as const),
  ...(['request-refused', 'association-refused'] as const),
]);

/** The cause that stands in place of the code. A journal may know causes that this version does not. */
function nearerCause({ cause }: Refusal): RefusalCause | undefined {
  return cause === undefined || !Object.hasOwn(causes, cause.id) || NO_NEARER.has(cause.id) ? undefined : cause;
}

/** The title of a step: `7 Relay`. @param name of the step; of visits other than installations with their kind, as `stepName` makes it. */
export function stepTitle(name: string, language: Language): string {
  const { step, number } = stepNamed(name);
  return `${number} ${messages[`step-${step}`][language]}`;
}

/**
 * A sentence with its parameters. Forms: `duration` of seconds, `moment` of milliseconds since 1970 in India's time, `date` of a date as text,
 * `documents` of kinds, `step` and `numbered` of a step, `word` of another message.
 */
export function say(language: Language, code: MessageCode, params: MessageParams = {}): string {
  return messages[code][language].replace(/\{(\w+)(?:\|(\w+))?\}/g, (_, name: string, form?: string) => {
    const value = params[name];
    if (value === undefined) return '?';
    return form === undefined ? String(value) : FORMS[form as keyof typeof FORMS](value, language);
  });
}

/** A sentence with its parameters, in each language: for errors, which are told in the language of the run. */
export function inEach(code: MessageCode, params: MessageParams = {}): Message {
  return { en: say('en', code, params), hi: say('hi', code, params) };
}

const FORMS = {
  duration: (value: string | number, language: Language) => duration(Math.round(Math.abs(Number(value))), language),
  moment: (value: string | number) => moment(Number(value)),
  step: (value: string | number, language: Language) => stepTitle(String(value), language),
  /** `7: Relay` */
  numbered: (value: string | number, language: Language) => stepTitle(String(value), language).replace(' ', ': '),
  /** A date or a time as ISO 8601 or a meter writes it. */
  date: (value: string | number) => dateText(String(value)),
  /** Kinds of documents, with commas between them. */
  documents: (value: string | number, language: Language) =>
    String(value)
      .split(', ')
      .map((kind) => documentName(kind, language))
      .join(', '),
  /** Why something signed is not as it was. */
  altered: (value: string | number, language: Language) =>
    language === 'hi' ? alteredInHindi(String(value)) : String(value),
  word: (value: string | number, language: Language) => messages[value as MessageCode][language],
};

const UNITS: readonly (readonly [seconds: number, en: string, hi: string])[] = [
  [86_400, 'd', 'दिन'],
  [3600, 'h', 'घंटे'],
  [60, 'min', 'मिनट'],
  [1, 's', 'सेकंड'],
];

/** A duration in at most two units: `3 h 0 min`. */
function duration(seconds: number, language: Language): string {
  const first = UNITS.findIndex(([size]) => seconds >= size);
  if (first < 0) return language === 'hi' ? '0 सेकंड' : '0 s';
  let rest = seconds;
  const parts = UNITS.slice(first, first + 2).map(([size, en, hi]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return `${count} ${language === 'hi' ? hi : en}`;
  });
  return parts.join(' ');
}

const INDIA = 330 * 60_000;

/** `23-11-2026 14:05:00`, in India's time. */
function moment(millis: number): string {
  return dateText(localTime(millis));
}

/** The name of a kind of document; what only the policy knows is its own name. */
export function documentName(kind: string, language: Language): string {
  const code = documentNameCode(kind);
  return code === undefined ? kind : messages[code][language];
}

/** `2026-11-23T14:05:00+05:30`, of milliseconds since 1970. */
export function localTime(millis: number): string {
  return `${new Date(millis + INDIA).toISOString().slice(0, 19)}+05:30`;
}
