import type { Command } from 'commander';
import { className, i8, objectTitle } from '../../src/classes.js';
import { type Data, dataText, type Meter } from '../../src/index.js';
import { methodName } from '../../src/inspect.js';
import { dataToJson } from '../../src/protocol.js';
import { callMethod, parseData, relayOrderOf } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, mustBeAskable } from '../confirm.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { asUsage } from '../failure.js';
import { inWords } from '../format.js';
import type { Io } from '../io.js';
import { languageOf } from '../language.js';
import { RELAY_WORDS } from '../read-words.js';
import { addConnectionOptions } from '../settings.js';
import { parseTarget, type Target } from '../target.js';

/** `cosem call` */
export function defineCall(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.call,
      description:
        'VALUE is TYPE=VALUE or JSON, as in `cosem set`; integer=0 when left out, which is what most methods take. A relay is looked at behind its order; of other methods "done" is what the meter says.',
      examples: [
        'cosem call 70:0.0.96.3.10.255:1 --config meter.json --connection utility',
        'cosem call 9:0.0.10.0.1.255:1 long-unsigned=1 --yes --config meter.json --connection utility',
      ],
    },
    (run, [text = '', value]) => {
      const target = parseTarget(text, 'method');
      const parameter = value === undefined ? i8(0) : asUsage(() => parseData(value));
      mustBeAskable(run);
      return withMeter(run, (connected) => call(run, connected, target, parameter));
    },
  );
  addConnectionOptions(addChangeOptions(command));
}

async function call(run: Run, { meter, companion }: MeterOnLine, target: Target, parameter: Data): Promise<void> {
  const { classId, logicalName, member } = target;
  const name = inWords(methodName(classId, member)) ?? `method ${member}`;
  const title = `${objectTitle(companion, logicalName) ?? `${className(classId)} ${logicalName}`}, ${name}`;
  const place = `${classId}:${logicalName}:${member}`;
  const meant = await confirm(run, `Call ${title} (${place}) with ${parameter.type} ${dataText(parameter)}`);
  const returned = meant ? await called(run, meter, target, parameter) : undefined;
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

async function called({ output, io }: Run, meter: Meter, target: Target, parameter: Data): Promise<Data> {
  if (relayOrderOf(target, parameter) !== undefined) output.progress(RELAY_WORDS[languageOf(io)].moving);
  const returned = await callMethod(meter, target, parameter);
  output.endProgress();
  return returned;
}
