import type { Command } from 'commander';
import { associationOf, companionWords } from '../../src/classes.js';
import { type Companion, type Outcome, type Reading, readingsOf } from '../../src/index.js';
import type { Language } from '../../src/inspect.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { alignNumbers, isNumber, quantityOf, targetText } from '../format.js';
import type { Io } from '../io.js';
import { languageOf } from '../language.js';
import type { Json, Output } from '../output.js';
import { READ_WORDS } from '../read-words.js';
import { addConnectionOptions } from '../settings.js';
import { wordArgument } from '../suggest.js';

const TOPICS = ['energy', 'balance', 'relay', 'clock', 'nameplate', 'instant', 'all'];

/** `cosem read` */
export function defineRead(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.read,
      description:
        'Client 16, the public one, sees clock, serial number and device name of an Indian meter; energy needs client 32 or 48 with their keys.',
      examples: [
        'cosem read nameplate --serial /dev/ttyUSB0 --client 16',
        'cosem read energy --config meter.json --connection reader',
        'cosem read all --config meter.json --connection reader --json',
      ],
    },
    (run, [topic = 'all']) => withMeter(run, (connected) => read(run, connected, topic)),
  );
  wordArgument(command, 'topic', 'what to read', TOPICS, 'all');
  addConnectionOptions(command);
}

/** A group of readings with what became of them. */
interface GroupOutcome {
  readonly key: string;
  readonly title: string;
  readonly items: readonly { readonly key: string; readonly title: string; readonly outcome: Outcome<Reading> }[];
}

async function read(run: Run, { meter, companion, settings }: MeterOnLine, topic: string): Promise<void> {
  const { output } = run;
  const language = languageOf(run.io);
  output.progress(READ_WORDS[language].reading);
  const outcomes = await meter.readings(readingsOf(companion, topic));
  output.endProgress();
  const failed = outcomes.filter((outcome) => !outcome.ok);
  // Nothing at all is a refusal; a part is what this client sees of this meter.
  if (failed.length === outcomes.length && failed[0]?.ok === false) throw failed[0].error;

  const readings = readingDocument(companion, topic, outcomes);
  output.document({ command: 'read', topic, client: settings.client, readings });
  showReadings(output, companion, topic, outcomes, language);
  const unseen = grouped(companion, topic, outcomes).filter(({ items }) => !items.some(({ outcome }) => outcome.ok));
  if (unseen.length > 0 && !output.json) {
    const words = READ_WORDS[language];
    const title = associationOf(companion, settings.client)?.title;
    const what = unseen.map((group) => inSentence(companionWords(group.title, language))).join(', ');
    output.sentence('', words.notShown(settings.client, title && inSentence(companionWords(title, language)), what));
  }
}

/** A title within a sentence; abbreviations keep their capital letters. */
function inSentence(title: string): string {
  return title.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/** Readings of a topic as programs want them. */
export function readingDocument(companion: Companion, topic: string, outcomes: readonly Outcome<Reading>[]): Json[] {
  return grouped(companion, topic, outcomes).flatMap(readingsJson);
}

/** Readings of a topic as people see them, group by group. */
export function showReadings(
  output: Output,
  companion: Companion,
  topic: string,
  outcomes: readonly Outcome<Reading>[],
  language: Language = 'en',
): void {
  for (const group of grouped(companion, topic, outcomes)) showGroup(output, group, language);
}

function grouped(companion: Companion, topic: string, outcomes: readonly Outcome<Reading>[]): GroupOutcome[] {
  let next = 0;
  return companion.readings
    .filter(({ key }) => topic === 'all' || key === topic)
    .map(({ key, title, readings }) => ({
      key,
      title,
      items: readings.map((spec) => ({
        key: spec.key,
        title: spec.title,
        outcome: outcomes[next++] as Outcome<Reading>,
      })),
    }));
}

function showGroup(output: Output, { title, items }: GroupOutcome, language: Language): void {
  const shown = items.flatMap(({ title: name, outcome }) =>
    outcome.ok
      ? [
          {
            name: companionWords(name, language),
            ...quantityOf(outcome.value, language),
            target: targetText(outcome.value),
          },
        ]
      : [],
  );
  if (shown.length === 0) return;
  // Beside words a number without a unit is a name: a year, a serial number.
  const counts = shown.every(({ value }) => isNumber(value));
  const aligned = alignNumbers(shown.map(({ value, unit }) => (unit !== '' || counts ? value : '')));
  const numbers = shown.map(({ value }, i) => aligned[i] || value);
  output.heading(companionWords(title, language));
  output.table(
    [{ title: '' }, { title: '' }, { title: '' }],
    shown.map(({ name, unit, target }, i) => [
      name,
      `${output.style('bold', numbers[i] as string)} ${unit}`.trimEnd(),
      output.style('dim', target),
    ]),
    '  ',
  );
  output.line();
}

function readingsJson({ key: group, items }: GroupOutcome): Json[] {
  return items.map(({ key, title, outcome }) => {
    if (!outcome.ok) {
      const { error } = outcome;
      return { group, key, title, error: { code: error.code, message: error.message } };
    }
    const { name: _, ...reading } = outcome.value.toJSON();
    return { group, key, title, ...reading };
  });
}
