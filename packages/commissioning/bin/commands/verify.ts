import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CosemError, Decimal } from 'cosem';
import {
  ANNOUNCED,
  type Command,
  define,
  Ended,
  EXIT,
  type ExitCode,
  type Io,
  type Json,
  type Run,
  UsageError,
} from 'cosem/command';
import { counted, dateText } from 'cosem/inspect';
import { concat } from 'cosem/protocol';
import type { AnyRecord, CompactClaims, FileCheck, FolderCheck, PhotoCheck, UnknownPage } from '../../src/index.js';
import { type Claim, claimBeside, type Trust, trustOf } from '../trust.js';

/** The library is large: other commands do without it. */
type Library = typeof import('../../src/index.js');

/** `cosem verify` */
export function defineVerify(program: Command, io: Io): void {
  define(
    program,
    io,
    {
      ...ANNOUNCED.verify,
      description:
        'FILE is a certificate (JSON, HTML, PDF), a signed record, a file with the text of its QR code, that text itself, or - for standard ' +
        'input. Of a folder each certificate is checked, and that no record is missing from the chain. No network is needed.\n' +
        'Trusted are the keys of --trust, else of COSEM_TRUST, else of trusted-signers.json in your own configuration (~/.config/cosem); ' +
        'never those of a list beside FILE: whoever forged the one wrote the other.\n' +
        'Exit codes: 0 valid, 5 altered, 4 signed by somebody unknown, or a page that this version does not make, 2 no such thing.',
      examples: [
        'cosem verify certificates/WO-1.pdf --trust trusted-signers.json',
        'cosem verify commissioning --trust commissioning/trusted-signers.json',
        "cosem verify 'COSEM1:…' --trust trusted-signers.json --json",
      ],
    },
    (run, [file]) => verify(run, file as string),
  ).option('--trust <keyfile>', 'trusted-signers.json of the utility, or the keys.json of an installer');
}

