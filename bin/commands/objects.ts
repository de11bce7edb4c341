import type { Command } from 'commander';
import { objectTitle } from '../../src/classes.js';
import type { Companion } from '../../src/index.js';
import { counted } from '../../src/inspect.js';
import type { ListedObject } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import type { Io } from '../io.js';
import { addConnectionOptions } from '../settings.js';

/** `cosem objects` */
export function defineObjects(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.objects,
      examples: ['cosem objects --config meter.json --connection utility'],
    },
    (run) => withMeter(run, (connected) => objects(run, connected)),
  );
  addConnectionOptions(command);
}

async function objects({ output }: Run, { meter, companion, settings }: MeterOnLine): Promise<void> {
  output.progress('reading the object list');
  const { objects: list, odd } = await meter.objectListing();
  output.endProgress();
  output.document({
    command: 'objects',
    client: settings.client,
    objects: list.map((object) => ({
      class: object.classId,
      version: object.version,
      logicalName: object.logicalName,
      className: object.className,
      name: nameOf(object, companion) ?? null,
      attributes: object.attributes.map(({ id, name, access, selectors }) => ({
        id,
        name: name ?? null,
        access,
        selectors,
      })),
      methods: object.methods.map(({ id, name, access }) => ({ id, name: name ?? null, access })),
      ...(object.odd === undefined ? {} : { odd: object.odd }),
    })),
    ...(odd.length === 0 ? {} : { odd }),
  });
  const isOdd = list.some((object) => object.odd !== undefined);
  output.table(
    [
      { title: 'class', align: 'right' },
      { title: 'v', align: 'right' },
      { title: 'logical name' },
      { title: 'read' },
      { title: 'write' },
      { title: 'call' },
      { title: 'name' },
      ...(isOdd ? [{ title: 'odd' }] : []),
    ],
    list.map((object) => [
      String(object.classId),
      String(object.version),
      object.logicalName,
      idsText(object.attributes.filter(({ readable }) => readable)),
      idsText(object.attributes.filter(({ writable }) => writable)),
      idsText(object.methods.filter(({ executable }) => executable)),
      nameOf(object, companion) ?? output.style('dim', object.className),
      ...(isOdd ? [object.odd ?? ''] : []),
    ]),
  );
  for (const { index, reason } of odd) output.note(`entry ${index + 1} names no object: ${reason}`);
  output.note(counted(list.length, 'object'));
}

function nameOf({ logicalName, name }: ListedObject, companion: Companion): string | undefined {
  return objectTitle(companion, logicalName) ?? name;
}

/** Ids with runs drawn together: `1-4,7`. */
function idsText(members: readonly { readonly id: number }[]): string {
  const ids = members.map(({ id }) => id).sort((a, b) => a - b);
  const runs: string[] = [];
  for (let i = 0; i < ids.length; ) {
    let end = i;
    while (ids[end + 1] === (ids[end] as number) + 1) end++;
    runs.push(end === i ? `${ids[i]}` : `${ids[i]}${end === i + 1 ? ',' : '-'}${ids[end]}`);
    i = end + 1;
  }
  return runs.join(',');
}
