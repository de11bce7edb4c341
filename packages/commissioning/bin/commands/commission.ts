import { ANNOUNCED, type Command, define, type Io } from 'cosem/command';

/** The options of every command that works in a commissioning folder. */
export function addFolderOptions(command: Command): Command {
  return command
    .option('--folder <folder>', 'the commissioning folder; COSEM_FOLDER, or here')
    .option('--passphrase-file <file>', 'opens its keys; else COSEM_PASSPHRASE, or it is asked for');
}

/** The options of every command that works at a meter: who checks the OTP, and how the meter is reached. */
export function addMeterOptions(command: Command): Command {
  return command
    .option(
      '--verifier <where>',
      "who checks the OTP: a service's address, or offline for what the work order brought (the policy's service, else offline)",
    )
    .option('--url <address>', "where finished records go (the policy's)")
    .option('--serial <path>', 'the port that the probe is at, where the configuration names none or another')
    .option('--tcp <host:port>', 'the meter is on a network')
    .option('--baud <n>', 'speed of the serial port')
    .option('--framing <name>', 'hdlc, wrapper or mode-e, where the configuration does not say')
    .option('--counters <file>', 'where invocation counters are kept')
    .option('--timeout <seconds>', 'how long the meter may stay silent (10)')
    .option('--patience <seconds>', 'how long a lost line is tried anew; 0 not at all (60)')
    .option('--trace', 'show the frames, decoded, on stderr; keys and secrets are masked');
}

/** The option of every command that asks where the meter is. */
export function addGpsOption(command: Command): Command {
  return command.option(
    '--gps <where>',
    'a GPS receiver for the position: /dev/ttyUSB1, COM5@4800, or gpsd[:host:port]',
  );
}

/** `cosem commission` */
export function defineCommission(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.commission,
      description:
        'Without an order: the list of the day, what is done, open and failed.\n' +
        'With one: eleven steps from the letter of authorisation to the signed ' +
        'certificate, taken up where they ended. It never asks for money.\n' +
        'The guide in English and Hindi: docs/commissioning.md.',
      examples: [
        'cosem commission init ~/lucknow --name "R. Sharma" --sample',
        'cosem commission --folder ~/lucknow',
        'cosem commission WO-2031 --folder ~/lucknow --serial /dev/ttyUSB0',
        'cosem commission WO-2031 --folder ~/lucknow --answers answers.json --json < otp',
      ],
    },
    async (run, [order]) => (await import('../commission.js')).commission(run, order),
  );
  // Options behind a subcommand are its own.
  command.enablePositionalOptions();
  addGpsOption(addMeterOptions(addFolderOptions(command)))
    .option('--order <id>', 'the work order: the same as the argument')
    .option(
      '--answers <file>',
      'answers to all questions, for nobody at the keyboard: docs/commissioning-answers.schema.json',
    );

  const init = define(
    command,
    io,
    {
      usage: 'init <folder>',
      summary: 'make a commissioning folder: keys, policy, and with --sample an order for the virtual meter',
      examples: ['cosem commission init ~/lucknow --name "R. Sharma" --sample'],
    },
    async (run, [folder = '.']) => (await import('../init.js')).initFolder(run, folder),
  );
  init
    .option('--name <name>', 'whose keys they are')
    .option('--passphrase-file <file>', 'seals the keys; else COSEM_PASSPHRASE, or it is asked for')
    .option('--sample', 'with a work order for cosem simulate, and answers to it');

  define(
    command,
    io,
    {
      usage: 'demo [folder]',
      summary: 'see it work: a virtual prepaid meter from work order to verified certificate',
      description:
        'In a fresh folder, DEMO_DIR, or a temporary one. Meter, verification service and utility are within this program.',
      examples: ['cosem commission demo', 'DEMO_DIR=/tmp/demo npm run demo:commission'],
    },
    async (run, [folder]) => (await import('../demo.js')).demo(run, folder),
  );
}
