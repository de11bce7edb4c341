/** The commands that this package adds to `cosem`. */

import {
  ANNOUNCED,
  addChangeOptions,
  addConnectionOptions,
  type Command,
  type Commands,
  define,
  type Io,
  Option,
  type Support,
} from 'cosem/command';

/** That the package is there: what its folders hold is not told. */
export const support: Support = async () => ({ installed: true });

const USES = ['digital-signature', 'key-agreement', 'tls'];

export const commands: Commands = (program, io) => {
  const pki = program
    .command(ANNOUNCED.pki.usage)
    .summary(ANNOUNCED.pki.summary)
    .description(
      'Certificates (X.509) for security suites 1 and 2: a test authority, certificates of meters and clients, chains.',
    )
    .addHelpText('after', '\nExample:\n  $ cosem pki ca --folder pki\n');
  defineMaking(pki, io);
  defineLooking(pki, io);
  defineEnrol(pki, io);
};

function defineMaking(pki: Command, io: Io): void {
  const make = async () => import('./make.js');
  const ca = define(
    pki,
    io,
    {
      usage: 'ca',
      summary: 'make a test authority: a root, and an authority below it that issues',
      description:
        'The folder gets anchors (trusted), authorities, certificates and keys. Give meters and readers a copy without the folder keys.',
      examples: ['cosem pki ca --folder pki', 'cosem pki ca --folder pki --suite 2 --passphrase-file phrase.txt'],
    },
    async (run) => (await make()).makeCa(run),
  );
  addFolder(ca)
    .addOption(new Option('--suite <n>', 'security suite: 1 (P-256) or 2 (P-384)').choices(['1', '2']).default('1'))
    .option('--name <name>', 'its name, in the certificates', 'Test')
    .option('--days <n>', 'how long it is valid', '3650');

  for (const kind of ['meter', 'client'] as const) {
    const command = define(
      pki,
      io,
      {
        usage: `${kind} <title>`,
        summary: `make keys and certificates of a ${kind} by its system title`,
        description:
          kind === 'meter'
            ? 'For a meter that gets its keys from outside. One that makes its own keys sends a request: cosem pki issue.'
            : 'Keys and certificates with which a reader signs and agrees on keys.',
        examples: [`cosem pki ${kind} ${kind === 'meter' ? '4D4D4D0000BC614E' : '4D4D4D0000000001'} --folder pki`],
      },
      async (run, [title = '']) => (await make()).makeEntity(run, kind, title),
    );
    addUses(addFolder(command)).option('--days <n>', 'how long they are valid', '1825');
  }

  const issue = define(
    pki,
    io,
    {
      usage: 'issue <request>',
      summary: 'issue a certificate for a request (PKCS #10) whose signature holds',
      examples: ['cosem pki issue meter.csr --folder pki --use digital-signature'],
    },
    async (run, [file = '']) => (await make()).issue(run, file),
  );
  addFolder(issue)
    .addOption(new Option('--use <use>', 'what the key is for').choices(USES).default('digital-signature'))
    .option('--title <title>', 'the system title that the request has to name')
    .option('--days <n>', 'how long it is valid', '1825');
}

function defineLooking(pki: Command, io: Io): void {
  define(
    pki,
    io,
    {
      usage: 'show <file...>',
      summary: 'say in words what certificates and requests hold, and how they hang together',
      description: 'Files in PEM or DER. It judges nothing: cosem pki check does.',
      examples: ['cosem pki show meter.pem authority.pem'],
    },
    async (run, files) => (await import('./look.js')).show(run, files.flat() as string[]),
  );
  const check = define(
    pki,
    io,
    {
      usage: 'check <file>',
      summary: 'check a certificate: its chain up to an anchor, dates, use, curve, system title',
      examples: [
        'cosem pki check meter.pem --folder pki --use digital-signature --title 4D4D4D0000BC614E',
        'cosem pki check meter.pem --anchor root.pem --use tls --suite 2',
      ],
    },
    async (run, [file = '']) => (await import('./look.js')).check(run, file),
  );
  addFolder(check)
    .option('--anchor <file...>', 'certificates that are trusted, in place of those of the folder')
    .addOption(new Option('--use <use>', 'what its key is wanted for').choices(USES).default('digital-signature'))
    .option('--title <title>', 'the system title that its owner must have')
    .addOption(new Option('--suite <n>', 'the security suite that its key must fit').choices(['1', '2']))
    .option('--at <time>', 'when it has to be valid, such as 2026-12-01T12:00:00Z (now)');
}

function defineEnrol(pki: Command, io: Io): void {
  const command = define(
    pki,
    io,
    {
      usage: 'enrol',
      summary: 'bring a meter from nothing to certificates: it makes its keys, the authority signs its request',
      description:
        'By its security setup (class 64, version 1): the meter generates each key pair and gives a request, which is checked; it gets the ' +
        'certificate of the authority and the new one, and has to give it back. Private keys never leave the meter. Keys that it had for that use are gone.',
      examples: [
        'cosem pki enrol --folder pki --config meter.json --connection utility',
        'cosem pki enrol --folder pki --reader 4D4D4D0000000001 --config meter.json --connection utility',
      ],
    },
    async (run) => (await import('./enrol.js')).enrolMeter(run),
  );
  addUses(addFolder(command))
    .option('--days <n>', 'how long the certificates are valid', '1825')
    .option('--reader <title...>', 'clients of the folder whose certificates the meter gets too')
    .option('--setup <obis>', 'security setup that takes the certificates; the one of the association unless told');
  addConnectionOptions(addChangeOptions(command));
}

function addFolder(command: Command): Command {
  return command
    .option('--folder <folder>', 'the folder of certificates and keys; COSEM_PKI, or pki')
    .option(
      '--passphrase-file <file>',
      'file with the passphrase of the keys; COSEM_PASSPHRASE; none where neither is given',
    );
}

function addUses(command: Command): Command {
  return command.addOption(
    new Option('--use <use...>', 'what the keys are for')
      .choices(USES)
      .default(['digital-signature', 'key-agreement'], 'digital-signature and key-agreement'),
  );
}
