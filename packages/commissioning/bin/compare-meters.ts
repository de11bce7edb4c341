/** `cosem compare-meters`: a meter and a check meter, read one after the other, compared over the same hours. */

import { systemClock } from 'cosem';
import {
  type ConnectionSettings,
  connectionSettings,
  Ended,
  EXIT,
  Interrupted,
  type Json,
  languageOf,
  type Run,
  UsageError,
  wholeIn,
} from 'cosem/command';
import {
  ACCURACY_CLASSES,
  type AccuracyClass,
  type Break,
  breakCode,
  type Classes,
  type ComparisonEvidence,
  compareLoads,
  defaultPolicy,
  type Hours,
  inEach,
  kilo,
  type Language,
  type LoadRead,
  localText,
  type MeterComparisonOrder,
  type MeterComparisonVisit,
  MOST_HOURS,
  RefusedError,
  readLoad,
  say,
  sentence,
  USUAL_HOURS,
  type Workspace,
} from '../src/index.js';
import { meterSettings } from './commission.js';
import { refusalDocument } from './day.js';
import { canAsk } from './folder.js';
import { type HeldMeter, heldMeter } from './meter.js';
import { Prompts } from './prompted.js';
import {
  asker,
  refusedStep,
  signedRecord,
  type VisitOutcome,
  type VisitTools,
  visitOrder,
  withTools,
} from './visit-work.js';

/** @param order the work order; left out, the meters of the connection options are compared, and nothing is signed. */
export async function compareMetersBy(run: Run, order: string | undefined): Promise<void> {
  if (order === undefined) return await compareOnly(run);
  await visitOrder(run, order, 'meter-comparison', compareMetersIn);
}

/** What is done of an order to compare in a folder that is open already. */
export async function compareMetersIn(
  run: Run,
  workspace: Workspace,
  place: { readonly folder: string; readonly id: string; readonly language: Language },
): Promise<{ readonly outcome: VisitOutcome; readonly document: Record<string, Json> }> {
  const visit = workspace.meterComparison(place.id);
  const { checkMeter } = visit.order;
  let found: ComparisonEvidence | undefined;
  run.output.heading(say(place.language, 'compare-title', { order: place.id }));
  const outcome = await withTools(run, workspace, place, visit.order, async (tools) => {
    const isOver = visit.next !== 'tested-load';
    const tested = await loadOf(tools, visit, 'tested-load', tools.meter);
    if ('done' in tested) return tested;
    await tools.meter.release();
    if (visit.next === 'check-load' && !isOver) await probeOver(run, tools.language, checkMeter.serial);
    const settings = meterSettings(checkRun(run), place.folder, checkMeter);
    const meter = heldMeter(run, tools.language, settings, checkMeter.profile);
    try {
      const check = await loadOf(tools, visit, 'check-load', meter);
      if ('done' in check) return check;
    } finally {
      await meter.release();
    }
    const compared = await comparedBy(tools, visit);
    if ('done' in compared) return compared;
    found = compared;
    return await signedRecord(tools, () => visit.certificate(tools.write));
  });
  return { outcome, document: { status: visit.status, ...(found === undefined ? {} : comparisonDocument(found)) } };
}

/** Steps 1 and 2. */
async function loadOf(
  tools: VisitTools,
  visit: MeterComparisonVisit,
  step: 'tested-load' | 'check-load',
  meter: HeldMeter,
) {
  const { show, run, language } = tools;
  show.begin(`meter-comparison/${step}`);
  if (visit.next === step) show.progressText('doing-load', {});
  const result = await (step === 'tested-load' ? visit.testedLoad(meter.port) : visit.checkLoad(meter.port));
  show.endProgress();
  if (!result.ok) {
    await meter.release();
    return await refusedStep(tools, result.refusal);
  }
  showLoad(run, result.evidence, language);
  return result.evidence;
}

/** Step 3. */
async function comparedBy(tools: VisitTools, visit: MeterComparisonVisit) {
  const { show, run, language } = tools;
  show.begin('meter-comparison/comparison');
  const classes = await classesOf(run, language, visit.order);
  const result = await visit.compare({ classes, confirm: leavingOut(run, language) });
  if (!result.ok) return await refusedStep(tools, result.refusal);
  showComparison(run, result.evidence, language);
  return result.evidence;
}

/** Asks whether what is in the way is left out: where nobody is there, it is refused with the same words. */
function leavingOut(run: Run, language: Language) {
  return async ({ from, to }: Hours, breaks: readonly Break[]) => {
    for (const found of breaks.slice(0, MOST_BREAKS)) {
      const words = { what: breakCode(found), from: localText(found.from), to: localText(found.to) };
      run.output.text(say(language, 'break-is', words), INDENT);
    }
    if (run.options.yes !== true && !canAsk(run.io)) return false;
    return await asker(run, language)(say(language, 'ask-longest', { from: localText(from), to: localText(to) }));
  };
}

const INDENT = '   ';
const MOST_BREAKS = 5;

/** Without an order: any two meters, nothing signed. */
async function compareOnly(run: Run): Promise<void> {
  const { output, options, io } = run;
  const language = languageOf(io);
  const hours = wholeIn(String(options.hours ?? USUAL_HOURS), '--hours', 1, MOST_HOURS);
  const [first, second] = [connectionSettings(options, io), connectionSettings(checkRun(run).options, io)];
  const classes = await classesOf(run, language, undefined);
  output.heading(say(language, 'compare-dry-title'));
  const tested = await loadOnly(run, language, 'step-tested-load', first, hours);
  if (isOneProbe(first.line, second.line)) await probeOver(run, language, undefined);
  const check = await loadOnly(run, language, 'step-check-load', second, hours);
  output.line(say(language, 'step-comparison'));
  const asking = { classes, confirm: leavingOut(run, language) };
  const found = await told(run, language, () => compareLoads(tested, check, asking));
  showComparison(run, found, language);
  output.document({
    command: 'compare-meters',
    tested: tested.serial ?? null,
    check: check.serial ?? null,
    ...comparisonDocument(found),
  });
}