async function verify(run: Run, file: string): Promise<void> {
  const library = await import('../../src/index.js');
  const trust = trustOf(run, library);
  try {
    if (!isInline(file, library) && isFolder(file)) await verifyFolder(run, file, trust, library);
    else await verifyOne(run, file, trust, library);
  } catch (error) {
    if (error instanceof library.StorageError)
      throw new UsageError(error.message, error.hint ?? 'is that the right file?');
    if (error instanceof CosemError || error instanceof UsageError || error instanceof Ended) throw error;
    // A fault of this program: whoever checks a hundred files wants to know at which one.
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Whether it is no path: standard input, or the text of a QR code. */
function isInline(file: string, { COMPACT_PREFIX }: Library): boolean {
  return file === '-' || file.startsWith(COMPACT_PREFIX);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

// ---- one file

async function verifyOne(run: Run, file: string, trust: Trust, library: Library): Promise<void> {
  const { output } = run;
  const octets = await octetsOf(run, file, library);
  const check: FileCheck | undefined = await library.verifyFile(octets, trust.signers);
  const name = file.startsWith(library.COMPACT_PREFIX) ? 'the QR code' : file;
  if (check === undefined) {
    throw new UsageError(
      `${name} is no certificate, record or text of a QR code of commissioning`,
      'give the JSON, HTML or PDF that cosem wrote, or the text that begins with COSEM1:',
    );
  }
  const exit = exitOf(check);
  const claim = isInline(file, library) ? undefined : claimBeside(dirname(file), unknownKeys([check]), library);
  output.document({
    command: 'verify',
    verdict: check.verdict.verdict,
    trust: trust.file ?? null,
    ...claimJson(claim),
    ...fileJson(file, check),
    exit,
  });
  output.heading(headline(check, library));
  if (check.verdict.verdict !== 'altered') {
    if (check.verdict.verdict === 'unknown-page')
      output.line(`The record inside it, ${insideText(check.verdict, library)}, says:`);
    output.table([{ title: '' }, { title: '' }], contentRows(check, library), '  ');
    output.line();
  }
  sayTrust(run, trust, claim);
  const next = advice(check);
  if (next !== undefined) output.note(next);
  if (exit !== EXIT.done) throw new Ended(exit);
}

async function octetsOf({ io }: Run, file: string, library: Library): Promise<Uint8Array> {
  const { COMPACT_PREFIX, LARGEST_FILE, readOctets } = library;
  if (file.startsWith(COMPACT_PREFIX)) return new TextEncoder().encode(file);
  if (file !== '-') return readOctets(file, LARGEST_FILE);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of io.stdin) {
    const octets = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : (chunk as Uint8Array);
    chunks.push(octets);
    length += octets.length;
    if (length > LARGEST_FILE) break;
  }
  return concat(...chunks);
}

/** Whom the person trusts, and of a list that lay beside the evidence that it was not taken. */
function sayTrust({ output }: Run, trust: Trust, claim: Claim | undefined): void {
  output.line(trust.file === undefined ? 'No key is trusted here.' : `Trusted: the keys of ${trust.file}.`);
  if (claim === undefined) return;
  output.line(
    `${claim.file} names ${claim.names.join(', ')} for it: you have not said that you trust that list, and a forger could have written it.`,
  );
}

function claimJson(claim: Claim | undefined): { readonly [key: string]: Json } {
  return claim === undefined ? {} : { untrustedList: { file: claim.file, names: claim.names } };
}

/** Keys, or ids of them, that nobody here trusts. */
function unknownKeys(checks: readonly FileCheck[]): ReadonlySet<string> {
  const records = checks.map(({ verdict }) => (verdict.verdict === 'unknown-page' ? verdict.record : verdict));
  return new Set(records.flatMap((verdict) => (verdict.verdict === 'unknown-signer' ? [verdict.publicKey] : [])));
}

function exitOf({ verdict: { verdict } }: FileCheck): ExitCode {
  if (verdict === 'altered') return EXIT.badAnswer;
  return verdict === 'valid' ? EXIT.done : EXIT.refused;
}

function headline({ verdict }: FileCheck, { say, keyId }: Library): string {
  switch (verdict.verdict) {
    case 'valid':
      return say('en', 'record-valid', { signer: verdict.signer.name });
    case 'altered':
      return `Altered: ${verdict.reason}.`;
    case 'unknown-signer':
      return say('en', 'record-unknown-signer', { key: shortKey(verdict.publicKey, keyId) });
    case 'unknown-page':
      return 'Page not checked: this version of cosem makes no such page. Another one made it, or a forger did.';
  }
}

/** Whose the record inside is. */
function insideText({ record }: UnknownPage, { keyId }: Library): string {
  return record.verdict === 'valid'
    ? `signed by ${record.signer.name}`
    : `signed with the key ${shortKey(record.publicKey, keyId)}, which nobody here trusts`;
}

/** Of a QR code the key's id is all that there is. */
function shortKey(key: string, keyId: Library['keyId']): string {
  return key.length > 16 ? keyId(key) : key;
}

function advice({ verdict }: FileCheck): string | undefined {
  switch (verdict.verdict) {
    case 'altered':
      return 'Rely on nothing in it: ask the utility for another, and report it to the helpline.';
    case 'unknown-signer':
      return 'Compare the key with that of the utility, or say --trust FILE with the keys that it gave you.';
    case 'unknown-page':
      return 'Rely on nothing that the page shows: what stands above is all that was signed. Ask for the JSON, or scan the QR code.';
    case 'valid':
      return undefined;
  }
}

function contentRows({ verdict: whole }: FileCheck, library: Library): [string, string][] {
  const verdict = whole.verdict === 'unknown-page' ? whole.record : whole;
  if (verdict.verdict === 'altered') return [];
  const { content } = verdict;
  const key = verdict.verdict === 'valid' ? verdict.signer.publicKey : verdict.publicKey;
  const rows = isRecord(content) ? recordRows(content, library) : claimRows(content, library);
  return [...rows, ['Key', shortKey(key, library.keyId)]];
}

function isRecord(content: AnyRecord | CompactClaims): content is AnyRecord {
  return 'sequence' in content;
}

function recordRows(record: AnyRecord, { recordSummary }: Library): [string, string][] {
  return recordSummary(record).map(({ label, value }) => [label.en, typeof value === 'string' ? value : value.en]);
}

function claimRows(claims: CompactClaims, { localTime }: Library): [string, string][] {
  return [
    ['Work order', claims.workOrder],
    ['Consumer', claims.consumerNumber],
    ...(claims.meter === '' ? [] : [['Meter', claims.meter] satisfies [string, string]]),
    // The code has the instant alone.
    ['Signed at', `${dateText(localTime(Date.parse(claims.at)))}, India's time`],
    ...(claims.format === 'cosem-commissioning-record-1' ? installationClaims(claims) : []),
    ...(claims.letter === '' ? [] : [['Letter', claims.letter] satisfies [string, string]]),
    ['Record', claims.recordHash],
  ];
}

function installationClaims({ startReading, relayTested }: CompactClaims): [string, string][] {
  return [
    ['Start reading', startReading === '' ? 'none' : inKilo(startReading)],
    ['Relay', relayTested ? 'tested' : 'not tested'],
  ];
}

/** `8646795 Wh` as `8646.795 kWh`, exactly. */
function inKilo(text: string): string {
  const [, value, unit] = /^(-?\d+(?:\.\d+)?) (Wh|VAh|varh)$/.exec(text) ?? [];
  return value === undefined ? text : `${Decimal.parse(value).shift(-3)} k${unit}`;
}

function fileJson(file: string, { kind, verdict: whole }: FileCheck): { readonly [key: string]: Json | undefined } {
  const isUnknown = whole.verdict === 'unknown-page';
  const verdict = isUnknown ? whole.record : whole;
  const common = { file, kind, ...(isUnknown ? { record: verdict.verdict } : {}) };
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
  const { files, chain, photos } = result;
  if (files.length === 0 && chain.records === 0 && chain.problems.length === 0) {
    throw new UsageError(
      `there is no certificate and no record in ${folder}`,
      'give a commissioning folder, or one of its certificates',
    );
  }
  const exit = folderExit(result);
  const claim = claimBeside(folder, unknownKeys(files.map(({ check }) => check)), library);
  output.document({
    command: 'verify',
    verdict: wholeVerdict(result, exit),
    trust: trust.file ?? null,
    ...claimJson(claim),
    folder,
    files: files.map(({ path, check }) => ({ verdict: check.verdict.verdict, ...fileJson(path, check) })),
    chain: { records: chain.records, problems: chain.problems, unknownSigners: chain.unknownSigners },
    ...(photos === undefined ? {} : { photos: photosJson(photos) }),
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
  if (photos !== undefined) sayPhotos(run, photos, library);
  sayTrust(run, trust, claim);
  if (exit !== EXIT.done) throw new Ended(exit);
}

function photosJson({ named, whole, altered, missing }: PhotoCheck): Json {
  return { named, whole, altered: [...altered], missing: missing.map((photo) => ({ ...photo })) };
}

/** A photo that is missing is no fault of the record: it may have been erased with the consumer, or be on another laptop. */
function sayPhotos({ output }: Run, { named, whole, altered, missing }: PhotoCheck, { say }: Library): void {
  output.line(say('en', 'photos-checked', { count: named, there: whole }));
  for (const file of altered) output.heading(say('en', 'photo-altered', { file }));
  for (const { order, hash, kind } of missing) {
    output.line(say('en', 'photo-gone', { order, hash: hash.slice(0, 8), kind: `photo-kind-${kind}` }));
  }
}

function remark({ verdict }: FileCheck): string {
  if (verdict.verdict === 'altered') return verdict.reason;
  if (verdict.verdict === 'unknown-page') return 'this version makes no such page: not compared';
  return verdict.verdict === 'valid' ? `signed by ${verdict.signer.name}` : '';
}

function wholeVerdict({ files, chain }: FolderCheck, exit: ExitCode): FileCheck['verdict']['verdict'] {
  if (exit !== EXIT.refused) return exit === EXIT.done ? 'valid' : 'altered';
  const isUnknown = chain.unknownSigners > 0 || files.some(({ check }) => check.verdict.verdict === 'unknown-signer');
  return isUnknown ? 'unknown-signer' : 'unknown-page';
}

function folderExit({ files, chain, photos }: FolderCheck): ExitCode {
  const exits = files.map(({ check }) => exitOf(check));
  if (photos !== undefined && photos.altered.length > 0) return EXIT.badAnswer;
  if (chain.problems.length > 0 || exits.includes(EXIT.badAnswer)) return EXIT.badAnswer;
  return chain.unknownSigners > 0 || exits.includes(EXIT.refused) ? EXIT.refused : EXIT.done;
}
