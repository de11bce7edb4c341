import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { StateError } from '../../src/index.js';
import { counted } from '../../src/inspect.js';
import { systemErrorText } from '../../src/node.js';
import { MeterDump, type Template, templateText } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { connectionNames, refuseToReplace } from '../config.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { UsageError } from '../failure.js';
import type { Io } from '../io.js';
import { addConnectionOptions, type ConnectionSettings, connectionSettings, wholeIn } from '../settings.js';

const MOST_ROWS = 1_000_000;

/** `cosem dump` */
export function defineDump(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.dump,
      description:
        'Object lists, access rights, every readable value and the rows of profiles, of one association or, with several --connection or ' +
        '--all-connections, of several. Keys, passwords and secrets are never recorded.',
      examples: [
        'cosem dump --output meter.template.json --config meter.json --all-connections --rows 100 --mask',
        'cosem dump --output meter.template.json --config meter.json --connection public --connection reader',
      ],
    },
    dump,
  );
  command
    .requiredOption('--output <file>', 'where the template goes')
    .option('--force', 'replace the file where there is one')
    .option('--rows <n>', "how many rows of each profile, the newest; 'all' (all)")
    .option('--mask', 'replace serial numbers, system titles and hardware addresses by others of the same length')
    .option('--all-connections', 'with every connection of the configuration, one for each client');
  addConnectionOptions(command);
  const several = (name: string, before: readonly string[] = []) => [...before, name];
  command.options.find(({ long }) => long === '--connection')?.argParser(several);
}

async function dump(run: Run): Promise<void> {
  const { output, options } = run;
  const file = String(options.output);
  if (options.force !== true && existsSync(file)) refuseToReplace(file);
  const recording = new MeterDump({
    rows: rowsOf(options.rows),
    mask: options.mask === true,
    onProgress: ({ connection, object, objects, logicalName }) =>
      output.progress(`${connection}: object ${object} of ${objects}, ${logicalName}`),
  });
  for (const name of namesOf(run)) {
    const one: Run = { ...run, options: { ...options, connection: name } };
    const { client, server } = connectionSettings(one.options, run.io);
    // Configurations may have several connections of one client with different authentication: the first is enough.
    if (options.allConnections === true && recording.has(client, server)) continue;
    await withMeter(one, (connected) => record(run, connected, recording, name));
  }
  const template = recording.template();
  const text = templateText(template);
  write(file, text);
  output.endProgress();
  for (const note of recording.notes) output.note(note);
  const associations = template.devices.flatMap((device) => device.associations);
  const objects = listedIn(template);
  const values = template.devices
    .flatMap((device) => [
      ...device.objects.map((object) => object.values),
      ...device.associations.map(({ current }) => current),
    ])
    .reduce((sum, held) => sum + Object.keys(held).length, 0);
  output.document({
    command: 'dump',
    file,
    octets: text.length,
    masked: template.masked,
    associations: associations.map(({ name, client, objectList }) => ({ name, client, objects: objectList.length })),
    objects,
    values,
    notes: recording.notes,
  });
  const whose = associations
    .map(({ name, objectList }) => `${name} (${counted(objectList.length, 'object')})`)
    .join(', ');
  output.line(`${file}: ${counted(objects, 'object')} with ${counted(values, 'value')}, as seen by ${whose}.`);
  output.line(`Be this meter: ${output.style('bold', `cosem simulate --template ${file}`)}`);
}

/** How many objects the lists name. Each association has one of its own, the current one, under a name that all share. */
function listedIn({ devices }: Template): number {
  const names = devices.flatMap(({ server, associations }) =>
    associations.flatMap(({ objectList }) =>
      objectList.map((entry) => `${server}/${entry.class}:${entry.logicalName}`),
    ),
  );
  return new Set(names).size;
}

/** The connections to record; undefined is the one that options and environment describe. */
function namesOf({ io, options }: Run): readonly (string | undefined)[] {
  const named = options.connection as readonly string[] | undefined;
  if (options.allConnections !== true) return named ?? [undefined];
  if (named !== undefined) throw new UsageError('--connection and --all-connections at once', 'give one of them');
  const file = typeof options.config === 'string' ? options.config : io.env.COSEM_CONFIG;
  if (!file) throw new UsageError('all connections of which file?', 'add --config FILE');
  return connectionNames(file);
}

function rowsOf(rows: unknown): number | 'all' {
  if (typeof rows !== 'string' || rows === 'all') return 'all';
  return wholeIn(rows, '--rows', 0, MOST_ROWS);
}

async function record(
  { output, io }: Run,
  { meter, settings, companion }: MeterOnLine,
  recording: MeterDump,
  name: string | undefined,
): Promise<void> {
  const association = companion.associations.find(({ clientSap }) => clientSap === settings.client);
  const title = name ?? association?.key ?? `client ${settings.client}`;
  output.progress(`${title}: reading the object list`);
  await recording.add(meter, title, openedWith(settings), { signal: io.signal });
}

/** What the recording needs to know about how the meter was opened. */
function openedWith(settings: ConnectionSettings): Parameters<MeterDump['add']>[2] {
  const { client, server, authentication, password, secret, security } = settings;
  const { encryptionKey, authenticationKey, title } = settings;
  return {
    client,
    server,
    authentication,
    ...(password === undefined ? {} : { password }),
    ...(secret === undefined ? {} : { secret }),
    ...(encryptionKey === undefined || authenticationKey === undefined || title === undefined
      ? {}
      : {
          security: {
            encryptionKey,
            authenticationKey,
            systemTitle: title,
            ...(security === undefined ? {} : { policy: security }),
          },
        }),
  };
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new StateError(`${file} cannot be written: ${systemErrorText(error)}`, {
      hint: 'does its folder exist, and may you write there?',
    });
  }
}
