import type { Command } from 'commander';
import type { QuirkSheet } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import type { Io } from '../io.js';
import type { Json } from '../output.js';
import { quirkSheets, quirksFolder, sheetsIn } from '../quirks.js';

/** `cosem quirks` */
export function defineQuirks(program: Command, io: Io): void {
  define(
    program,
    io,
    {
      ...ANNOUNCED.quirks,
      description:
        'Sheets come with cosem, and from the folder of your own: every command takes those that fit the meter. --quirks adds a file, or ' +
        'names sheets that shall hold whatever the meter says of itself. docs/quirks.md says what a sheet may hold.',
      examples: ['cosem quirks', 'cosem quirks my-meters.json'],
    },
    list,
  );
}

async function list({ io, output }: Run, [file]: readonly (string | undefined)[]): Promise<void> {
  const sheets = file === undefined ? quirkSheets(io) : sheetsIn(file);
  output.document({
    command: 'quirks',
    folder: quirksFolder(io),
    file: file ?? null,
    quirks: sheets as unknown as Json,
  });
  for (const sheet of sheets) {
    output.heading(sheet.id);
    output.table([{ title: '' }, { title: '' }], rowsOf(sheet), '  ');
    output.line();
  }
  output.line(file === undefined ? `Your own go into ${quirksFolder(io)}/NAME.json.` : `${file} is right.`);
}

function rowsOf({ title, source, match = {}, effects = {}, notes = [] }: QuirkSheet): string[][] {
  const matches = Object.entries(match).map(([trait, pattern]) => `${trait} ${pattern}`);
  return [
    ['What', title],
    ['Seen', source],
    ['Meters', matches.length === 0 ? 'every one' : matches.join(', ')],
    ...Object.entries(effects).map(([name, value]) => ['Effect', `${name} ${JSON.stringify(value)}`]),
    ...notes.map((note) => ['Note', note]),
  ];
}
