/** `cosem commission demo`: everything within one program, from work order to verified certificate. */

import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Transport } from 'cosem';
import {
  configOf,
  Ended,
  EXIT,
  failureText,
  languageOf,
  type Run,
  speak,
  UsageError,
  writeConfig,
} from 'cosem/command';
import { listenTcp, nodeCrypto } from 'cosem/node';
import { createMeter } from 'cosem/simulator';
import {
  createVerificationService,
  createWorkspace,
  inEach,
  type Language,
  type OneTimeCode,
  parseAnswers,
  readTextFile,
  readTrustedSigners,
  type ShortMessage,
  say,
  type Verdict,
  verifyCompact,
  verifyRecord,
  type WorkspacePaths,
  writeWholeFile,
} from '../src/index.js';
import { AnsweredInputs } from './answered.js';
import { work } from './commission.js';
import { Remembered } from './folder.js';
import { sampleAnswers, sampleOrder } from './init.js';

const ORDER = 'DEMO-1';
/** A published passphrase, which protects nothing: everything in the folder is invented. */
export const PASSPHRASE = 'cosem demo passphrase';
export const INSTALLER = 'R. Sharma';
const HOST = '127.0.0.1';

/** The consumer reads the OTP off the telephone. */
class DemoInputs extends AnsweredInputs {
  readonly #messages: ShortMessage[];

  constructor(language: Language, messages: ShortMessage[], run: Run) {
    const answers = {
      ...sampleAnswers(systemClock.now(), INSTALLER, language),
      documents: [{ type: 'aadhaar', number: '9876 5432 1012' }],
    };
    super(parseAnswers(JSON.stringify(answers), 'the demo'), 'the demo', run.io);
    this.#messages = messages;
  }

  override async code(): Promise<OneTimeCode> {
    return this.#messages.pop()?.code ?? super.code();
  }
}

export async function demo(run: Run, argument: string | undefined): Promise<void> {
  const { io, output } = run;
  const folder = freshFolder(argument ?? (io.env.DEMO_DIR || undefined));
  const language = languageOf(io);
  output.progress(say(language, 'demo-making'));
  const paths = createWorkspace(folder, { name: INSTALLER, passphrase: PASSPHRASE });
  const messages: ShortMessage[] = [];
  const service = await createVerificationService({ send: (message) => void messages.push(message) });
  const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 1 });
  const listener = await listenTcp({ host: HOST, port: 0 }, (transport: Transport) => {
    meter.attach(transport, { framing: 'hdlc' }).catch((error) => output.note(failureText(error, language)));
  });
  try {
    writeConfig(
      join(folder, 'meters.json'),
      configOf(meter, { type: 'tcp', host: HOST, port: listener.port ?? 0 }, 'hdlc'),
    );
    writeJson(join(paths.orders, `${ORDER}.json`), sampleOrder(ORDER, meter.identity.serial, systemClock.now()));
    writeJson(paths.policy, {
      utility: 'Demonstration utility',
      services: { verification: service.url, records: service.url },
      // The virtual meter has served a household for months.
      meter: { highestStartReading: null },
    });
    output.endProgress();
    introduce(run, language, folder, meter.identity.logicalDeviceName);
    const { outcome, document } = await work(demoRun(run, folder), {
      folder,
      id: ORDER,
      language,
      remembered: new Remembered(folder),
      inputs: new DemoInputs(language, messages, run),
    });
    const verdict = outcome.done ? verdictOf(paths) : undefined;
    const { command: _, ...done } = document;
    output.document({
      command: 'commission demo',
      folder,
      ...done,
      verdict: verdict?.verdict ?? null,
      taken: service.records.length,
    });
    if (verdict === undefined) throw new Ended(EXIT.refused);
    output.heading(say(language, 'demo-checked'));
    output.line(verdictText(verdict, language));
    output.line(say(language, 'demo-taken', { count: service.records.length }));
    output.line();
    const command = `COSEM_PASSPHRASE="${PASSPHRASE}" cosem index list --folder ${folder}`;
    output.line(say(language, 'demo-look', { command }));
    if (verdict.verdict !== 'valid') throw new Ended(EXIT.badAnswer);
  } finally {
    await listener.close();
    meter.stop();
    await service.close();
  }
}

/** @throws UsageError when there is something in it. */
export function freshFolder(named: string | undefined): string {
  if (named === undefined) return mkdtempSync(join(tmpdir(), 'cosem-commission-demo-'));
  if (existsSync(named) && readdirSync(named).length > 0) {
    throw new UsageError(inEach('demo-not-empty', { folder: named }), inEach('demo-not-empty-try'));
  }
  return named;
}

export function writeJson(file: string, content: object): void {
  writeWholeFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

/** The run without options and environment of the person at the terminal. */
export function demoRun({ io, output, options }: Run, folder: string, more: Run['options'] = {}): Run {
  const { stdin, stdout, stderr, signal, env, log } = io;
  const { TERM, NO_COLOR } = env;
  const own = {
    ...{ stdin, stdout, stderr, signal, env: { TERM, NO_COLOR, COSEM_PASSPHRASE: PASSPHRASE } },
    ...(log === undefined ? {} : { log }),
  };
  // What is said of the line is said in the language of the person, whose environment is left behind.
  speak(own, languageOf(io));
  return {
    output,
    io: own,
    options: { counters: join(folder, 'state', 'invocation-counters'), trace: options.trace, ...more },
  };
}

function introduce({ output }: Run, language: Language, folder: string, meter: string): void {
  output.line(say(language, 'demo-folder', { folder }));
  output.text(say(language, 'demo-parts', { meter }));
  output.text(say(language, 'demo-answers'));
  output.line();
}

/** What the folder says of its certificate: the record, the person and the QR code. */
function verdictOf(paths: WorkspacePaths): Verdict<unknown> {
  const certificate: unknown = JSON.parse(readTextFile(join(paths.certificates, `${ORDER}.json`)) ?? 'null');
  const trusted = readTrustedSigners(paths.trusted);
  const record = verifyRecord(certificate, trusted);
  if (record.verdict !== 'valid') return record;
  const { compact } = certificate as { readonly compact: string };
  const printed = verifyCompact(compact, trusted);
  return printed.verdict === 'valid' ? record : printed;
}

function verdictText(verdict: Verdict<unknown>, language: Language): string {
  if (verdict.verdict === 'valid') return say(language, 'record-valid', { signer: verdict.signer.name });
  if (verdict.verdict === 'altered') return say(language, 'record-altered');
  return say(language, 'record-unknown-signer', { key: verdict.publicKey.slice(0, 16) });
}
