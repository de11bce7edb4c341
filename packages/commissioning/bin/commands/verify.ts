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
  languageOf,
  type Run,
  UsageError,
} from 'cosem/command';
import { counted, type Language } from 'cosem/inspect';
import { concat } from 'cosem/protocol';
import type {
  AnyRecord,
  CompactClaims,
  FileCheck,
  FolderCheck,
  MessageCode,
  MessageParams,
  PhotoCheck,
  UnknownPage,
} from '../../src/index.js';
import { type Claim, claimBeside, type Trust, trustOf } from '../trust.js';

/** The library is large: other commands do without it. */
type Library = typeof import('../../src/index.js');

/** Sentences in the language of the run. */
interface Words {
  (code: MessageCode, params?: MessageParams): string;
  readonly language: Language;
}

function wordsOf({ io }: Run, { say }: Library): Words {
  const language = languageOf(io);
  return Object.assign((code: MessageCode, params?: MessageParams) => say(language, code, params), { language });
}

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
      throw new UsageError(
        { en: error.message, hi: library.say('hi', 'verify-unread', { file, message: error.message }) },
        {
          en: error.hint ?? library.say('en', 'verify-wrong-file-try'),
          hi: library.say('hi', 'verify-wrong-file-try'),
        },
      );
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
  if (check === undefined) {
    const { inEach, say } = library;
    const name = (language: Language) => (file.startsWith(library.COMPACT_PREFIX) ? say(language, 'verify-qr') : file);
    const nothing = (language: Language) => say(language, 'verify-nothing', { file: name(language) });
    throw new UsageError({ en: nothing('en'), hi: nothing('hi') }, inEach('verify-nothing-try'));
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
  const words = wordsOf(run, library);
  output.heading(headline(check, library, words));
  if (check.verdict.verdict !== 'altered') {
    if (check.verdict.verdict === 'unknown-page') output.text(insideText(check.verdict, library, words));
    output.table([{ title: '' }, { title: '' }], contentRows(check, library, words), '  ');
    output.line();
  }
  sayTrust(run, trust, claim, words);
  if (check.verdict.verdict !== 'valid') output.sentence('', words(`verify-try-${check.verdict.verdict}`));
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
function sayTrust({ output }: Run, trust: Trust, claim: Claim | undefined, words: Words): void {
  const { file } = trust;
  output.text(file === undefined ? words('verify-trust-none') : words('verify-trust', { file }));
  if (claim !== undefined) output.text(words('verify-claim', { file: claim.file, names: claim.names.join(', ') }));
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

function headline({ verdict }: FileCheck, { keyId }: Library, words: Words): string {
  switch (verdict.verdict) {
    case 'valid':
      return words('record-valid', { signer: verdict.signer.name });
    case 'altered':
      return words('verify-altered', { reason: verdict.reason });
    case 'unknown-signer':
      return words('record-unknown-signer', { key: shortKey(verdict.publicKey, keyId) });
    case 'unknown-page':
      return words('verify-page');
  }
}

/** Whose the record inside is. */
function insideText({ record }: UnknownPage, { keyId }: Library, words: Words): string {
  return record.verdict === 'valid'
    ? words('verify-inside', { signer: record.signer.name })
    : words('verify-inside-unknown', { key: shortKey(record.publicKey, keyId) });
}

/** Of a QR code the key's id is all that there is. */
function shortKey(key: string, keyId: Library['keyId']): string {
  return key.length > 16 ? keyId(key) : key;
}

function contentRows({ verdict: whole }: FileCheck, library: Library, words: Words): [string, string][] {
  const verdict = whole.verdict === 'unknown-page' ? whole.record : whole;
  if (verdict.verdict === 'altered') return [];
  const { content } = verdict;
  const key = verdict.verdict === 'valid' ? verdict.signer.publicKey : verdict.publicKey;
  const rows = isRecord(content) ? recordRows(content, library, words) : claimRows(content, library, words);
  return [...rows, [words('verify-key'), shortKey(key, library.keyId)]];
}

function isRecord(content: AnyRecord | CompactClaims): content is AnyRecord {
  return 'sequence' in content;
}

function recordRows(record: AnyRecord, { recordSummary }: Library, { language }: Words): [string, string][] {
  return recordSummary(record).map(({ label, value }) => [
    label[language],
    typeof value === 'string' ? value : value[language],
  ]);
}

function claimRows(claims: CompactClaims, { localTime }: Library, words: Words): [string, string][] {
  return [
    [words('index-work-order'), claims.workOrder],
    [words('label-consumer'), claims.consumerNumber],
    ...(claims.meter === '' ? [] : [[words('index-meter'), claims.meter] satisfies [string, string]]),
    // The code has the instant alone.
    [words('verify-signed-at'), words('verify-india', { time: localTime(Date.parse(claims.at)) })],
    ...(claims.format === 'cosem-commissioning-record-1' ? installationClaims(claims, words) : []),
    ...(claims.letter === '' ? [] : [[words('verify-letter'), claims.letter] satisfies [string, string]]),
    [words('verify-record'), claims.recordHash],
  ];
}

function installationClaims({ startReading, relayTested }: CompactClaims, words: Words): [string, string][] {
  return [
    [words('step-readings'), startReading === '' ? words('verify-none') : inKilo(startReading)],
    [words('step-relay'), words(relayTested ? 'verify-tested' : 'verify-not-tested')],
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
  const words = wordsOf(run, library);
  const result = await library.verifyFolder(folder, trust.signers, {
    onFile: (path) => output.progress(words('verify-checking', { file: path })),
  });
  output.endProgress();
  const { files, chain, photos } = result;
  if (files.length === 0 && chain.records === 0 && chain.problems.length === 0) {
    throw new UsageError(library.inEach('verify-folder-empty', { folder }), library.inEach('verify-folder-empty-try'));
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
    [{ title: words('verify-file') }, { title: words('verify-verdict') }, { title: '' }],
    files.map(({ path, check }) => [path, words(`verdict-${check.verdict.verdict}`), remark(check, words)]),
  );
  output.line();
  const { records: count, problems } = chain;
  if (problems.length === 0) output.text(words('verify-chain', { records: counted(count, 'record'), count }));
  else output.heading(words('verify-chain-broken', { problems: problems.join('; ') }));
  if (photos !== undefined) sayPhotos(run, photos, words);
  sayTrust(run, trust, claim, words);
  if (exit !== EXIT.done) throw new Ended(exit);
}

function photosJson({ named, whole, altered, missing }: PhotoCheck): Json {
  return { named, whole, altered: [...altered], missing: missing.map((photo) => ({ ...photo })) };
}

/** A photo that is missing is no fault of the record: it may have been erased with the consumer, or be on another laptop. */
function sayPhotos({ output }: Run, { named, whole, altered, missing }: PhotoCheck, words: Words): void {
  output.text(words('photos-checked', { count: named, there: whole }));
  for (const file of altered) output.heading(words('photo-altered', { file }));
  for (const { order, hash, kind } of missing) {
    output.text(words('photo-gone', { order, hash: hash.slice(0, 8), kind: `photo-kind-${kind}` }));
  }
}

function remark({ verdict }: FileCheck, words: Words): string {
  if (verdict.verdict === 'altered') return words('verify-because', { reason: verdict.reason });
  if (verdict.verdict === 'unknown-page') return words('verify-page-not-compared');
  return verdict.verdict === 'valid' ? words('verify-signed-by', { signer: verdict.signer.name }) : '';
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
