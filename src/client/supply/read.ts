/** Reads what a meter tells about the supply of its house: some forty requests, a few seconds at 9600 baud. Nothing is written. */

import { AccessError, DecodeError } from '../../base/errors.js';
import { visibleText } from '../../base/words.js';
import type { SupplyPart, SupplyTamper } from '../../causes/supply-words.js';
import type { CosemDateTime } from '../../codec/datetime.js';
import type { Decimal } from '../../codec/decimal.js';
import type { ReadingSpec } from '../../companion/companion.js';
import { is15959 } from '../../companion/is15959/is15959.js';
import { clientObject } from '../../cosem/class.js';
import { SingleActionSchedule } from '../../cosem/classes/time.js';
import type { Meter } from '../meter.js';
import type { CallOptions } from '../meter-calls.js';
import type { Outcome } from '../outcome.js';
import type { ProfileRow } from '../profile-row.js';
import { eventCodeOf } from '../quirks/event-code.js';
import type { Reading } from '../readings.js';
import { readAccount } from './account.js';
import { BITS, type SupplyClock, type SupplyCredit, type SupplyEvent, type SupplyEvidence } from './evidence.js';
import { readSignal } from './signal.js';
import { millisOf } from './times.js';

const STATUS_WORD = '0.0.94.91.18.255';
const LOGS = { current: 1, transaction: 3, others: 4, nonRollover: 5, control: 6 } as const;
const EVENT_CODE = /^0\.0\.96\.11\.\d+\.255$/;
/** How many entries of a log are read: what is older says nothing about today. */
const NEWEST = 12;
/** A serial number is not longer; what a stranger's meter sends may be. */
const LONGEST = 40;
/** The scheduler of the disconnect control, and the scripts of the relay, of which 2 closes. */
const SCHEDULE = clientObject(SingleActionSchedule, '0.0.15.0.1.255');
const RELAY_SCRIPTS = '0.0.10.0.106.255';
const CLOSES = 2;

const PHASE = { volts: /^voltage[RYB]?$/, amperes: /^(current[RYB]?|neutralCurrent)$/ } as const;
const WANTED = is15959.readings.flatMap(({ key, readings }) =>
  readings.filter(
    (spec) =>
      key === 'balance' ||
      spec.key === 'serial' ||
      spec.key === 'loadLimit' ||
      PHASE.volts.test(spec.key) ||
      PHASE.amperes.test(spec.key),
  ),
);

/** @internal Reads all of it. What the meter refuses, or answers in a form that means nothing, is not known. @throws LinkError, TimeoutError. */
export async function readSupply(
  meter: Meter,
  local: (() => number) | undefined,
  options: CallOptions,
): Promise<SupplyEvidence> {
  const unread = new Set<SupplyPart>();
  const values = await readValues(meter, WANTED, options);
  const relay = await readRelay(meter, options);
  const clock = await readClock(meter, local, options);
  const standing = await standingTampers(meter, options);
  const control = await readLog(meter, LOGS.control, options);
  const [others, nonRollover] = [
    await readLog(meter, LOGS.others, options),
    await readLog(meter, LOGS.nonRollover, options),
  ];
  const current = await readLog(meter, LOGS.current, options);
  const transaction = await readLog(meter, LOGS.transaction, options);
  const credit = await readCredit(meter, values, options);
  const evidence = {
    serial: textOf(values.get('serial')),
    clock,
    ...relay,
    credit,
    limit: numberOf(values.get('loadLimit'))?.toString(),
    volts: measured(values, PHASE.volts),
    amperes: measured(values, PHASE.amperes),
    tampers: standing,
    logs: {
      switching: control,
      // Half of the logs cannot show that nothing happened.
      tamper: others && nonRollover && current && inOrder([...others, ...nonRollover, ...current]),
      overload: others && inOrder([...others, ...(current ?? [])]),
      transaction,
    },
    signal: await readSignal(meter, options),
    closes: await readSchedule(meter, options),
  };
  const parts: readonly (readonly [SupplyPart, unknown])[] = [
    ['serial', evidence.serial],
    ['clock', clock],
    ['output', relay.output],
    ['state', relay.state],
    ['mode', relay.mode],
    ['payment', credit.prepaid],
    ['balance', credit.balance],
    ['token', credit.token?.time],
    ['limit', evidence.limit],
    ['volts', evidence.volts],
    ['amperes', evidence.amperes],
    ['tampers', standing],
    ['switching-log', control],
    ['tamper-log', evidence.logs.tamper],
    ['overload-log', evidence.logs.overload],
    ['transaction-log', transaction],
    ['signal', evidence.signal],
  ];
  for (const [part, value] of parts) if (value === undefined) unread.add(part);
  return { ...evidence, unread: [...unread] };
}

type Values = ReadonlyMap<string, Reading>;

async function readValues(meter: Meter, specs: readonly ReadingSpec[], options: CallOptions): Promise<Values> {
  const outcomes = await meter.readings(specs, options);
  return new Map(
    specs.flatMap(({ key }, i) => {
      const outcome = outcomes[i];
      return outcome?.ok === true ? [[key, outcome.value] as const] : [];
    }),
  );
}

/** Each for itself: what the relay was ordered to be and what its contacts are may differ, and that is what is looked for. */
async function readRelay(meter: Meter, options: CallOptions) {
  const { outputState, controlState, controlMode } = meter.disconnectControl();
  const [output, state, mode] = await meter.tryGetAll([outputState, controlState, controlMode] as const, options);
  return { output: told(output), state: told(state), mode: told(mode) };
}

