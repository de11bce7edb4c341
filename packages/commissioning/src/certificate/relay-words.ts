import { dateText, type Language } from 'cosem/inspect';
import type { Outage, RelayEvidence, SwitchTime } from '../evidence.js';
import type { Message } from '../messages.js';
import { filled, WORDS, type Words } from './words.js';

/**
 * The relay test in words: whether it was under load, from when until when the supply was off and by whose clock, whether it was
 * interrupted. Days are said where they are not that of the record.
 * @param at of the record, ISO 8601 with its offset: what is not by the meter's clock is shown in this local time.
 */
export function relayWords(relay: RelayEvidence, at: string): Message {
  const times = relayTimes(relay, at);
  const load = relay.underLoad ? WORDS.underLoad : WORDS.withoutLoad;
  const inWords = (language: Language) => {
    const resumed = relay.resumed ? `; ${WORDS.resumed[language]}` : '';
    return `${WORDS.passed[language]} (${load[language]}): ${times[language]}${resumed}`;
  };
  return { hi: inWords('hi'), en: inWords('en') };
}

/** From when until when the supply was off, and by whose clock. @param at as for {@link relayWords}. */
export function relayTimes(relay: RelayEvidence, at: string): Message {
  const place: Place = { day: at.slice(0, 10), offset: offsetOf(at) };
  return { hi: timesIn('hi', relay, place), en: timesIn('en', relay, place) };
}

/** When the relay switched once, and by whose clock. @param at as for {@link relayWords}. */
export function switchWords(time: SwitchTime, at: string): Message {
  const place: Place = { day: at.slice(0, 10), offset: offsetOf(at) };
  const inWords = (language: Language) => {
    const say = (words: Words) => words[language];
    return `${timeText(say, time, place)}, ${say(CLOCKS[time.by])}`;
  };
  return { hi: inWords('hi'), en: inWords('en') };
}

interface Place {
  /** Of the record, `2026-11-23`. */
  readonly day: string;
  /** Of local time, in milliseconds. */
  readonly offset: number;
}

const CLOCKS = { meter: WORDS.byMeter, looks: WORDS.byLaptop } as const;

function timesIn(language: Language, { off, openedAt, closedAt }: RelayEvidence, place: Place): string {
  const say = (words: Words) => words[language];
  if (off === undefined) {
    const [opened, closed] = [openedAt, closedAt].map((time = 0) => localTime(time, place));
    return `${say(WORDS.seenOff)} ${opened}, ${say(WORDS.seenOn)} ${closed}, ${say(WORDS.byLaptop)}`;
  }
  const { opened } = off[0] as Outage;
  const { closed } = off.at(-1) as Outage;
  const isMixed = opened.by !== closed.by;
  const part = (what: Words, time: SwitchTime) =>
    `${say(what)} ${timeText(say, time, place)}${isMixed ? ` (${say(CLOCKS[time.by])})` : ''}`;
  return [
    part(WORDS.opened, opened),
    part(WORDS.closed, closed),
    ...(off.length > 1 ? [say(filled(WORDS.offTimes, { count: off.length }))] : []),
    ...(isMixed ? [] : [say(CLOCKS[opened.by])]),
  ].join(', ');
}

function timeText(say: (words: Words) => string, time: SwitchTime, place: Place): string {
  if (time.by === 'meter') return short(time.time.slice(0, 10), time.time.slice(11, 19), place);
  // Whole seconds that lie around both.
  const after = localTime(Math.floor(time.after / 1000) * 1000, place);
  const before = localTime(Math.ceil(time.before / 1000) * 1000, place);
  return after === before ? after : say(filled(WORDS.between, { after, before }));
}

function localTime(at: number, place: Place): string {
  const local = new Date(at + place.offset).toISOString();
  return short(local.slice(0, 10), local.slice(11, 19), place);
}

function short(day: string, time: string, place: Place): string {
  return day === place.day ? time : `${dateText(day)} ${time}`;
}

function offsetOf(iso: string): number {
  const [, sign, hours = 0, minutes = 0] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
