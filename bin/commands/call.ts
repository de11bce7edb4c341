import type { Command } from 'commander';
import { className, DisconnectControlV0, i8, nullValue, objectTitle } from '../../src/classes.js';
import { type Data, dataText, type Meter } from '../../src/index.js';
import { methodName } from '../../src/inspect.js';
import { dataToJson } from '../../src/protocol.js';
import { parseData } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, mustBeAskable } from '../confirm.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { asUsage } from '../failure.js';
import { inWords } from '../format.js';
import type { Io } from '../io.js';
import { languageOf } from '../language.js';
import { addConnectionOptions } from '../settings.js';
import { parseTarget, type Target } from '../target.js';
import { carryOut } from './relay.js';

const { remoteDisconnect, remoteReconnect } = DisconnectControlV0.methods;

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

/**
 * Calls the method and returns its result. After a command to a relay its state is read, because a meter may accept the command without
 * carrying it out.
 */
async function called(run: Run, meter: Meter, target: Target, parameter: Data): Promise<Data> {
  const { classId, logicalName, member } = target;
  const isOrder =
    classId === DisconnectControlV0.id && (member === remoteDisconnect.id || member === remoteReconnect.id);
  if (!isOrder || parameter.type !== 'integer' || parameter.value !== 0)
    return meter.call(meter.untyped(classId, logicalName).method(member), parameter);
  await carryOut(
    run.output,
    meter,
    member === remoteDisconnect.id ? 'disconnect' : 'connect',
    languageOf(run.io),
    logicalName,
  );
  return nullValue();
}
