import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import type {
  CommissioningRecord,
  CompactClaims,
  FileCheck,
  FolderCheck,
  TrustedSigner,
} from '../../src/commissioning.js';
import { counted, Decimal } from '../../src/index.js';
import { define, Ended, type Run } from '../command.js';
import { EXIT, type ExitCode, UsageError } from '../failure.js';
import type { Io } from '../io.js';
import type { Json } from '../output.js';

/** The library is large: other commands do without it. */
type Library = typeof import('../../src/commissioning.js');

/** `cosem verify` */
export function defineVerify(program: Command, io: Io): void {
  define(
    program,
    io,
    {
      usage: 'verify <file>',
      summary: 'check a certificate or a record of commissioning: valid, altered, or signed by somebody unknown',
      description:
        'FILE is a certificate (JSON, HTML, PDF), a signed record, a file with the text of its QR code, that text itself, or - for standard\n' +
        'input. Of a folder each certificate is checked, and that no record is missing from the chain. No network is needed.\n' +
        'Trusted are the keys of --trust, else those of trusted-signers.json beside FILE or one folder above.\n' +
        'Exit codes: 0 valid, 5 altered, 4 signed by somebody unknown, or a page that only another version can compare, 2 no such thing.',
      examples: [
        'cosem verify certificates/WO-1.pdf --trust trusted-signers.json',
        'cosem verify commissioning',
        "cosem verify 'COSEM1:…' --trust trusted-signers.json --json",
      ],
    },
    (run, [file]) => verify(run, file as string),
  ).option('--trust <keyfile>', 'trusted-signers.json of the utility, or the keys.json of an installer');
}

async function verify(run: Run, file: string): Promise<void> {
  const library = await import('../../src/commissioning.js');
  const trust = trustOf(run, file, library);
  try {
    if (file !== '-' && isFolder(file)) await verifyFolder(run, file, trust, library);
    else await verifyOne(run, file, trust, library);
  } catch (error) {
    if (!(error instanceof library.StorageError)) throw error;
    throw new UsageError(error.message, error.hint ?? 'is that the right file?');
  }
}

// ---- whom to trust

interface Trust {
  readonly file: string | undefined;
  readonly signers: readonly TrustedSigner[];
}

function trustOf({ options }: Run, file: string, { parseTrust, readTextFile, DocumentError }: Library): Trust {
  const given = options.trust as string | undefined;
  const places = given === undefined ? usualPlaces(file) : [given];
  for (const place of places) {
    try {
      const text = readTextFile(place);
      if (text !== undefined) return { file: place, signers: parseTrust(text, place) };
    } catch (error) {
      if (error instanceof DocumentError) throw new UsageError(error.message, 'the utility gives trusted-signers.json');
      throw given === undefined ? error : new UsageError(`${place} cannot be read`, 'is it the right file?');
    }
  }
  if (given !== undefined) throw new UsageError(`there is no file ${given}`, 'the utility gives trusted-signers.json');
  return { file: undefined, signers: [] };
}

