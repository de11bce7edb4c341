import type { Command } from 'commander';
import { type Data, dataText, dataToJson } from '../../src/index.js';
import { define, type Run } from '../command.js';
import { confirm } from '../confirm.js';
import { type Connected, withMeter } from '../connect.js';
import { targetText } from '../format.js';
import type { Io } from '../io.js';
import { addConnectionOptions } from '../settings.js';
import { parseTarget, type Target } from '../target.js';
import { parseValue } from '../value.js';
import { attributeOf, titleOf } from './get.js';

/** `cosem set` */
export function defineSet(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      usage: 'set <target> <value>',
      summary: 'write one attribute, CLASS:OBIS:ATTRIBUTE',
      description:
        'VALUE is TYPE=VALUE (long-unsigned=900, octet-string=0102, visible-string=hello), JSON ({"structure": [{"unsigned": 1}]}),\n' +
        'or text alone: it is read in the type that the attribute holds now.',
      examples: [
        'cosem set 1:1.0.0.8.0.255:2 900 --config meter.json --connection utility',
        'cosem set 1:0.0.96.13.0.255:2 text:Hello --yes --config meter.json --connection utility',
      ],
    },
    (run, [text = '', value = '']) => {
      const target = parseTarget(text, 'attribute');
      // What is wrong with a value that says its type is told before anything is sent.
      const known = /^\s*\{|^[a-z][a-z0-9-]*=/.test(value) ? parseValue(value) : undefined;
      return withMeter(run, (connected) => set(run, connected, target, known ?? value));
    },
  );
  command.option('-y, --yes', 'do not ask first');
  addConnectionOptions(command);
}

async function set(run: Run, { meter, companion }: Connected, target: Target, given: Data | string): Promise<void> {
  const attribute = attributeOf(target);
  const before = typeof given === 'string' ? await meter.get(attribute) : undefined;
  const value = typeof given === 'string' ? parseValue(given, before) : given;
  const title = titleOf(companion, target);
  const from = before === undefined ? '' : ` from ${dataText(before)}`;
  const meant = await confirm(
    run,
    `Set ${title} (${targetText(attribute)})${from} to ${value.type} ${dataText(value)}?`,
  );
  if (meant) await meter.set(attribute, value);
  run.output.document({
    command: 'set',
    target: targetText(attribute),
    name: title,
    done: meant,
    data: dataToJson(value),
  });
  if (meant) run.output.line(`${title} is set to ${dataText(value)}.`);
}
