import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { CosemDateTime, dataText, LinkError, type Meter, systemClock, TimeoutError } from '../../src/index.js';
import { counted, durationText } from '../../src/inspect.js';
import { FileImageNote, systemErrorText } from '../../src/node.js';
import { type Image, ImageError, type ImageProgress, ImageUpdate, parseMoment, secretOctets } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, isDryRun, mustBeAskable } from '../confirm.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { asUsage, UsageError } from '../failure.js';
import type { Io } from '../io.js';
import { imageProgress, Pace } from '../progress.js';
import { addConnectionOptions } from '../settings.js';
import { stateFolder } from '../state-folder.js';

const FIRMWARE_VERSION = '1.0.0.2.0.255';
const DEVICE_NAME = '0.0.42.0.0.255';
/** How long a meter may be away while it starts with new firmware, and how often it is tried. */
const RESTART_SECONDS = 120;
const CALL_SECONDS = 5;

/** `cosem firmware` */
export function defineFirmware(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.firmware,
      description:
        'FILE is the image as the manufacturer gave it, octet by octet what the meter gets; --id is the identification that came with it. ' +
        'What is broken off, by Ctrl-C too, goes on with --resume. Nothing is activated unless the meter verified the image and holds it ' +
        'under that identification and length.',
      examples: [
        'cosem firmware image.bin --id COSEM-D1-1.1 --config meter.json --connection firmware',
        "cosem firmware image.bin --id COSEM-D1-1.1 --at '2026-12-01 02:00' --config meter.json --connection firmware",
        'cosem firmware image.bin --id COSEM-D1-1.1 --resume --config meter.json --connection firmware',
      ],
    },
    (run, [file = '']) => firmware(run, file),
  );
  command.option('--id <text>', 'identification of the image: text, or hex:00112233');
  command.option('--at <time>', "let the meter activate it by itself at this time of its clock: '2026-12-01 02:00'");
  command.option('--no-activate', 'transfer and verify only');
  command.option('--resume', 'go on with a transfer that was broken off');
  command.option(
    '--activate-unidentified',
    'activate on its verification alone, where the meter does not tell which image it holds ready',
  );
  command.option('--unconfirmed', 'six of seven blocks without an answer: faster, where the meter takes it');
  addConnectionOptions(addChangeOptions(command));
}

/** What happens once the image is verified. */
type After = { readonly action: 'activate' | 'none' } | { readonly action: 'schedule'; readonly time: CosemDateTime };

/** What was done with the meter. */
interface Done {
  readonly done: boolean;
  readonly document: object;
  /** The meter left the line to start with its new firmware. */
  readonly restarting?: boolean;
  readonly firmware?: string;
}

async function firmware(run: Run, file: string): Promise<void> {
  const image = imageOf(run, file);
  const after = afterwards(run);
  mustBeAskable(run);
  let result: Done | undefined;
  await withMeter(run, async (connected) => {
    result = await update(run, connected, image, after);
  });
  const { done, document, restarting, firmware: told } = result as unknown as Done;
  const version = restarting === true ? await afterRestart(run) : told;
  run.output.document({
    command: 'firmware',
    file,
    ...doneIn(run, done),
    ...document,
    ...(version === undefined ? {} : { firmware: version }),
  });
  if (done && after.action === 'activate') {
    run.output.line(
      version === undefined
        ? 'The image is activated; the meter did not come back yet to tell its firmware version: read nameplate later.'
        : `The image is active. The meter reports firmware ${run.output.style('bold', version)}.`,
    );
  }
}

