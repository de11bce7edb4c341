/** `cosem commission init`: a folder to begin with. */

import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from 'cosem';
import { languageOf, type Run, UsageError } from 'cosem/command';
import { nodeCrypto } from 'cosem/node';
import { createMeter } from 'cosem/simulator';
import {
  createWorkspace,
  defaultPolicy,
  inEach,
  type Language,
  OneTimeCode,
  provisionCode,
  publicPartOf,
  readTextFile,
  say,
  writeWholeFile,
} from '../src/index.js';
import { canAsk, passphraseOf } from './folder.js';
import { Prompts } from './prompted.js';

const DAY = 86_400_000;

/** A work order for the virtual meter, as a utility would write it. The code is given to the consumer, never to the file. */
export function sampleOrder(id: string, serial: string, now: number, code?: OneTimeCode): Record<string, unknown> {
  return {
    format: 'cosem-work-order-1',
    id,
    issued: new Date(now).toISOString(),
    validUntil: new Date(now + 30 * DAY).toISOString(),
    consumer: {
      number: '1100220033',
      name: 'Asha Devi',
      address: '12 Gandhi Marg, Lucknow 226001',
      mobile: '+919812344321',
    },
    sanctionedLoad: 2000,
    network: { feeder: 'F-11', transformer: 'T-204', pole: 'P-9' },
    position: { latitude: 26.8467, longitude: 80.9462 },
    oldMeter: { serial: 'OLD-5567', make: 'Electromechanical' },
    newMeter: { serial, profile: 'is15959/D1' },
    keys: { config: 'meters.json', connection: 'utility' },
    ...(code === undefined
      ? {}
      : { otp: provisionCode('1', code, randomBytes(16), new Date(now + DAY).toISOString()) }),
  };
}

/** What an installer would answer to {@link sampleOrder}. */
export function sampleAnswers(now: number, name: string, language: Language): Record<string, unknown> {
  return {
    format: 'cosem-commissioning-answers-1',
    language,
    installer: {
      id: 'EMP-77',
      name,
      letter: 'AMI/2026/118',
      letterValidUntil: new Date(now + 90 * DAY).toISOString().slice(0, 10),
      identityCardShown: true,
    },
    otp: 'stdin',
    documents: [{ type: 'aadhaar', number: 'env:DOCUMENT_NUMBER' }],
    oldMeter: { serial: 'OLD-5567', finalReading: '18442.7', condition: say(language, 'demo-condition') },
    seals: ['S-100', 'S-101'],
    supplyMayBeCut: true,
  };
}

/** The serial number of the meter that `cosem simulate` is with this seed. */
export function serialOfSeed(seed: number): string {
  const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed });
  meter.stop();
  return meter.identity.serial;
}

/** Draws six digits. */
export function drawCode(): OneTimeCode {
  return OneTimeCode.parse(String(randomInt(1_000_000)).padStart(6, '0'));
}

export async function initFolder(run: Run, folder: string): Promise<void> {
  const { io, options, output } = run;
  const language = languageOf(io);
  const name = typeof options.name === 'string' ? options.name : await askName(run);
  const passphrase = await newPassphrase(run);
  output.progress(say(language, 'init-making'));
  const there = existsSync(join(folder, 'keys.json'));
  const paths = createWorkspace(folder, { name, passphrase });
  const { utility, helpline, skippable, services } = defaultPolicy;
  // The virtual meter of the sample has served a household for months.
  const sampleMeter = options.sample === true ? { meter: { highestStartReading: null } } : {};
  writeOnce(paths.policy, { utility, helpline, skippable, services, ...sampleMeter });
  const now = systemClock.now();
  // Keys that were there already may be another's.
  const owner = publicPartOf(readTextFile(paths.keys) ?? '', paths.keys).name;
  const sample = options.sample === true;
  const code = sample ? drawCode() : undefined;
  const order = join(paths.orders, 'SAMPLE-1.json');
  const isNew = sample && writeOnce(order, sampleOrder('SAMPLE-1', serialOfSeed(1), now, code));
  if (sample) writeOnce(join(folder, 'answers.json'), sampleAnswers(now, owner, language));
  output.endProgress();
  output.document({
    command: 'commission init',
    folder,
    keys: there ? 'kept' : 'made',
    order: sample ? 'SAMPLE-1' : null,
    ...(isNew && code !== undefined ? { sampleOtp: code.reveal() } : {}),
  });
  output.line();
  output.text(`${say(language, 'init-ready', { folder })}${there ? ` ${say(language, 'init-kept')}` : ''}`);
  output.table(
    [{ title: '' }, { title: '' }],
    [
      ['orders/', say(language, 'init-orders')],
      ['policy.json', say(language, 'init-policy')],
      ['keys.json', say(language, 'init-keys')],
      ['trusted-signers.json', say(language, 'init-trusted')],
    ],
    '  ',
  );
  const at = ` --folder ${folder}`;
  if (sample) {
    output.line();
    output.text(say(language, 'init-sample'));
    output.line(`  cosem simulate --tcp 127.0.0.1:4059 --framing hdlc --write-config ${join(folder, 'meters.json')}`);
    if (isNew && code !== undefined) {
      output.line(say(language, 'init-sample-otp', { otp: output.style('bold', code.reveal()) }));
    }
    output.line(say(language, 'init-then'));
    output.line(`  cosem commission SAMPLE-1${at}`);
    output.text(say(language, 'init-sms', { command: '`cosem simulate --verification-service`' }));
  } else output.text(say(language, 'init-put-orders', { folder: paths.orders, command: `cosem commission${at}` }));
  if (io.signal.aborted) throw io.signal.reason;
}

/** @returns whether it was not there. */
function writeOnce(file: string, content: object): boolean {
  if (existsSync(file)) return false;
  writeWholeFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
  return true;
}

async function askName({ io }: Run): Promise<string> {
  if (!canAsk(io)) throw new UsageError(inEach('init-name-missing'), inEach('init-name-missing-try'));
  const prompts = new Prompts(io, languageOf(io));
  return prompts.text(prompts.words('init-ask-name'));
}

/** Typed twice where it is typed. */
async function newPassphrase(run: Run): Promise<string> {
  const { io, options } = run;
  if (typeof options.passphraseFile === 'string' || io.env.COSEM_PASSPHRASE || !canAsk(io))
    return passphraseOf(run, languageOf(io));
  const prompts = new Prompts(io, languageOf(io));
  const first = await prompts.secret(prompts.words('init-ask-passphrase'), (text) =>
    [...text].length < 8 ? prompts.words('init-passphrase-short') : undefined,
  );
  await prompts.secret(prompts.words('init-passphrase-again'), (text) =>
    text === first ? undefined : prompts.words('init-passphrase-other'),
  );
  return first;
}
