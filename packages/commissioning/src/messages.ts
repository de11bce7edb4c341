import type { Language } from 'cosem/inspect';
import { prompts } from './messages-prompts.js';
import { refusals } from './messages-refusals.js';
import { texts } from './messages-texts.js';
import { STEPS, type StepId } from './steps.js';

/** A sentence in the languages that the tool speaks. `{name}` stands for a parameter, `{name|form}` for one in a form of {@link say}. */
export type Message = Readonly<Record<Language, string>>;

/** The codes of refusals, each with one sentence. */
export type RefusalCode = keyof typeof refusals;
/** The codes of all sentences. */
export type MessageCode = RefusalCode | keyof typeof texts | keyof typeof prompts;

export type MessageParams = Readonly<Record<string, string | number>>;

/** Why a step was not done; `sentence` gives it in words. It never contains an OTP, a key or the number of a document. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly params: MessageParams;
}

export function refusal(code: RefusalCode, params: MessageParams = {}): Refusal {
  return { code, params };
}

/** All sentences, by their code. */
export const messages: Readonly<Record<MessageCode, Message>> = { ...refusals, ...texts, ...prompts };

/** The sentence of a refusal. */
export function sentence({ code, params }: Refusal, language: Language): string {
  return say(language, code, params);
}

/** The title of a step: `7 Relay`. */
export function stepTitle(step: StepId, language: Language): string {
  return `${STEPS.indexOf(step) + 1} ${messages[`step-${step}`][language]}`;
}

/**
 * A sentence with its parameters. Forms: `duration` of seconds, `moment` of milliseconds since 1970 in India's time, `step` of a step, `word` of another
 * message.
 */
export function say(language: Language, code: MessageCode, params: MessageParams = {}): string {
  return messages[code][language].replace(/\{(\w+)(?:\|(\w+))?\}/g, (_, name: string, form?: string) => {
    const value = params[name];
    if (value === undefined) return '?';
    return form === undefined ? String(value) : FORMS[form as keyof typeof FORMS](value, language);
  });
}

const FORMS = {
  duration: (value: string | number, language: Language) => duration(Math.round(Math.abs(Number(value))), language),
  moment: (value: string | number) => moment(Number(value)),
  step: (value: string | number, language: Language) => stepTitle(value as StepId, language),
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

/** `2026-11-23 14:05:00`, in India's time. */
function moment(millis: number): string {
  return localTime(millis).slice(0, 19).replace('T', ' ');
}

/** `2026-11-23T14:05:00+05:30`, of milliseconds since 1970. */
export function localTime(millis: number): string {
  return `${new Date(millis + INDIA).toISOString().slice(0, 19)}+05:30`;
}