function imageOf({ options }: Run, file: string): Image {
  if (typeof options.id !== 'string' || options.id === '') {
    throw new UsageError(
      'under which identification does the meter know this image?',
      'add --id with what the manufacturer gave with it, as text or hex:…',
    );
  }
  let octets: Uint8Array;
  try {
    octets = new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${systemErrorText(error)}`,
      'is it the image that the manufacturer gave?',
    );
  }
  if (octets.length === 0) throw new UsageError(`${file} is empty`, 'is it the image that the manufacturer gave?');
  return { octets, identification: secretOctets(options.id, '--id') };
}

function afterwards({ options }: Run): After {
  if (typeof options.at !== 'string') return { action: options.activate === false ? 'none' : 'activate' };
  if (options.activate === false) throw new UsageError('--at and --no-activate at once', 'give one of them');
  const { at } = options;
  const time = asUsage(() => parseMoment(at, '--at', 'begin'));
  if (time instanceof CosemDateTime) return { action: 'schedule', time };
  throw new UsageError(
    `--at '${options.at}' has an offset from UTC`,
    "a meter's schedule goes by its own clock: leave the offset out",
  );
}

async function update(run: Run, { meter, settings }: MeterOnLine, image: Image, after: After): Promise<Done> {
  const { output, options } = run;
  const updating = new ImageUpdate(meter);
  output.progress("asking for the meter's state");
  const name = await meter.get(meter.data(DEVICE_NAME).value);
  const before = await firmwareOf(meter);
  const { blockSize, status, enabled } = await updating.state();
  const blocks = blockSize === 0 ? 0 : Math.ceil(image.octets.length / blockSize);
  output.endProgress();
  const note = new FileImageNote(join(stateFolder(run.io), 'firmware'), octetsOf(name), image);
  const resume = options.resume === true && resumable(run, note.read());
  const ready = resume && status === 'image-verification-successful';
  const id = String(options.id);
  const facts = {
    meter: dataText(name),
    identification: id,
    octets: image.octets.length,
    blocks,
    blockSize,
    action: after.action,
    ...(after.action === 'schedule' ? { at: after.time.toText() } : {}),
    firmwareBefore: before ?? null,
  };
  show(run, facts, settings.line.type === 'serial' ? settings.line.baud : undefined);
  const what = `${resume ? 'Go on with' : 'Transfer'} image ${id} (${counted(image.octets.length, 'octet')} in ${counted(blocks, 'block')})${thenText(after)}`;
  if (!(await confirm(run, what, after.action === 'activate' ? 'The meter starts anew with it.' : undefined))) {
    return { done: false, document: isDryRun(run) ? { ...facts, enabled, status } : facts };
  }
  note.write();
  let sent = 0;
  if (!ready) {
    sent = await transfer(run, updating, image, resume);
    output.progress('the meter verifies the image');
    await updating.verify({ signal: run.io.signal });
    output.endProgress();
  }
  await check(run, updating, image, after);
  output.line(`The meter verified image ${id} of ${counted(image.octets.length, 'octet')}.`);
  const document = { ...facts, sent, verified: true };
  if (after.action === 'none') {
    output.line('It is not activated: the same command with --resume and without --no-activate does it.');
    return { done: true, document };
  }
  if (after.action === 'schedule') {
    await updating.schedule(after.time);
    note.remove();
    output.line(`The meter activates it at ${after.time.toText()} of its clock.`);
    return { done: true, document };
  }
  output.progress('the meter activates the image');
  const outcome = await updating.activate({ signal: run.io.signal });
  note.remove();
  output.endProgress();
  const version = outcome === 'active' ? await firmwareOf(meter).catch(away) : undefined;
  return {
    done: true,
    document,
    ...(version === undefined ? { restarting: true } : { firmware: version }),
  };
}

/** Checks the image, and says what to add where the meter does not tell which image it has ready. */
async function check({ output, options }: Run, updating: ImageUpdate, image: Image, after: After): Promise<void> {
  const acceptUnidentified = after.action === 'none' || options.activateUnidentified === true;
  try {
    const held = await updating.check(image, { acceptUnidentified });
    if (held === undefined) {
      output.note('The meter does not tell which image it holds ready: its verification is the only evidence.');
    }
  } catch (error) {
    if (!(error instanceof ImageError) || error.fault !== 'not-told') throw error;
    throw new ImageError(
      error.fault,
      error.target,
      `${error.message}; it verified the image, and was not told to activate it without`,
      'add --resume --activate-unidentified when its verification is enough: nothing is transferred again',
      error,
    );
  }
}

function resumable({ output }: Run, begun: ReturnType<FileImageNote['read']>): boolean {
  if (begun === 'this') return true;
  if (begun === 'none') {
    output.note('No transfer to this meter is known here that was broken off: it begins anew.');
    return false;
  }
  throw new UsageError(
    'the transfer that was broken off at this meter was of another image',
    'give the file and --id of then, or leave out --resume to begin anew',
  );
}

/** @returns blocks sent. */
async function transfer(
  { io, output, options }: Run,
  updating: ImageUpdate,
  image: Image,
  resume: boolean,
): Promise<number> {
  const pace = new Pace();
  let last: ImageProgress | undefined;
  try {
    const { sent } = await updating.transfer(image, {
      resume,
      signal: io.signal,
      unconfirmed: options.unconfirmed === true,
      onProgress: (progress) => {
        if (last === undefined && progress.blocks > 0) {
          output.note(`The meter has ${progress.blocks} of ${counted(progress.ofBlocks, 'block')}: the rest is sent.`);
        }
        last = progress;
        output.progress(imageProgress(progress, pace));
      },
    });
    return sent;
  } catch (error) {
    if (last !== undefined && last.sent > 0) {
      output.endProgress();
      output.note(
        `${last.blocks} of ${counted(last.ofBlocks, 'block')} are in the meter: the same command with --resume goes on from there.`,
      );
    }
    throw error;
  } finally {
    output.endProgress();
  }
}

function thenText(after: After): string {
  switch (after.action) {
    case 'none':
      return ' and verify it';
    case 'schedule':
      return `, verify it and let the meter activate it at ${after.time.toText()}`;
    case 'activate':
      return ', verify and activate it';
  }
}

function show(
  { output, options }: Run,
  facts: {
    readonly meter: string;
    readonly octets: number;
    readonly blocks: number;
    readonly blockSize: number;
    readonly firmwareBefore: string | null;
  },
  baud: number | undefined,
): void {
  output.table(
    [{ title: '' }, { title: '' }],
    [
      ['Meter', facts.meter],
      ['Firmware now', facts.firmwareBefore ?? 'not told'],
      [
        'Image',
        `${options.id}, ${counted(facts.octets, 'octet')}, ${counted(facts.blocks, 'block')} of ${facts.blockSize}`,
      ],
      ...(baud === undefined
        ? []
        : [['Takes at least', `${durationText(Math.ceil((facts.octets * 10) / baud))} at ${baud} baud`]]),
    ],
  );
}

/** The firmware version; undefined where this client may not read it. */
async function firmwareOf(meter: Meter): Promise<string | undefined> {
  const outcome = await meter.tryGet(meter.data(FIRMWARE_VERSION).value);
  return outcome.ok ? dataText(outcome.value) : undefined;
}

/** The meter has left the line. */
function away(error: unknown): undefined {
  if (error instanceof LinkError || error instanceof TimeoutError) return undefined;
  throw error;
}

/** The version that the meter reports once it is back. */
async function afterRestart(run: Run): Promise<string | undefined> {
  const { output, io } = run;
  const until = systemClock.now() + RESTART_SECONDS * 1000;
  while (systemClock.now() < until) {
    output.progress('waiting for the meter to come back');
    await pause(io.signal);
    let version: string | undefined;
    try {
      await withMeter(run, async ({ meter }) => {
        version = await firmwareOf(meter);
      });
      return version;
    } catch (error) {
      away(error);
    }
  }
  return undefined;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = systemClock.at(systemClock.now() + CALL_SECONDS * 1000, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}

function octetsOf(name: { readonly value: unknown }): Uint8Array {
  if (name.value instanceof Uint8Array) return name.value;
  return new TextEncoder().encode(String(name.value));
}