function usualPlaces(file: string): string[] {
  const name = 'trusted-signers.json';
  if (file === '-' || file.startsWith('COSEM1:')) return [name];
  const folder = isFolder(file) ? file : dirname(file);
  return [join(folder, name), join(folder, '..', name)];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

// ---- one file

type Checked = FileCheck | undefined;

async function verifyOne(run: Run, file: string, trust: Trust, library: Library): Promise<void> {
  const { output } = run;
  const octets = await octetsOf(run, file, library);
  const check: Checked = await library.verifyFile(octets, trust.signers);
  const name = file.startsWith(library.COMPACT_PREFIX) ? 'the QR code' : file;
  if (check === undefined) {
    throw new UsageError(
      `${name} is no certificate, record or text of a QR code of commissioning`,
      'give the JSON, HTML or PDF that cosem wrote, or the text that begins with COSEM1:',
    );
  }
  const exit = exitOf(check);
  output.document({
    command: 'verify',
    verdict: check.verdict.verdict,
    trust: trust.file ?? null,
    ...fileJson(file, check),
    exit,
  });
  output.heading(headline(check, library));
  if (check.verdict.verdict !== 'altered') {
    output.table([{ title: '' }, { title: '' }], contentRows(check, library), '  ');
    output.line();
  }
  output.line(trust.file === undefined ? 'No key is trusted here.' : `Trusted: the keys of ${trust.file}.`);
  const next = advice(check);
  if (next !== undefined) output.note(next);
  if (exit !== EXIT.done) throw new Ended(exit);
}

async function octetsOf({ io }: Run, file: string, { readOctets, COMPACT_PREFIX }: Library): Promise<Uint8Array> {
  if (file === '-') return buffer(io.stdin);
  return file.startsWith(COMPACT_PREFIX) ? new TextEncoder().encode(file) : readOctets(file);
}

function exitOf({ verdict, ...check }: FileCheck): ExitCode {
  if (verdict.verdict === 'altered') return EXIT.badAnswer;
  const unsure = verdict.verdict === 'unknown-signer' || ('page' in check && check.page === 'not-compared');
  return unsure ? EXIT.refused : EXIT.done;
}

function headline({ verdict }: FileCheck, { say, keyId }: Library): string {
  switch (verdict.verdict) {
    case 'valid':
      return say('en', 'record-valid', { signer: verdict.signer.name });
    case 'altered':
      return `Altered: ${verdict.reason}.`;
    case 'unknown-signer':
      return say('en', 'record-unknown-signer', { key: shortKey(verdict.publicKey, keyId) });
  }
}

/** Of a QR code the key's id is all that there is. */
function shortKey(key: string, keyId: Library['keyId']): string {
  return key.length > 16 ? keyId(key) : key;
}

function advice(check: FileCheck): string | undefined {
  switch (check.verdict.verdict) {
    case 'altered':
      return 'Rely on nothing in it: ask the utility for another, and report it to the helpline.';
    case 'unknown-signer':
      return 'Compare the key with that of the utility, or say --trust FILE with the keys that it gave you.';
    case 'valid':
      if (!('page' in check) || check.page === 'same') return undefined;
      return 'Another version of cosem made the page, so it was not compared: rely on what stands above, not on the page.';
  }
}

function contentRows({ verdict }: FileCheck, { keyId }: Library): [string, string][] {
  if (verdict.verdict === 'altered') return [];
  const { content } = verdict;
  const key = verdict.verdict === 'valid' ? verdict.signer.publicKey : verdict.publicKey;
  const rows = isRecord(content) ? recordRows(content) : claimRows(content);
  return [...rows, ['Key', shortKey(key, keyId)]];
}

function isRecord(content: CommissioningRecord | CompactClaims): content is CommissioningRecord {
  return 'steps' in content;
}

function recordRows(record: CommissioningRecord): [string, string][] {
  const total = record.readings.energies.find(({ logicalName }) => logicalName === '1.0.1.8.0.255');
  const { relay, installer } = record;
  return [
    ['Work order', `${record.workOrder.id}, record ${record.sequence}`],
    ['Consumer', record.consumer.number],
    ['Meter', record.meter.namePlate.serial],
    ['Signed at', record.at],
    ['Start reading', total === undefined ? 'none' : inKilo(`${total.value} ${total.unit}`)],
    ['Relay', relay === undefined ? 'not tested' : `tested, ${relay.underLoad ? 'under load' : 'without load'}`],
    ['Installer', `${installer.name} (${installer.id}), letter ${installer.letter}`],
  ];
}

function claimRows(claims: CompactClaims): [string, string][] {
  return [
    ['Work order', claims.workOrder],
    ['Consumer', claims.consumerNumber],
    ['Meter', claims.meter],
    ['Signed at', claims.at],
    ['Start reading', claims.startReading === '' ? 'none' : inKilo(claims.startReading)],
    ['Relay', claims.relayTested ? 'tested' : 'not tested'],
    ['Letter', claims.letter],
    ['Record', claims.recordHash],
  ];
}

/** `8646795 Wh` as `8646.795 kWh`, exactly. */
function inKilo(text: string): string {
  const [, value, unit] = /^(-?[\d.]+) (Wh|VAh|varh)$/.exec(text) ?? [];
  return value === undefined ? text : `${Decimal.parse(value).shift(-3)} k${unit}`;
}

function fileJson(file: string, check: FileCheck): { readonly [key: string]: Json | undefined } {
  const { verdict, kind } = check;
  const common = { file, kind, ...('page' in check ? { page: check.page } : {}) };
  if (verdict.verdict === 'altered') return { ...common, reason: verdict.reason };
  const content = verdict.content as unknown as Json;
  if (verdict.verdict === 'unknown-signer') return { ...common, key: verdict.publicKey, content };
  const { name, publicKey, algorithm } = verdict.signer;
  return { ...common, signer: { name, algorithm, publicKey }, content };
}

// ---- a folder

async function verifyFolder(run: Run, folder: string, trust: Trust, library: Library): Promise<void> {
  const { output } = run;
  const result = await library.verifyFolder(folder, trust.signers, {
    onFile: (path) => output.progress(`checking ${path}`),
  });
  output.endProgress();
  const { files, chain } = result;
  if (files.length === 0 && chain.records === 0 && chain.problems.length === 0) {
    throw new UsageError(
      `there is no certificate and no record in ${folder}`,
      'give a commissioning folder, or one of its certificates',
    );
  }
  const exit = folderExit(result);
  output.document({
    command: 'verify',
    verdict: exit === EXIT.done ? 'valid' : exit === EXIT.badAnswer ? 'altered' : 'unknown-signer',
    trust: trust.file ?? null,
    folder,
    files: files.map(({ path, check }) => ({ verdict: check.verdict.verdict, ...fileJson(path, check) })),
    chain: { records: chain.records, problems: chain.problems, unknownSigners: chain.unknownSigners },
    exit,
  });
  output.table(
    [{ title: 'File' }, { title: 'Verdict' }, { title: '' }],
    files.map(({ path, check }) => [path, check.verdict.verdict.replace('-', ' '), remark(check)]),
  );
  output.line();
  const count = counted(chain.records, 'record');
  if (chain.problems.length === 0) output.line(`Chain: ${count}, none missing between them.`);
  else output.heading(`Chain broken: ${chain.problems.join('; ')}.`);
  output.line(trust.file === undefined ? 'No key is trusted here.' : `Trusted: the keys of ${trust.file}.`);
  if (exit !== EXIT.done) throw new Ended(exit);
}

function remark(check: FileCheck): string {
  const { verdict } = check;
  if (verdict.verdict === 'altered') return verdict.reason;
  if ('page' in check && check.page === 'not-compared') return 'page of another version, not compared';
  return verdict.verdict === 'valid' ? `signed by ${verdict.signer.name}` : '';
}

function folderExit({ files, chain }: FolderCheck): ExitCode {
  const exits = files.map(({ check }) => exitOf(check));
  if (chain.problems.length > 0 || exits.includes(EXIT.badAnswer)) return EXIT.badAnswer;
  return chain.unknownSigners > 0 || exits.includes(EXIT.refused) ? EXIT.refused : EXIT.done;
}