async function readClock(
  meter: Meter,
  local: (() => number) | undefined,
  options: CallOptions,
): Promise<SupplyClock | undefined> {
  const asked = local?.();
  const shown = told(await meter.tryGet(meter.clock().time, options));
  const time = wallText(shown);
  if (time === undefined) return undefined;
  const answered = local?.();
  const middle = asked === undefined || answered === undefined ? undefined : (asked + answered) / 2;
  return { time, ahead: middle === undefined ? undefined : Math.round((millisOf(time) - middle) / 1000) };
}

async function readCredit(meter: Meter, values: Values, options: CallOptions): Promise<SupplyCredit> {
  const account = await readAccount(meter, options);
  const mode = numberOf(values.get('paymentMode'))?.toString();
  const balance = values.get('balance');
  const amount = values.get('lastTokenAmount');
  const time = timeOf(values.get('lastTokenTime')) ?? account.token?.time;
  const token = { amount: moneyText(amount), time, accepted: account.token?.accepted };
  const exact = numberOf(balance);
  return {
    prepaid: mode === '1' ? true : mode === '0' ? false : account.prepaid,
    balance: exact?.toString() ?? account.balance?.toString(),
    balanceText: moneyText(balance) ?? account.balanceText,
    balanceTime: timeOf(values.get('balanceTime')),
    token: Object.values(token).some((part) => part !== undefined) ? token : undefined,
    emergency: account.emergency,
  };
}

async function standingTampers(meter: Meter, options: CallOptions): Promise<readonly SupplyTamper[] | undefined> {
  const word = told(await meter.tryGet(meter.data(STATUS_WORD).value, options));
  if (word?.type !== 'bit-string') return undefined;
  const { bytes, length } = word.value;
  const names = Object.keys(BITS) as SupplyTamper[];
  // A word that ends before its bits does not show that they are clear.
  if (names.some((name) => BITS[name] >= length)) return undefined;
  return names.filter((name) => ((bytes[BITS[name] >> 3] ?? 0) & (0x80 >> (BITS[name] & 7))) !== 0);
}

async function readLog(meter: Meter, index: number, options: CallOptions): Promise<SupplyEvent[] | undefined> {
  let rows: readonly ProfileRow[];
  try {
    rows = await meter.profile(`0.0.99.98.${index}.255`).rows({ last: NEWEST }, options);
  } catch (error) {
    if (error instanceof AccessError || error instanceof DecodeError) return undefined;
    throw error;
  }
  const events: SupplyEvent[] = [];
  for (const { time, values } of rows) {
    const reading = values.find(({ logicalName }) => EVENT_CODE.test(logicalName));
    const code = reading === undefined ? undefined : eventCodeOf(meter.quirks, reading);
    // A log whose entries cannot be told is not a log without entries.
    if (code === undefined) return undefined;
    events.push({ time: wallText(time), code });
  }
  return inOrder(events);
}

/** By their times where each has one; else as they came. */
function inOrder(events: readonly SupplyEvent[]): SupplyEvent[] {
  if (events.some(({ time }) => time === undefined)) return [...events];
  return [...events].sort((a, b) => ((a.time as string) < (b.time as string) ? -1 : a.time === b.time ? 0 : 1));
}

/** The next time at which the meter closes its relay by itself; undefined where it has no such schedule. */
async function readSchedule(meter: Meter, options: CallOptions): Promise<string | undefined> {
  const [script, times] = await meter.tryGetAll([SCHEDULE.executedScript, SCHEDULE.executionTime] as const, options);
  const reference = told(script);
  if (reference?.scriptLogicalName !== RELAY_SCRIPTS || reference.scriptSelector !== CLOSES) return undefined;
  const texts = (told(times) ?? []).map(({ date, time }) => `${date.toText()} ${time.toText().slice(0, 8)}`);
  return texts.filter((text) => WHOLE.test(text)).sort()[0];
}

function told<T>(outcome: Outcome<T>): T | undefined {
  return outcome.ok ? outcome.value : undefined;
}

function textOf(reading: Reading | undefined): string | undefined {
  const text = reading === undefined ? '' : visibleText(reading.text.trim()).slice(0, LONGEST);
  return text === '' ? undefined : text;
}

function numberOf(reading: Reading | undefined): Decimal | undefined {
  return reading?.value;
}

/** Every phase that the meter has; undefined where it told none. */
function measured(values: Values, keys: RegExp): readonly string[] | undefined {
  const found = [...values].flatMap(([key, reading]) => {
    const value = keys.test(key) ? numberOf(reading) : undefined;
    return value === undefined ? [] : [value.toString()];
  });
  return found.length === 0 ? undefined : found;
}

/** `₹ 500.00` */
function moneyText(reading: Reading | undefined): string | undefined {
  const value = numberOf(reading);
  return value === undefined ? undefined : `₹ ${value.toString()}`;
}

const WHOLE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

function timeOf(reading: Reading | undefined): string | undefined {
  const text = reading?.text.slice(0, 19);
  return text !== undefined && WHOLE.test(text) ? text : undefined;
}

/** The time as the meter shows it, whatever deviation it sends; undefined for one that is not complete. */
function wallText(time: CosemDateTime | undefined): string | undefined {
  const text = time?.toText().slice(0, 19);
  return text !== undefined && WHOLE.test(text) ? text : undefined;
}
