import { ANNOUNCED, type Command, define, type Io } from 'cosem/command';
import { addFolderOptions } from './commission.js';

/** `cosem day` */
export function defineDay(program: Command, io: Io): void {
  const command = program.command(ANNOUNCED.day.usage).summary(ANNOUNCED.day.summary);
  command.enablePositionalOptions();
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
}
