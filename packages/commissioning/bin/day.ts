import type { Json, Output } from 'cosem/command';
import {
  advice,
  type DayEntry,
  type Language,
  listDay,
  messages,
  meterOf,
  type Refusal,
  say,
  sentence,
  stepTitle,
  type WorkOrder,
} from '../src/index.js';

const MARK = { done: '✔', open: '·', failed: '✖', unreadable: '!' };

/** The day's list, for people. */
export function showDay(output: Output, entries: readonly DayEntry[], folder: string, language: Language): void {
  output.heading(say(language, 'day-title'));
  if (entries.length === 0) output.text(say(language, 'day-empty', { folder }));
  const columns = Array.from({ length: 6 }, () => ({ title: '' }));
  output.table(
    columns,
    entries.map((entry) => {
      if (entry.status === 'unreadable') return [MARK.unreadable, entry.file, '', '', '', problemText(entry, language)];
      const { order, status, steps, stepsDone, next } = entry;
      const state = messages[`outcome-${status}`][language];
      const where = next === undefined ? state : `${state}, ${stepTitle(next, language)}`;
      return [
        MARK[status],
        order.id,
        `${stepsDone}/${steps}`,
        say(language, `kind-${order.kind}`),
        meterText(order, language),
        `${order.consumer.name}: ${where}`,
      ];
    }),
  );
  for (const entry of entries) {
    if (entry.status !== 'failed' || entry.refusal === undefined) continue;
    output.text(sentence(entry.refusal, language), `${entry.order.id}: `);
  }
  const count = (status: DayEntry['status']) => entries.filter((entry) => entry.status === status).length;
  const counted = { done: count('done'), open: count('open'), failed: count('failed') };
  const unreadable = count('unreadable');
  output.line(
    [
      say(language, 'day-count', counted),
      ...(unreadable === 0 ? [] : [say(language, 'day-unreadable', { count: unreadable })]),
    ].join(', '),
  );
}

/** The meter that an order is about. */
function meterText(order: WorkOrder, language: Language): string {
  const meter = meterOf(order);
  return meter === 'any' ? say(language, 'label-any') : (meter ?? '');
}

/** The first problem of a file that cannot be read. */
export function problemText(
  { problems: [first] }: Extract<DayEntry, { status: 'unreadable' }>,
  language: Language,
): string {
  return first === undefined ? '' : say(language, 'file-problem', { ...first }).trim();
}

/** The day's list, for programs. */
export function dayDocument(folder: string): readonly Json[] {
  return listDay(folder).map((entry): Json => {
    if (entry.status === 'unreadable') {
      return { file: entry.file, status: entry.status, problems: entry.problems.map((problem) => ({ ...problem })) };
    }
    const { file, status, order, steps, stepsDone, next, refusal } = entry;
    return {
      file,
      status,
      order: order.id,
      consumer: order.consumer.number,
      kind: order.kind,
      meter: meterOf(order) ?? null,
      steps,
      stepsDone,
      next: next ?? null,
      ...(refusal === undefined ? {} : { refusal: refusalDocument(refusal) }),
    };
  });
}

/** A refusal with its sentence in each language. */
export function refusalDocument(refusal: Refusal): Record<string, Json> {
  const { code, params, cause } = refusal;
  return {
    code,
    params: { ...params },
    sentence: { en: sentence(refusal, 'en'), hi: sentence(refusal, 'hi') },
    ...(cause === undefined
      ? {}
      : { mistake: cause.id, try: { en: advice(refusal, 'en'), hi: advice(refusal, 'hi') } }),
  };
}
