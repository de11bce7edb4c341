/** Concludes from what was read. Nothing is concluded from what was not. */

import type { CauseFacts } from '../../causes/cause.js';
import type { SupplyCauseId } from '../../causes/supply.js';
import { type SupplyTamper, tamperFact } from '../../causes/supply-words.js';
import { Decimal } from '../../codec/decimal.js';
import type { SupplyClosing, SupplyDiagnosis, SupplyFinding, SupplyOptions } from './diagnosis.js';
import { CODES, type SupplyEvent, type SupplyEvidence, TAMPER_CODES } from './evidence.js';
import { millisOf } from './times.js';

/** An event this many seconds before the relay opened is why it opened. */
const SOON = 120;
const CLOCK_LIMIT = 600;
/** Volts below which a phase has no supply: under half of the lowest that a meter of 240 V works with. */
const LOWEST_VOLTS = Decimal.parse('80');
/** Amperes below which nothing flows: meters of 5 A do not start to count below 20 mA. */
const LEAST_AMPERES = Decimal.parse('0.02');
const ZERO = Decimal.parse('0');
/** Control modes in which an order closes the relay, in which the meter closes it itself, and all that there are (Blue Book 4.5.8). */
const ORDER_CLOSES = [2, 4];
const CLOSES_ITSELF = [5, 6];
const MODES = [0, 1, 2, 3, 4, 5, 6];
const WEAK = -105;

/** Everything that one conclusion after the other looks at. */
interface Case {
  readonly evidence: SupplyEvidence;
  readonly told: SupplyOptions;
  /** When the relay opened, by the log; undefined where that is not known. */
  readonly opened: string | undefined;
  readonly clockWrong: boolean;
}

/** @internal Concludes. */
export function judgeSupply(evidence: SupplyEvidence, told: SupplyOptions): SupplyDiagnosis {
  const the: Case = { evidence, told, opened: openedAt(evidence), clockWrong: isClockWrong(evidence, told) };
  const verdict = verdictOf(the);
  const closing = closingOf(the);
  const others = verdict.id === 'wrong-meter' ? [] : [...asidesOf(the), ...barrierFindings(the, closing)];
  const also = others.filter(({ id }, i) => id !== verdict.id && others.findIndex((one) => one.id === id) === i);
  return { verdict, also, closing, evidence };
}

function finding(id: SupplyCauseId, facts: CauseFacts = {}): SupplyFinding {
  return { id, facts };
}

// ---- the verdict

function verdictOf(the: Case): SupplyFinding {
  const { evidence, told } = the;
  const { output, state } = evidence;
  if (told.serial !== undefined && evidence.serial !== undefined && evidence.serial !== told.serial) {
    return finding('wrong-meter', { serial: evidence.serial, expected: told.serial });
  }
  // One of the two alone does not show whether contacts follow.
  const closed = output ?? (state === undefined ? undefined : state === 'connected');
  if (closed === undefined) return finding('relay-not-told');
  if (closed && state !== undefined && state !== 'connected') return finding('relay-stuck-closed', loadFacts(evidence));
  if (closed) return behind(evidence);
  if (flows(evidence) === true) return finding('relay-stuck-closed', loadFacts(evidence));
  if (state === 'connected' || evidence.mode === 0) return finding('relay-stuck-open');
  return tampering(the) ?? whyOpen(the);
}

/** The relay is closed: what the meter measures says where the supply ends. */
function behind(evidence: SupplyEvidence): SupplyFinding {
  const { volts } = evidence;
  const missing = volts?.filter((each) => Decimal.parse(each).compare(LOWEST_VOLTS) < 0) ?? [];
  if (volts !== undefined && missing.length === volts.length) return finding('no-supply', loadFacts(evidence));
  if (missing.length > 0) return finding('phase-missing', loadFacts(evidence));
  const flowing = flows(evidence);
  if (flowing === true) return finding('load-present', loadFacts(evidence));
  if (flowing === undefined || volts === undefined) return finding('closed-not-measured');
  return finding('no-load', loadFacts(evidence));
}

/** The relay is open, and its contacts are where they were ordered to be. */
function whyOpen(the: Case): SupplyFinding {
  const { evidence, opened } = the;
  const { state, closes, limit, clock } = evidence;
  const overload = causeBefore(evidence.logs.overload, opened, CODES.overload);
  if (overload && state !== 'disconnected') return finding('overload', { opened: shown(opened), limit });
  const credit = creditVerdict(the);
  if (credit !== undefined) return credit;
  if (closes !== undefined && (clock === undefined || closes > clock.time))
    return finding('closes-later', { closes: shown(closes) });
  if (state === 'ready-for-reconnection') return ready(evidence);
  if (state === undefined) return finding('open-not-explained', { opened: shown(opened) });
  if (evidence.credit.prepaid === undefined) return finding('credit-not-known');
  return finding('cut-by-order', { opened: shown(opened) });
}

