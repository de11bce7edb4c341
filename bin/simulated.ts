import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import {
  createMeter,
  type MeterOptions,
  type TemplateMeter,
  templateMeter,
  type VirtualMeter,
} from '../simulator/index.js';
import { parseTemplate, systemClock } from '../src/index.js';
import { nodeCrypto } from '../src/node.js';
import type { Run } from './command.js';
import { failureOf, UsageError } from './failure.js';

/** What `cosem simulate` can be. */
export type SimulatedMeter = VirtualMeter | TemplateMeter;

/** Which meter it is, and what happens to it. */
export function addMeterOptions(command: Command): Command {
  return command.option('--template <file>', 'be the meter that cosem dump recorded');
}

/**
 * The meter that the options describe.
 * @throws UsageError, StateError with the place in the file that is wrong.
 */
export function simulatedMeter(
  { output, options }: Run,
  seed: number,
  own: Pick<MeterOptions, 'onPush'>,
): SimulatedMeter {
  const common = {
    clock: systemClock,
    crypto: nodeCrypto,
    onFault: (error: unknown, target: string) =>
      output.note(`the simulation failed at ${target}: ${failureOf(error).message}`),
  };
  if (typeof options.template === 'string') {
    return templateMeter(parseTemplate(textOf(options.template, '--template')), common);
  }
  return createMeter('is15959-1ph', { ...common, seed, ...own });
}

/** What the meter is, in words. */
export function meterTitle(meter: SimulatedMeter, options: Run['options'], seed: number): string {
  const { logicalDeviceName } = meter.identity;
  return typeof options.template === 'string'
    ? `Recorded meter ${logicalDeviceName} of ${options.template}`
    : `Virtual meter ${logicalDeviceName} (IS 15959, single phase, prepaid), seed ${seed}`;
}

function textOf(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${file} cannot be read (${code})`, `is ${what} the right file?`);
  }
}
