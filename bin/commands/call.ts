import type { Command } from 'commander';
import { className, type Data, dataText, dataToJson, i8, methodName, objectTitle } from '../../src/index.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, mustBeAskable } from '../confirm.js';
import { type Connected, withMeter } from '../connect.js';
import { inWords } from '../format.js';
import type { Io } from '../io.js';
import { addConnectionOptions } from '../settings.js';
import { parseTarget, type Target } from '../target.js';
import { parseValue } from '../value.js';

/** `cosem call` */
export function defineCall(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      usage: 'call <target> [value]',
      summary: 'call one method, CLASS:OBIS:METHOD',
      description:
        'VALUE is TYPE=VALUE or JSON, as in `cosem set`; integer=0 when left out, which is what most methods take.',
      examples: [
        'cosem call 70:0.0.96.3.10.255:1 --config meter.json --connection utility',
        'cosem call 9:0.0.10.0.1.255:1 long-unsigned=1 --yes --config meter.json --connection utility',
      ],
    },
    (run, [text = '', value]) => {
      const target = parseTarget(text, 'method');
      const parameter = value === undefined ? i8(0) : parseValue(value);
      mustBeAskable(run);
      return withMeter(run, (connected) => call(run, connected, target, parameter));
    },
  );
  addConnectionOptions(addChangeOptions(command));
}

async function call(run: Run, { meter, companion }: Connected, target: Target, parameter: Data): Promise<void> {
  const { classId, logicalName, member } = target;
  const name = inWords(methodName(classId, member)) ?? `method ${member}`;
  const title = `${objectTitle(companion, logicalName) ?? `${className(classId)} ${logicalName}`}, ${name}`;
  const place = `${classId}:${logicalName}:${member}`;
  const meant = await confirm(run, `Call ${title} (${place}) with ${parameter.type} ${dataText(parameter)}`);
  const returned = meant ? await meter.call(meter.untyped(classId, logicalName).method(member), parameter) : undefined;
  run.output.document({
    command: 'call',
    target: place,
    name: title,
    ...doneIn(run, meant),
    ...(returned === undefined ? {} : { returned: dataToJson(returned) }),
  });
  if (returned === undefined) return;
  run.output.line(returned.type === 'null-data' ? `${title}: done.` : `${title} returned ${dataText(returned)}.`);
}
