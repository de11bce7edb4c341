import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  createMeter,
  FAULT_NAMES,
  FAULTS,
  faultForm,
  type MeterOptions,
  type MeterProfile,
  PROFILES,
  type QuirkName,
  quirks,
  type TemplateMeter,
  templateMeter,
  UTILITY_MECHANISMS,
  type UtilityMechanism,
  VERB_NAMES,
  type VirtualMeter,
} from '../simulator/index.js';
import { nodeCrypto, systemErrorText } from '../src/node.js';
import { parseTemplate } from '../src/tools.js';
import type { Run } from './command.js';
import { failureOf, UsageError } from './failure.js';
import { helpList, helpParagraph } from './help-text.js';

/** What `cosem simulate` can be. */
export type SimulatedMeter = VirtualMeter | TemplateMeter;

/** Which meter it is, and what happens to it. */
export function addMeterOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--profile <name>', 'which kind of meter: 1ph, 3ph or ct of IS 15959 (1ph)')
        .argParser((name: string) => profileNamed(name))
        .conflicts('template'),
    )
    .addOption(
      new Option('--mechanism <name>', 'how clients 48 and 80 prove themselves (hls2)')
        .choices(Object.keys(UTILITY_MECHANISMS))
        .conflicts('template'),
    )
    .addOption(
      new Option('--naming <way>', 'how clients name what they ask for: logical names, short names or both (ln)')
        .choices(['ln', 'sn', 'both'])
        .conflicts('template'),
    )
    .addOption(
      new Option('--quirk <name>', 'let it err as real meters do; repeatable, see below')
        .argParser((name: string, before: readonly QuirkName[] = []) => [...before, quirkNamed(name)])
        .conflicts('template'),
    )
    .option('--template <file>', 'be the meter that cosem dump recorded')
    .addOption(
      new Option(
        '--fault <fault>',
        'let lines and answers fail: bit-errors=1e-4, silence=2s@10%; repeatable, see below',
      ).argParser((fault: string, before: readonly string[] = []) => [...before, fault]),
    )
    .option('--scenario <file>', 'let a scenario happen to it: YAML, - at 18:00 magnet on')
    .addHelpText(
      'after',
      () =>
        `\nQuirks:\n${quirkHelp()}\n\nFaults, each with @18:00-19:00 or @2026-12-01..2026-12-02 where it has times:\n${faultHelp()}\n` +
        `\n${helpParagraph(`Verbs of scenarios: ${VERB_NAMES.join(', ')}.`)}\n`,
    );
}

/** @throws InvalidArgumentError */
function profileNamed(name: string): MeterProfile {
  const profile = PROFILES.find((known) => known === name || known === `is15959-${name}`);
  if (profile !== undefined) return profile;
  throw new InvalidArgumentError(`It is one of ${PROFILES.map((known) => known.replace('is15959-', '')).join(', ')}.`);
}

/** @throws InvalidArgumentError */
function quirkNamed(wanted: string): QuirkName {
  const quirk = quirks.find(({ name }) => name === wanted);
  if (quirk !== undefined) return quirk.name;
  throw new InvalidArgumentError(`It is one of ${quirks.map(({ name }) => name).join(', ')}.`);
}

function quirkHelp(): string {
  return helpList(quirks.map(({ name, sentence }) => [name, sentence]));
}

/** Which kind of meter, and its quirks. */
export function meterKind({
  options,
}: Run): { readonly profile: MeterProfile } & Pick<MeterOptions, 'mechanism' | 'naming'> &
  Required<Pick<MeterOptions, 'quirks'>> {
  return {
    ...(options.mechanism === undefined ? {} : { mechanism: options.mechanism as UtilityMechanism }),
    ...(options.naming === undefined ? {} : { naming: options.naming as NonNullable<MeterOptions['naming']> }),
    profile: (options.profile ?? 'is15959-1ph') as MeterProfile,
    quirks: (options.quirk ?? []) as readonly QuirkName[],
  };
}

function faultHelp(): string {
  return helpList(FAULT_NAMES.map((name) => [faultForm(name), FAULTS[name].what]));
}

/**
 * The meter that the options describe.
 * @throws UsageError, StateError with the place in the file that is wrong.
 */
export function simulatedMeter(
  run: Run,
  seed: number,
  own: Pick<MeterOptions, 'clock' | 'lineClock' | 'store' | 'counters' | 'lease' | 'realistic' | 'onPush'>,
): SimulatedMeter {
  const { options } = run;
  const common = { crypto: nodeCrypto, seed, ...meterFaults(run), ...own };
  if (typeof options.template === 'string') {
    // A recorded meter keeps nothing and pushes nothing.
    const { store: _store, lease: _lease, onPush: _onPush, ...shown } = common;
    return templateMeter(parseTemplate(textOf(options.template, '--template')), shown);
  }
  const { profile, ...kind } = meterKind(run);
  return createMeter(profile, { ...common, ...kind });
}

/** What goes wrong, as the options want it, and what is said when it is not wanted. */
export function meterFaults({
  output,
  options,
}: Run): Required<Pick<MeterOptions, 'onFault'>> & { readonly faults: readonly string[] } {
  return {
    faults: (options.fault ?? []) as readonly string[],
    onFault: (error, target) => output.note(`the simulation failed at ${target}: ${failureOf(error).message}`),
  };
}

/**
 * Lets the scenario happen that the options name, and says what does.
 * @param onFailure told the place and text of a step that failed.
 * @throws UsageError, StateError with file, line and column of what is wrong.
 */
export async function playScenarioFile(
  meter: SimulatedMeter,
  { output, options }: Run,
  onFailure?: (step: string) => void,
): Promise<void> {
  if (typeof options.scenario !== 'string') return;
  const { parseScenario } = await import('../simulator/scenario.js');
  const scenario = parseScenario(textOf(options.scenario, '--scenario'), options.scenario);
  meter.play(scenario, {
    onMoment: ({ step, undone, error }) => {
      const what = `${step.place}: ${step.text}${undone ? ' (over)' : ''}`;
      output.note(error === undefined ? what : `${what}: ${failureOf(error).message}`);
      if (error !== undefined) onFailure?.(what);
    },
  });
}

/** What the meter is, in words. */
export function meterTitle(meter: SimulatedMeter, options: Run['options'], seed: number): string {
  const { logicalDeviceName } = meter.identity;
  return typeof options.template === 'string' || !('title' in meter)
    ? `Recorded meter ${logicalDeviceName} of ${options.template}`
    : `Virtual meter ${logicalDeviceName} (IS 15959, ${meter.title}), seed ${seed}`;
}

function textOf(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${systemErrorText(error)}`, `is ${what} the right file?`);
  }
}
