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
import type { TraceEvent } from './trace-event.js';

/** One value as the meter wrote it. It stays text, so that no digit is lost. */
export interface ReadoutValue {
  /** The address as it was sent: `1.8.0`, `1-0:1.8.0*255`, or one of the manufacturer's own. */
  readonly address: string;
  /** The logical name for the address; undefined for an address of the manufacturer's own. */
  readonly logicalName: LogicalName | undefined;
  /** The value as text: `012345.678`. */
  readonly value: string;
  /** The unit as the meter wrote it, such as `kWh`; undefined where there is none. */
  readonly unit: string | undefined;
}

/** The identification of a meter. The speed is undefined where a meter that sends by itself names none: it has no meaning there. */
export type ReadoutMeter = Omit<SignedOn, 'baudRate'> & {
  /** Speed that the meter proposes, in baud. */
  readonly baudRate: number | undefined;
};

/** The result of reading a meter by IEC 62056-21. */
export interface Readout {
  /** Identification of the meter. */
  readonly meter: ReadoutMeter;
  /** The values, in the order in which they came. */
  readonly values: readonly ReadoutValue[];
}

/** Options of {@link readout}. */
export interface ReadoutOptions {
  /** Device address of the meter on a line with several; empty for any meter. */
  readonly deviceAddress?: string;
  /** Registers to read in programming mode instead of the data readout: addresses such as `1.8.0`. */
  readonly registers?: readonly string[];
  /** Password for programming mode, which is sent by P1. */
  readonly password?: string;
  /** Whether registers are read by R1 or by R5 (formatted). Default R1. */
  readonly command?: 'R1' | 'R5';
  /** Highest speed to switch to, in baud. Default the meter's proposal. */
  readonly maxBaud?: number;
  /** Whether a wake-up sequence is sent first, for battery meters. Default false. */
  readonly wakeUp?: boolean;
  /**
   * Fixed speed of the meter in baud, which the transport must have. By default the sign-on is at 300, and the meter's proposal follows.
   */
  readonly fixedBaud?: number;
  /**
   * Whether the line cannot change its speed, for example behind a serial server or a modem. The meter is then asked to stay at the present
   * speed, and if that fails to use the one it proposes.
   */
  readonly fixedLine?: boolean;
  /** Sends nothing and waits for this many milliseconds for the telegram that the meter sends by itself (mode D). */
  readonly listen?: Millis;
  /** How long the meter may stay silent, in milliseconds. */
  readonly timeout?: Millis;
  /**
   * Whether deviations in the identification of a meter that sends by itself are errors: no manufacturer's letters, no speed of the
   * standard. By default they are tolerated, because nothing depends on them.
   */
  readonly strict?: boolean;
  /** The clock. Default the system's own. */
  readonly clock?: Clock;
  /** Gets everything that crosses the line. It must not throw. */
  readonly trace?: (event: TraceEvent) => void;
  /** Called for what was refused or read in another way: see {@link Remark}. It must not throw. */
  readonly onRemark?: OnRemark;
  /** Ends the readout with its reason. */
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

/** The part of a meter's message that is needed here. */
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

/** What the entry provides. */
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
/** Highest number of partial blocks of one register. */
const MOST_BLOCKS = 1000;
const READOUT = fromLatin1('0');
const PROGRAMMING = fromLatin1('1');

/**
 * Reads a meter without HDLC: its data readout, or registers in programming mode. The line must have 300 baud 7E1, unless the options say
 * otherwise.
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
    // A meter sends its data line by line, as slowly as it likes, so the time-out is long.
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

/** @throws DecodeError that names the field which deviates from the standard (6.3.2). */
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
 * @throws AccessError for a NAK: the link has already repeated the request.
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
      // EOT instead of ETX: this is a part, and an ACK requests the next one (6.3.9).
      if (answer.at(-2) !== EOT || blocks >= MOST_BLOCKS) break;
      answer = yield ask(ACK);
    }
  }
  return values;
}

/** Whether the answer is B0, by which the meter ends the session. */
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

/** Letters in addresses that stand for value group C of abstract objects. */
const LETTERS: Readonly<Record<string, number>> = { C: 96, F: 97, L: 98, P: 99 };

/**
 * The logical name for a reduced or full address: `1.8.0` is 1-0:1.8.0*255 (IEC 62056-61, A.3), `C.1.0` is 0-0:96.1.0*255. Undefined for
 * other text.
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
