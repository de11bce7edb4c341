import { ANNOUNCED, type Command, define, type Io } from 'cosem/command';
import { addFolderOptions, addGpsOption, addMeterOptions } from './commission.js';

/** `cosem day` */
export function defineDay(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.day,
      description:
        'The orders with what is done, open, failed and postponed; a number begins or takes up the work at a house, ' +
        'and the list comes back after it. The passphrase is asked for once. The guide in English and Hindi: docs/commissioning.md.',
      examples: ['cosem day --folder ~/lucknow', 'cosem day --folder ~/lucknow --serial /dev/ttyUSB0'],
    },
    async (run) => (await import('../day-loop.js')).day(run),
  );
  // Options behind a subcommand are its own.
  command.enablePositionalOptions();
  addGpsOption(addMeterOptions(addFolderOptions(command)));
  const importing = define(
    command,
    io,
    {
      usage: 'import <sheet>',
      summary: "make work orders of the utility's CSV or Excel sheet",
      description:
        'A mapping file says which column is what. Rows that are not right are refused with their ' +
        'reason, the others land; the same sheet again adds nothing. docs/commissioning-files.md has an example.',
      examples: [
        'cosem day import orders.xlsx --mapping mapping.json --dry-run --folder ~/lucknow',
        'cosem day import orders.csv --mapping mapping.json --folder ~/lucknow',
      ],
    },
    async (run, [sheet = '']) => (await import('../day-import.js')).importSheet(run, sheet),
  );
  addFolderOptions(importing)
    .option('--mapping <file>', 'which column is what: docs/order-mapping.schema.json')
    .option('--dry-run', 'only say what would be written')
    .option('--replace', 'put changed orders in the place of those that were not begun');

  const postponing = define(
    command,
    io,
    {
      usage: 'postpone <order>',
      summary: 'put an order off, with a reason; working on it takes it up again',
      examples: ['cosem day postpone WO-2031 --reason house-locked --folder ~/lucknow'],
    },
    async (run, [order = '']) => (await import('../day-loop.js')).postponeOrder(run, order),
  );
  addFolderOptions(postponing)
    .option('--reason <name>', 'one that the policy has; else it is asked for')
    .option('--note <text>', 'more about it');

  const report = define(
    command,
    io,
    {
      usage: 'report',
      summary: 'write the report of a day, as PDF and CSV',
      examples: ['cosem day report --folder ~/lucknow', 'cosem day report --date 30-11-2026 --folder ~/lucknow'],
    },
    async (run) => (await import('../day-report.js')).reportDay(run),
  );
  addReportOptions(report).option('--out <folder>', 'where it is written; else into the commissioning folder');

  const handOver = define(
    command,
    io,
    {
      usage: 'hand-over <file>',
      summary: 'put records, certificates, index and report into a zip file for the utility; never keys or OTPs',
      examples: ['cosem day hand-over day.zip --folder ~/lucknow'],
    },
    async (run, [file = '']) => (await import('../day-report.js')).handOverDay(run, file),
  );
  addReportOptions(handOver)
    .option('--passphrase-file <file>', 'opens the keys; else COSEM_PASSPHRASE, or it is asked for')
    .option('--dry-run', 'only say what would be in it')
    .option('-y, --yes', 'write it without asking');

  define(
    command,
    io,
    {
      usage: 'demo [folder]',
      summary: 'see a day of ten orders: virtual meters on a pair of pseudo-terminals, and what goes wrong at houses',
      description: 'In a fresh folder, DEMO_DIR, or a temporary one.',
      examples: ['cosem day demo', 'DEMO_DIR=/tmp/day npm run demo:day -- --realistic'],
    },
    async (run, [folder]) => (await import('../day-demo.js')).dayDemo(run, folder),
  ).option('--realistic', 'take the time that real meters take on a line of 9600 baud');
}

function addReportOptions(command: Command): Command {
  return command
    .option('--folder <folder>', 'the commissioning folder; COSEM_FOLDER, or here')
    .option('--date <day>', 'the day, such as 31-12-2026; else today');
}
