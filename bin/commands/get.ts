import type { Command } from 'commander';
import { type AttributeRef, className, objectTitle, scalerUnitRef, untypedObject } from '../../src/classes.js';
import { type Companion, type Data, type Meter, Reading } from '../../src/index.js';
import { attributeName, inspectValue, renderText } from '../../src/inspect.js';
import type { ScalerUnit } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { inWords, quantityOf, targetText } from '../format.js';
import type { Io } from '../io.js';
import { addConnectionOptions } from '../settings.js';
import { parseTarget, type Target } from '../target.js';

/** `cosem get` */
export function defineGet(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.get,
      description: 'Class 3 is a register, 1 data, 8 the clock; attribute 2 is nearly always the value.',
      examples: [
        'cosem get 3:1.0.1.8.0.255:2 --serial /dev/ttyUSB0',
        "cosem get '8:0-0:1.0.0*255:2' --tcp 192.168.1.10 --json",
      ],
    },
    (run, [target = '']) => {
      const wanted = parseTarget(target, 'attribute');
      return withMeter(run, (connected) => get(run, connected, wanted));
    },
  );
  addConnectionOptions(command);
}

/** An attribute of an object by numbers. */
export function attributeOf({ classId, logicalName, member }: Target): AttributeRef<Data> {
  return untypedObject(classId, 0, logicalName).attribute(member);
}

async function get(run: Run, { meter, companion }: MeterOnLine, target: Target): Promise<void> {
  const data = await meter.get(attributeOf(target));
  const { classId, logicalName, member: attributeId } = target;
  const scaler = await scalerOf(meter, target);
  const name = titleOf(companion, target);
  const reading = new Reading({
    ...{ classId, logicalName, attributeId, name, data },
    ...(scaler === undefined ? {} : { scalerUnit: scaler }),
  });
  const { object, ...json } = reading.toJSON();
  run.output.document({
    command: 'get',
    target: object,
    ...json,
  });
  const { output } = run;
  output.line(`${output.style('bold', name)}  ${output.style('dim', targetText(reading))}`);
  const quantity = quantityOf(reading);
  const words =
    scaler === undefined
      ? renderText(inspectValue(data, reading, companion), { octets: false })
      : `${quantity.value} ${quantity.unit}`.trimEnd();
  for (const line of words.split('\n')) output.line(`  ${line}`);
}

/** `Active energy import, value` */
export function titleOf(companion: Companion, { classId, logicalName, member }: Target): string {
  const attribute = inWords(attributeName(classId, member)) ?? `attribute ${member}`;
  return `${objectTitle(companion, logicalName) ?? `${className(classId)} ${logicalName}`}, ${attribute}`;
}

/** Scaler and unit of what is a register's number; undefined for anything else. */
async function scalerOf(
  meter: Meter,
  { classId, logicalName, member }: Target,
): Promise<ScalerUnit | 'unknown' | undefined> {
  const ref = scalerUnitRef({ classId, logicalName, attributeId: member });
  if (ref === undefined) return undefined;
  const [known] = await meter.scalerUnits([ref]);
  return known ?? 'unknown';
}
