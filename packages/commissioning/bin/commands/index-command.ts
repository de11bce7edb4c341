import { ANNOUNCED, type Command, define, type Io, Option } from 'cosem/command';
import { addFolderOptions } from './commission.js';

const FORMATS = ['csv', 'json', 'geojson'];

/** `cosem index` */
export function defineIndex(program: Command, io: Io): void {
  const index = program
    .command(ANNOUNCED.index.usage)
    .summary(ANNOUNCED.index.summary)
    .description('The consumer index: which meter serves which consumer, since when, and which did before.')
    .addHelpText('after', '\nExample:\n  $ cosem index list --folder ~/lucknow\n');
  const work = async () => import('../consumer-index.js');

  const list = define(
    index,
    io,
    {
      usage: 'list',
      summary: 'meters that serve, and where',
      examples: ['cosem index list --folder ~/lucknow', 'cosem index list --folder ~/lucknow --all --personal'],
    },
    async (run) => (await work()).listIndex(run),
  );
  addFolderOptions(list)
    .option('--all', 'meters that were taken away too')
    .option('--personal', 'number and name of consumers too');

  const show = define(
    index,
    io,
    {
      usage: 'show <what>',
      summary: 'everything about a meter, a consumer or a work order, corrections too',
      examples: ['cosem index show 10000001 --folder ~/lucknow', 'cosem index show 1100220033 --folder ~/lucknow'],
    },
    async (run, [what = '']) => (await work()).showIndex(run, what),
  );
  addFolderOptions(show);

  const exported = define(
    index,
    io,
    {
      usage: 'export',
      summary: 'write the index as CSV, JSON or GeoJSON',
      description:
        'Without consumers unless --personal is given; positions are in GeoJSON always, for they are what it is.',
      examples: [
        'cosem index export --folder ~/lucknow --output index.csv',
        'cosem index export --folder ~/lucknow --format geojson > map.geojson',
      ],
    },
    async (run) => (await work()).exportIndex(run),
  );
  addFolderOptions(exported)
    .addOption(new Option('--format <name>', 'csv, json or geojson; else from the name of the file').choices(FORMATS))
    .option('--output <file>', 'the file; only its owner may read it (stdout)')
    .option('--all', 'meters that were taken away too')
    .option('--personal', 'consumers too, as an import needs them');

  const imported = define(
    index,
    io,
    {
      usage: 'import <file>',
      summary: 'bring installations into the index, all or none',
      description:
        'CSV or JSON as export --personal writes them. Duplicates, swapped serial numbers and impossible values are refused.',
      examples: ['cosem index import old.csv --folder ~/lucknow --dry-run'],
    },
    async (run, [file = '']) => (await work()).importIndex(run, file),
  );
  addFolderOptions(imported).option('--dry-run', 'only tell what would come of it');

  const correct = define(
    index,
    io,
    {
      usage: 'correct <row>',
      summary: 'correct a row by a new one; the old one stays in the history',
      examples: ['cosem index correct 12 --folder ~/lucknow --set pole=P-11 --reason "pole misread at the site"'],
    },
    async (run, [row = '']) => (await work()).correctIndex(run, row),
  );
  addFolderOptions(correct)
    .requiredOption('--reason <text>', 'why, in words that others will understand')
    .addOption(
      new Option('--set <field=value>', 'what is right; repeatable: feeder, transformer, pole, seals, position, …')
        .argParser((text: string, before: readonly string[] = []) => [...before, text])
        .makeOptionMandatory(),
    );

  const end = define(
    index,
    io,
    {
      usage: 'end <row>',
      summary: 'end the service of a meter that was taken away',
      examples: ['cosem index end 12 --folder ~/lucknow --reading 1234.5 --reason "moved out"'],
    },
    async (run, [row = '']) => (await work()).endIndex(run, row),
  );
  addFolderOptions(end)
    .requiredOption('--reading <kWh>', 'its final reading')
    .requiredOption('--reason <text>', 'why')
    .option('--at <time>', 'when, such as 2026-11-23T14:05:00+05:30 (now)');

  const erase = define(
    index,
    io,
    {
      usage: 'erase <consumer>',
      summary: 'erase what is personal of a consumer: index, work orders, journals, certificates',
      description: 'There is no way back. Meters, readings and signed records stay: they name nobody.',
      examples: ['cosem index erase 1100220033 --folder ~/lucknow'],
    },
    async (run, [consumer = '']) => (await work()).eraseConsumer(run, consumer),
  );
  addFolderOptions(erase).option('-y, --yes', 'do not ask first');
}
