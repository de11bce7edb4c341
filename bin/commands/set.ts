import type { Command } from 'commander';
import { AccessError, type Data, type DecodeError, dataText } from '../../src/index.js';
import { dataToJson } from '../../src/protocol.js';
import { parseData, saysType, setAndReadBack } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, isDryRun, mustBeAskable } from '../confirm.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { asUsage } from '../failure.js';
import { targetText } from '../format.js';
import type { Io } from '../io.js';
import { addConnectionOptions } from '../settings.js';
import { parseTarget, type Target } from '../target.js';
import { attributeOf, titleOf } from './get.js';

/** `cosem set` */
export function defineSet(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.set,
      description:
        'VALUE is TYPE=VALUE (long-unsigned=900, octet-string=0102, visible-string=hello), JSON ({"structure": [{"unsigned": 1}]}), ' +
        'or text alone: it is read in the type that the attribute holds now.',
      examples: [
        'cosem set 1:1.0.0.8.0.255:2 900 --config meter.json --connection utility',
        'cosem set 1:1.0.0.8.0.255:2 900 --dry-run --config meter.json --connection utility',
        'cosem set 1:0.0.96.13.0.255:2 text:Hello --yes --config meter.json --connection utility',
      ],
    },
    (run, [text = '', value = '']) => {
      const target = parseTarget(text, 'attribute');
      // What is wrong with a value that says its type is told before anything is sent.
      const known = saysType(value) ? asUsage(() => parseData(value)) : undefined;
      mustBeAskable(run);
      return withMeter(run, (connected) => set(run, connected, target, known ?? value));
    },
  );
  addConnectionOptions(addChangeOptions(command));
}

async function set(run: Run, { meter, companion }: MeterOnLine, target: Target, given: Data | string): Promise<void> {
  const attribute = attributeOf(target);
  const before = await valueBefore(run, given, () => meter.get(attribute));
  const value = typeof given === 'string' ? asUsage(() => parseData(given, before)) : given;
  const title = titleOf(companion, target);
  const from = before === undefined ? '' : ` from ${dataText(before)}`;
  const change = `Set ${title} (${targetText(attribute)})${from} to ${value.type} ${dataText(value)}`;
  const meant = await confirm(run, change);
  const kept = meant ? await setAndReadBack(meter, attribute, value) : undefined;
  run.output.document({
    command: 'set',
    target: targetText(attribute),
    name: title,
    ...doneIn(run, meant),
    data: dataToJson(value),
    ...(kept === undefined ? {} : { readBack: kept.state === 'holds' }),
  });
  if (kept?.state === 'holds') run.output.line(`${title} is set to ${dataText(value)}.`);
  if (kept?.state === 'unreadable') {
    run.output.line(`${title}: the meter took ${dataText(value)}; it cannot be read back (${reasonOf(kept.error)}).`);
  }
}

function reasonOf(error: AccessError | DecodeError): string {
  return error instanceof AccessError ? error.result : error.message;
}

/** Read where the value's type follows from it, and to say what a dry run would replace. */
async function valueBefore(run: Run, given: Data | string, read: () => Promise<Data>): Promise<Data | undefined> {
  if (typeof given === 'string') return read();
  if (!isDryRun(run)) return undefined;
  try {
    return await read();
  } catch (error) {
    // What may be written can often not be read.
    if (error instanceof AccessError) return undefined;
    throw error;
  }
}