function ready({ mode }: SupplyEvidence): SupplyFinding {
  const itself = mode === undefined || CLOSES_ITSELF.includes(mode);
  return itself ? finding('waits-for-button') : finding('mode-wants-button', { mode });
}

/** What the account has to do with it; undefined where it has nothing to do with it. */
function creditVerdict(the: Case): SupplyFinding | undefined {
  const { evidence, opened } = the;
  const { prepaid, balance, balanceText, balanceTime, token, emergency } = evidence.credit;
  if (prepaid !== true) return undefined;
  if (balance === undefined) return finding('credit-not-known');
  const facts = { balance: balanceText, balanceTime: shown(balanceTime) };
  if (Decimal.parse(balance).compare(ZERO) <= 0) {
    if (token?.accepted === false) return finding('token-refused', { tokenTime: shown(token.time) });
    const missing = notArrived(the);
    if (missing !== undefined) return missing;
    if (emergency !== undefined) return finding('emergency-credit', { ...facts, emergency: emergency || undefined });
    return finding('no-credit', facts);
  }
  if (evidence.state !== 'disconnected') return undefined;
  if (the.clockWrong) return clockFinding(evidence);
  if (token?.time === undefined || opened === undefined || wasSetBetween(evidence, opened, token.time))
    return finding('times-not-known');
  if (token.time < opened) return undefined;
  return finding('recharged-not-closed', { ...facts, tokenTime: shown(token.time), opened: shown(opened) });
}

/** The utility has a recharge in its books that is newer than the meter's last one. */
function notArrived({ evidence, told, clockWrong }: Case): SupplyFinding | undefined {
  const { token } = evidence.credit;
  const { recharge } = told;
  // A recharge comes to the meter after it was paid, by two clocks.
  if (recharge === undefined || token?.time === undefined || clockWrong) return undefined;
  if (millisOf(token.time) >= millisOf(recharge.time) - CLOCK_LIMIT * 1000) return undefined;
  const { time, amount } = recharge;
  return finding('recharge-not-arrived', { recharged: shown(time), amount, tokenTime: shown(token.time) });
}

// ---- tampering

/** Signs that stand, and what the log has since shortly before the relay opened. Where that time is not known, all that the log has. */
function tampering(the: Case): SupplyFinding | undefined {
  const { evidence, opened } = the;
  const logged = (evidence.logs.tamper ?? []).filter(
    ({ time }) => opened === undefined || time === undefined || secondsBetween(time, opened) <= SOON,
  );
  const found = TAMPER_CODES.flatMap(([name, code]): { name: SupplyTamper; time: string | undefined }[] => {
    const last = logged.findLast((event) => event.code === code);
    const stands = evidence.tampers?.includes(name) === true;
    return last === undefined && !stands ? [] : [{ name, time: last?.time }];
  });
  if (found.length === 0) return undefined;
  const time = found.flatMap((one) => one.time ?? []).sort();
  return finding('tampered', { tampers: tamperFact(found.map(({ name }) => name)), time: shown(time.at(-1)) });
}

// ---- closing

function closingOf(the: Case): SupplyClosing {
  const { evidence } = the;
  const { state, output, mode } = evidence;
  const takes = state === 'disconnected' && output !== true;
  const order = !takes ? undefined : mode !== undefined && ORDER_CLOSES.includes(mode) ? 'closes' : 'makes-ready';
  const credit = creditVerdict(the);
  return { order, byCredit: credit?.id === 'recharged-not-closed', barriers: barriersOf(the, credit) };
}

function barriersOf(the: Case, credit: SupplyFinding | undefined): SupplyCauseId[] {
  const { evidence, told } = the;
  const { serial, output, state, mode } = evidence;
  const barriers: SupplyCauseId[] = [];
  if (told.serial !== undefined && serial !== told.serial)
    barriers.push(serial === undefined ? 'meter-unnamed' : 'wrong-meter');
  if (output === undefined || state === undefined) barriers.push('relay-not-told');
  else if (output && state !== 'connected') barriers.push('relay-stuck-closed');
  else if (!output && (state === 'connected' || mode === 0)) barriers.push('relay-stuck-open');
  if (mode === undefined || !MODES.includes(mode)) barriers.push('mode-not-known');
  if (tampering(the) !== undefined) barriers.push('tampered');
  else if (evidence.tampers === undefined || evidence.logs.tamper === undefined) barriers.push('tamper-not-known');
  if (evidence.credit.prepaid === undefined) barriers.push('credit-not-known');
  else if (credit !== undefined && NO_CREDIT.includes(credit.id)) barriers.push(credit.id);
  if (isOutsideHours(the)) barriers.push('outside-hours');
  return barriers;
}