async function loadOnly(
  run: Run,
  language: Language,
  title: 'step-tested-load' | 'step-check-load',
  settings: ConnectionSettings,
  hours: number,
): Promise<LoadRead> {
  const { output } = run;
  output.line(say(language, title));
  // Where the block load profile is does not depend on the category.
  const meter = heldMeter(run, language, settings, 'is15959/D1');
  try {
    output.progress(say(language, 'doing-load'));
    const parts = { clock: systemClock, policy: defaultPolicy };
    const load = await told(run, language, () => readLoad(parts, meter.port, hours));
    output.endProgress();
    showLoad(run, load, language);
    return load;
  } finally {
    output.endProgress();
    await meter.release();
  }
}

/** Tells a refusal. @throws Ended after it. */
async function told<T>({ output }: Run, language: Language, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    output.endProgress();
    output.text(sentence(error.refusal, language), INDENT);
    output.document({ command: 'compare-meters', refusal: refusalDocument(error.refusal) });
    throw new Ended(EXIT.refused);
  }
}

/** Whether both meters are read with the same probe. */
function isOneProbe(one: ConnectionSettings['line'], other: ConnectionSettings['line']): boolean {
  return one.type === 'serial' && other.type === 'serial' && one.path === other.path;
}

/** The options with those of the check meter in the place of the others. */
function checkRun(run: Run): Run {
  const { checkConfig, checkConnection, checkSerial, checkTcp, ...options } = run.options;
  return {
    ...run,
    options: {
      ...options,
      ...(checkConfig === undefined ? {} : { config: checkConfig }),
      ...(checkConnection === undefined ? {} : { connection: checkConnection }),
      ...(checkSerial === undefined ? {} : { serial: checkSerial, tcp: undefined }),
      ...(checkTcp === undefined ? {} : { tcp: checkTcp, serial: undefined }),
    } as Run['options'],
  };
}

/** Waits until the probe is at the other meter; where nobody is there the meters are on lines of their own. */
async function probeOver(run: Run, language: Language, serial: string | undefined): Promise<void> {
  if (run.options.yes === true || !canAsk(run.io)) return;
  const ready = say(language, 'ask-probe-over', { serial: serial ?? '' });
  if (!(await new Prompts(run.io, language).yes(ready, true))) throw new Interrupted();
}

/** The classes by options, order or somebody who reads the name plates. */
async function classesOf(run: Run, language: Language, order: MeterComparisonOrder | undefined): Promise<Classes> {
  const { accuracy, checkAccuracy } = run.options;
  const tested = classIn(accuracy) ?? order?.meter.accuracy;
  const check = classIn(checkAccuracy) ?? order?.checkMeter.accuracy;
  if (tested !== undefined && check !== undefined) return { tested, check };
  if (!canAsk(run.io) || run.options.yes === true) {
    throw new UsageError(inEach('classes-needed'), inEach('classes-needed-try'));
  }
  const prompts = new Prompts(run.io, language);
  const ask = (serial: string) =>
    prompts.one(
      say(language, 'ask-class', { serial }),
      ACCURACY_CLASSES.map((value) => ({ value, label: say(language, 'class-option', { accuracy: value }) })),
      '1',
    );
  return {
    tested: tested ?? (await ask(order?.meter.serial ?? say(language, 'step-tested-load'))),
    check: check ?? (await ask(order?.checkMeter.serial ?? say(language, 'step-check-load'))),
  };
}

function classIn(option: unknown): AccuracyClass | undefined {
  if (typeof option !== 'string') return undefined;
  const text = option
    .trim()
    .toUpperCase()
    .replace(',', '.')
    .replace(/\.0S?$/, '');
  const found = ACCURACY_CLASSES.find((known) => known === text);
  if (found === undefined) {
    throw new UsageError(inEach('class-unknown', { text: option }), inEach('class-unknown-try'));
  }
  return found;
}

function showLoad({ output }: Run, { blocks, period, ahead }: LoadRead, language: Language): void {
  const ends = blocks.map(({ end }) => end);
  const [from, to] = [Math.min(...ends) - period * 1000, Math.max(...ends)];
  const words = { rows: blocks.length, from: localText(from), to: localText(to), seconds: ahead };
  output.text(say(language, 'did-load', { ...words, way: ahead < 0 ? 'behind' : 'ahead' }), INDENT);
}

function showComparison({ output }: Run, found: ComparisonEvidence, language: Language): void {
  const { from, to, tested, check, difference, clocks, verdict } = found;
  const energies = { tested: kilo(tested.energy), check: kilo(check.energy) };
  const percent = difference === null ? say(language, 'not-known') : `${difference} %`;
  output.text(say(language, 'did-compare', { from, to, ...energies, difference: percent }), INDENT);
  output.text(say(language, 'did-compare-clocks', { seconds: clocks }), INDENT);
  output.text(say(language, `compared-${verdict}`), INDENT);
}

function comparisonDocument(found: ComparisonEvidence): Record<string, Json> {
  const { from, to, classes, tested, check, difference, verdict, clocks, leftOut, clockLogs } = found;
  return {
    ...{ from, to, difference, verdict, clocks, clockLogs },
    classes: { ...classes },
    energy: { tested: tested.energy, check: check.energy },
    blocks: { tested: tested.blocks, check: check.blocks },
    leftOut: leftOut.map((one) => ({ ...one })),
  };
}
