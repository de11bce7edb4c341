import { onAbort } from '../base/abort.js';
import { fromLatin1 } from '../base/bytes.js';
import { type Clock, type Millis, systemClock } from '../base/clock.js';
import { AccessError, DecodeError, LinkError, StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { LogicalName } from '../base/obis.js';
import type { OnRemark } from '../base/remark.js';
import { withArticle } from '../base/words.js';
import type { Link } from '../contracts/link.js';
import type { Exchange, Procedure } from '../contracts/procedure.js';
import type { Transport } from '../contracts/transport.js';
import { ClientDriver } from '../transport/driver.js';
import type { SignedOn } from './discover/plan.js';
import type { TraceEvent } from './options.js';

/** One value as the meter wrote it: text, so that no digit is lost. */
export interface ReadoutValue {
  /** The address as it came: `1.8.0`, `1-0:1.8.0*255`, or the maker's own. */
  readonly address: string;
  /** The OBIS code that the address stands for; undefined for the maker's own. */
  readonly logicalName: LogicalName | undefined;
  readonly value: string;
  /** `kWh`; undefined where none is given. */
  readonly unit: string | undefined;
}

/** Who it is. The speed is undefined where a meter that sends by itself names none: there it means nothing. */
export type ReadoutMeter = Omit<SignedOn, 'baudRate'> & { readonly baudRate: number | undefined };

/** What a meter of IEC 62056-21 told. */
export interface Readout {
  readonly meter: ReadoutMeter;
  readonly values: readonly ReadoutValue[];
}

export interface ReadoutOptions {
  /** Which meter is meant on a line with several; empty for whoever hears it. */
  readonly deviceAddress?: string;
  /** Reads these registers in programming mode instead of the data readout: addresses such as `1.8.0`. */
  readonly registers?: readonly string[];
  /** For programming mode. Given to the meter by P1. */
  readonly password?: string;
  /** Whether registers are read by R1 or by R5, the formatted form; R1 unless told. */
  readonly command?: 'R1' | 'R5';
  readonly maxBaud?: number;
  /** Whether a wake-up sequence is sent first, for meters on a battery. */
  readonly wakeUp?: boolean;
  /** The meter signs on at this speed and keeps to it: the transport stands there. 300, and what it proposes, where left out. */
  readonly fixedBaud?: number;
  /**
   * The line cannot change its speed, as behind a serial server or a modem: the meter is asked to stay at the one it stands at, and where
   * nothing comes of that to take the one it proposes.
   */
  readonly fixedLine?: boolean;
  /** Asks nothing and waits so long for the telegram that the meter sends by itself (mode D), in milliseconds. */
  readonly listen?: Millis;
  /** How long the meter may stay silent, in milliseconds. */
  readonly timeout?: Millis;
  /**
   * Refuses by name what is wrong in the identification of a meter that sends by itself, where it decides nothing and is borne otherwise: no
   * letters of the maker, no speed that the standard knows.
   */
  readonly strict?: boolean;
  readonly clock?: Clock;
  readonly trace?: (event: TraceEvent) => void;
  /** What was refused or read otherwise: see {@link Remark}. Must not throw. */
  readonly onRemark?: OnRemark;
  readonly signal?: AbortSignal;
}

const READOUT_OPTIONS: OptionNames<ReadoutOptions> = {
  deviceAddress: true,
  registers: true,
  password: true,
  command: true,
  maxBaud: true,
  wakeUp: true,
  fixedBaud: true,
  fixedLine: true,
  listen: true,
  timeout: true,
  strict: true,
  clock: true,
  trace: true,
  onRemark: true,
  signal: true,
};

/** A message of the meter, as far as it matters here. */
export type ReadoutMessage =
  | {
      readonly type: 'data-readout' | 'programming-data';
      readonly dataSets: readonly {
        readonly address: string;
        readonly values: readonly { readonly value: string; readonly unit: string | null }[];
      }[];
    }
  | { readonly type: 'programming-command'; readonly command: string }
  | { readonly type: 'error-message'; readonly text: string }
  | { readonly type: string };

/** What the entry puts in. */
export interface ReadoutPlatform {
  readonly readoutLink: (
    options: Pick<
      ReadoutOptions,
      'deviceAddress' | 'maxBaud' | 'wakeUp' | 'fixedBaud' | 'fixedLine' | 'listen' | 'timeout'
    >,
  ) => Link & { readonly identification: ReadoutMeter | undefined };
  readonly readoutMessage: (octets: Uint8Array) => ReadoutMessage;
  readonly readoutCommand: (command: string, data: string) => Uint8Array;
}

const ACK = Uint8Array.of(6);
const NAK = 0x15;
const EOT = 4;
/** Partial blocks of one register at most. */
const MOST_BLOCKS = 1000;
const READOUT = fromLatin1('0');
const PROGRAMMING = fromLatin1('1');

/**
 * Reads a meter without HDLC: its data readout, or registers in programming mode. The line stands at 300 baud 7E1.
 * @throws LinkError when there is no line or nobody answers; AccessError when the meter refuses a register or the password; DecodeError.
 */
export async function readoutOn(
  platform: ReadoutPlatform,
  transport: Transport,
  options: ReadoutOptions,
): Promise<Readout> {
  checkOptions(options, READOUT_OPTIONS, 'readout');
  const { trace, signal, registers, password } = options;
  if (password !== undefined && !/^[\x20-\x27\x2a-\x7e]*$/.test(password)) {
    throw new StateError('the password of IEC 62056-21 is printable text without brackets');
  }
  const link = platform.readoutLink(options);
  const driver = new ClientDriver(transport, link, options.clock ?? systemClock, {
    // A meter sends its data line by line, as slowly as it likes.
    responseTimeout: Math.max(10_000, (options.timeout ?? 0) * 4),
    ...(trace === undefined ? {} : { trace: (entry) => trace({ type: 'octets', ...entry }) }),
    onLinkEvent: (event, now) => {
      if (event.type === 'discarded' && event.remark !== undefined) options.onRemark?.(event.remark);
      trace?.({ type: 'link', event, now });
    },
  });
  const off = signal && onAbort(signal, () => void driver.close());
  try {
    signal?.throwIfAborted();
    await driver.connect();
    if (options.strict === true && link.identification !== undefined) checkIdentification(link.identification);
    const values = await driver.run(
      registers === undefined ? readAll(platform) : readRegisters(platform, registers, options),
    );
    const { identification: meter } = link;
    if (meter === undefined) throw new LinkError('no-answer', 'the meter did not tell its name');
    const { manufacturer, identification, baudRate, mode } = meter;
    return { meter: { manufacturer, identification, baudRate, mode }, values };
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    off?.();
    await driver.close();
  }
}

/** @throws DecodeError that names the field that is not as the standard has it (6.3.2). */
function checkIdentification({ manufacturer, baudRate }: ReadoutMeter): void {
  const hint = 'it decides nothing here, and is borne without strict';
  if (manufacturer === '') {
    throw new DecodeError('bad-value', 'the identification begins with no three letters of a maker', 1, { hint });
  }
  if (baudRate === undefined) {
    throw new DecodeError('bad-value', 'the identification names no speed that the standard knows', 4, { hint });
  }
}

function ask(apdu: Uint8Array): Exchange {
  return { apdu, reply: true };
}

/**
 * The message in an answer.
 * @throws AccessError for a NAK: the link has repeated the question before it hands one on.
 */
function understood(
  platform: ReadoutPlatform,
  answer: Uint8Array,
  asked: string,
  target: string,
  hint: string,
): ReadoutMessage {
  if (answer.length === 1 && answer[0] === NAK) {
    throw new AccessError('NAK', target, `the meter refused ${asked} (NAK), each time it was asked`, { hint });
  }
  return platform.readoutMessage(answer);
}

const NO_READOUT = 'it may have no data readout: read registers by --read 1.8.0';
const NO_PROGRAMMING = 'it may have no programming mode, or not on this port: read it without --read';
const NO_COMMAND =
  'it may want a password (--password), another command (--command R5 in place of R1), or another way to write the register';

function* readAll(platform: ReadoutPlatform): Procedure<ReadoutValue[]> {
  const answer = yield ask(READOUT);
  const message = understood(platform, answer, 'the data readout', 'readout', NO_READOUT);
  if ('dataSets' in message) return valuesIn(message);
  throw new DecodeError('bad-value', `the meter sent ${withArticle(message.type)} instead of its data`);
}

function* readRegisters(
  platform: ReadoutPlatform,
  registers: readonly string[],
  { password, command = 'R1' }: ReadoutOptions,
): Procedure<ReadoutValue[]> {
  const first = yield ask(PROGRAMMING);
  const greeting = understood(platform, first, 'programming mode', 'programming', NO_PROGRAMMING);
  if (isBreak(greeting)) throw ended('programming mode', 'programming');
  if (!('command' in greeting) || greeting.command !== 'P0') {
    throw new DecodeError(
      'bad-value',
      `the meter sent ${withArticle(greeting.type)} instead of P0, the question for the password`,
    );
  }
  if (password !== undefined) {
    const answer = yield ask(platform.readoutCommand('P1', `(${password})`));
    if (answer.length > 1 || answer[0] === NAK) {
      const hint =
        'is it the right one? Some meters want eight digits, others want it in another form (P2), which is not known here';
      throw refused('password', 'P1', understood(platform, answer, 'the password (P1)', 'P1', hint));
    }
  }
  const values: ReadoutValue[] = [];
  for (const register of registers) {
    let answer = yield ask(platform.readoutCommand(command, `${register}()`));
    for (let blocks = 0; ; blocks++) {
      const message = understood(platform, answer, `the command ${command} for ${register}`, register, NO_COMMAND);
      if (!('dataSets' in message)) throw refused(`register ${register}`, register, message);
      // Most meters leave the address out of the answer.
      values.push(...valuesIn(message).map((value) => (value.address === '' ? named(value, register) : value)));
      // EOT in place of ETX: a part of it, and the next comes for an ACK (6.3.9).
      if (answer.at(-2) !== EOT || blocks >= MOST_BLOCKS) break;
      answer = yield ask(ACK);
    }
  }
  return values;
}

/** B0 in place of an answer: the meter ends it. */
function isBreak(message: ReadoutMessage): boolean {
  return 'command' in message && message.command === 'B0';
}

function ended(what: string, target: string): AccessError {
  return new AccessError('B0', target, `the meter ended the connection (B0) in answer to the ${what}`, {
    hint: 'does it want a password (--password), and is it the right one?',
  });
}

function refused(what: string, target: string, message: ReadoutMessage): AccessError {
  if (isBreak(message)) return ended(what, target);
  const text = 'text' in message ? message.text : message.type;
  return new AccessError(text, target, `the meter refused the ${what}: ${text}`, {
    hint: 'does the register exist in this meter, and does it want a password (--password)?',
  });
}

function valuesIn(message: Extract<ReadoutMessage, { dataSets: unknown }>): ReadoutValue[] {
  return message.dataSets.flatMap(({ address, values }) =>
    values.map(({ value, unit }) => named({ value, unit: unit ?? undefined }, address)),
  );
}

function named(value: Pick<ReadoutValue, 'value' | 'unit'>, address: string): ReadoutValue {
  return { address, logicalName: logicalNameOf(address), value: value.value, unit: value.unit };
}

/** Letters that stand for groups of abstract objects. */
const LETTERS: Readonly<Record<string, number>> = { C: 96, F: 97, L: 98, P: 99 };

/**
 * The OBIS code that a reduced or full address stands for: `1.8.0` is 1-0:1.8.0*255 (IEC 62056-61, A.3), `C.1.0` 0-0:96.1.0*255. Undefined where
 * it stands for none.
 */
export function logicalNameOf(address: string): LogicalName | undefined {
  const match = /^(?:(\d{1,3})-(\d{1,3}):)?([CFLP]|\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?:[*&.](\d{1,3}))?$/.exec(
    address,
  );
  if (!match) return undefined;
  const [, a, b, group = '', d, e, f] = match;
  const c = LETTERS[group] ?? Number(group);
  const parts = [a ?? (group in LETTERS ? 0 : 1), b ?? 0, c, d, e ?? 0, f ?? 255].map(Number);
  return parts.every((part) => part <= 255) ? parts.join('.') : undefined;
}