const NO_CREDIT: readonly SupplyCauseId[] = [
  'no-credit',
  'emergency-credit',
  'recharge-not-arrived',
  'token-refused',
  'credit-not-known',
];

/** Outside them, or by a clock that cannot say. */
function isOutsideHours({ evidence: { clock }, told: { hours }, clockWrong }: Case): boolean {
  if (hours === undefined) return false;
  if (clock === undefined || clockWrong) return true;
  const time = clock.time.slice(11, 16);
  const { from, to } = hours;
  return from <= to ? time < from || time >= to : time < from && time >= to;
}

// ---- what else was found

function asidesOf(the: Case): SupplyFinding[] {
  const { evidence, told } = the;
  const { mode, signal, state } = evidence;
  const asides: SupplyFinding[] = [];
  const tampered = tampering(the);
  if (tampered !== undefined) asides.push(tampered);
  if (the.clockWrong) asides.push(clockFinding(evidence));
  if (told.serial !== undefined && evidence.serial === undefined)
    asides.push(finding('meter-unnamed', { expected: told.serial }));
  if (state === 'disconnected' && mode !== undefined && MODES.includes(mode) && !ORDER_CLOSES.includes(mode))
    asides.push(finding('mode-makes-ready', { mode }));
  if (signal?.registered === false || (signal?.level !== undefined && signal.level <= WEAK))
    asides.push(finding('weak-signal', { signal: signal.level }));
  return asides;
}

/** Of barriers that are no finding of their own yet, where somebody might want to close. */
function barrierFindings(the: Case, { order, barriers }: SupplyClosing): SupplyFinding[] {
  if (order === undefined) return [];
  const { evidence, told } = the;
  return barriers.flatMap((id) => {
    if (id === 'outside-hours')
      return [finding(id, { from: told.hours?.from, to: told.hours?.to, time: shown(evidence.clock?.time) })];
    if (id === 'mode-not-known') return [finding(id, { mode: evidence.mode })];
    return id === 'tamper-not-known' || id === 'credit-not-known' ? [finding(id)] : [];
  });
}

function clockFinding({ clock }: SupplyEvidence): SupplyFinding {
  return finding('clock-wrong', { time: shown(clock?.time), difference: clock?.ahead });
}

// ---- times

/** When the relay opened: the last entry of its log, where that is an opening. */
function openedAt({ logs }: SupplyEvidence): string | undefined {
  const last = logs.switching?.filter(({ code }) => code === CODES.opened || code === CODES.closed).at(-1);
  return last?.code === CODES.opened ? last.time : undefined;
}

/** The clock is off, or an entry of the past lies in the future. */
function isClockWrong({ clock, logs, credit }: SupplyEvidence, { clockLimit = CLOCK_LIMIT }: SupplyOptions): boolean {
  if (clock === undefined) return false;
  if (clock.ahead !== undefined && Math.abs(clock.ahead) > clockLimit) return true;
  const times = [logs.switching?.at(-1)?.time, credit.token?.time];
  return times.some((time) => time !== undefined && secondsBetween(clock.time, time) > clockLimit);
}

/** Whether the clock was set between two moments, or it is not known whether it was: then they are not compared. */
function wasSetBetween({ logs }: SupplyEvidence, one: string, other: string): boolean {
  const [from, to] = one < other ? [one, other] : [other, one];
  if (logs.transaction === undefined) return true;
  return logs.transaction.some(
    ({ code, time }) => code === CODES.clockSet && (time === undefined || (time >= from && time <= to)),
  );
}

/** Whether one of these events came shortly before the relay opened. */
function causeBefore(
  events: readonly SupplyEvent[] | undefined,
  opened: string | undefined,
  codes: readonly number[],
): boolean {
  if (events === undefined || opened === undefined) return false;
  return events.some(({ code, time }) => {
    if (time === undefined || !codes.includes(code)) return false;
    const before = secondsBetween(time, opened);
    return before >= 0 && before <= SOON;
  });
}

/** Seconds from one moment to a later one; negative for an earlier one. */
function secondsBetween(from: string, to: string): number {
  return (millisOf(to) - millisOf(from)) / 1000;
}

/** `23-11-2026 14:05:00`, as people in India write it. */
function shown(time: string | undefined): string | undefined {
  return time?.replace(/^(\d{4})-(\d\d)-(\d\d)/, '$3-$2-$1');
}

// ---- load

/** Whether a current flows; undefined where none was measured. */
function flows({ amperes }: SupplyEvidence): boolean | undefined {
  return amperes?.some((each) => Decimal.parse(each.replace('-', '')).compare(LEAST_AMPERES) >= 0);
}

function loadFacts({ volts, amperes }: SupplyEvidence): CauseFacts {
  return { volts: volts?.join(' / '), amperes: amperes?.join(' / ') };
}
