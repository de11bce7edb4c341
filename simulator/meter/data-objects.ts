/** The objects of class Data of a single-phase meter: name plate, counters, settings, prepaid account. */

import { AccessError } from '../../src/base/errors.js';
import type { BitString, Data } from '../../src/codec/data.js';
import { i32, octets, textOctets, u8, u16, u32, visible } from '../../src/codec/make.js';
import { bitString, dateTime, int32, octetString, structure, uint8, uint16, uint32 } from '../../src/codec/types.js';
import type { ProfileSpec } from '../../src/companion/companion.js';
import { EVENT_LOGS } from '../../src/companion/is15959/events.js';
import { PREPAID } from '../../src/companion/is15959/readings.js';
import type { AttributeAccess } from '../../src/cosem/class.js';
import type { Core } from './core.js';
import type { Identity } from './options.js';
import type { Profiles } from './profiles.js';

export type DataObjects = ReadonlyMap<string, AttributeAccess<Data>>;

const SINGLE_PHASE = 6;
const METERING_MODE_CHANGED = 167;

/** @param counters the lowest invocation counter acceptable, by the last group of its object: 2 to 5. */
export function dataObjects(
  core: Core,
  identity: Identity,
  profiles: Profiles,
  blockLoad: ProfileSpec,
  counters: (group: number) => number,
): DataObjects {
  return new Map([
    ...nameplate(identity),
    ...counts(core),
    ...settings(core, profiles, blockLoad),
    ...account(core),
    ...relayTimes(core),
    ...[2, 3, 4, 5].map((group) => entry(`0.0.43.1.${group}`, () => u32(counters(group)))),
  ]);
}

type Entry = readonly [name: string, access: AttributeAccess<Data>];

function entry(name: string, get: () => Data, set?: (value: Data) => void): Entry {
  return [name.endsWith('.255') ? name : `${name}.255`, set === undefined ? { get } : { get, set }];
}

function nameplate({ serial, deviceId, logicalDeviceName, year }: Identity): Entry[] {
  const fixed = (name: string, value: Data) => entry(name, () => value);
  return [
    fixed('0.0.42.0.0', textOctets(logicalDeviceName)),
    fixed('0.0.96.1.0', visible(serial)),
    fixed('0.0.96.1.2', visible(deviceId)),
    fixed('0.0.96.1.1', visible('COSEM VIRTUAL METERS')),
    fixed('0.0.96.1.4', u16(year)),
    fixed('1.0.0.2.0', visible('COSEM-D1-1.0')),
    fixed('0.0.94.91.9', u8(SINGLE_PHASE)),
    fixed('0.0.94.91.11', visible('D1')),
    fixed('0.0.94.91.12', visible('5-30 A')),
  ];
}

function counts(core: Core): Entry[] {
  const { billing, events } = core;
  const settled = <T>(value: () => T) => {
    core.now();
    return value();
  };
  return [
    entry('0.0.0.1.0', () => settled(() => u32(billing.count))),
    entry('0.0.0.1.1', () => settled(() => u8(Math.min(12, billing.count)))),
    entry('0.0.96.2.0', () => settled(() => u16(events.programmings & 0xffff))),
    entry('0.0.96.7.0', () => u32(core.outagesUntil(core.now()).count)),
    entry('0.0.94.91.0', () => settled(() => u32(events.tampers))),
    ...EVENT_LOGS.map(({ index }) => entry(`0.0.96.11.${index}`, () => settled(() => u16(events.lastCode(index))))),
    entry('0.0.94.91.18', () => settled(() => bitString.encode(events.status))),
    entry(
      '0.0.94.91.26',
      () => bitString.encode(events.filter),
      (value) => {
        events.filter = statusBits(value);
        events.record(165, core.now());
      },
    ),
  ];
}

function statusBits(value: Data): BitString {
  const bits = bitString.decode(value);
  if (bits.length !== 128) throw refused('0.0.94.91.26', `a filter of ${bits.length} bits instead of 128`);
  return { bytes: bits.bytes.slice(), length: bits.length };
}

function settings(core: Core, profiles: Profiles, blockLoad: ProfileSpec): Entry[] {
  const messages = [new Uint8Array(0), new Uint8Array(0)];
  return [
    entry(
      '1.0.0.8.0',
      () => u16(core.demand.period),
      (value) => {
        core.demand.restart(period('1.0.0.8.0', value));
        core.events.record(152, core.now());
      },
    ),
    entry(
      '1.0.0.8.4',
      () => u16(profiles.blockPeriod),
      (value) => {
        const now = core.now();
        profiles.setBlockPeriod(period('1.0.0.8.4', value), blockLoad, now);
        core.events.record(153, now);
      },
    ),
    entry('1.0.0.8.5', () => u32(86_400)),
    ...[0, 1].map((i) =>
      entry(
        `0.0.96.13.${i}`,
        () => octets(messages[i] ?? new Uint8Array(0)),
        (value) => {
          messages[i] = octetString.decode(value).slice(0, 256);
        },
      ),
    ),
  ];
}

/** Whole divisions of an hour that these meters know. */
function period(name: string, value: Data): number {
  const seconds = uint16.decode(value);
  if (![300, 900, 1800, 3600].includes(seconds)) throw refused(name, `a period of ${seconds} s`);
  return seconds;
}

function account(core: Core): Entry[] {
  const { prepaid, events } = core;
  return [
    entry(
      PREPAID.meteringMode,
      () => u8(prepaid.meteringMode),
      (value) => {
        prepaid.meteringMode = flag(PREPAID.meteringMode, value);
        const now = core.now();
        events.record(METERING_MODE_CHANGED, now);
        events.record(prepaid.meteringMode === 0 ? 213 : 214, now);
      },
    ),
    entry(
      PREPAID.paymentMode,
      () => u8(prepaid.paymentMode),
      (value) => {
        const now = core.now();
        prepaid.setPaymentMode(flag(PREPAID.paymentMode, value), now);
        events.record(prepaid.paymentMode === 0 ? 211 : 212, now);
      },
    ),
    entry(
      PREPAID.lastTokenAmount,
      () => i32(prepaid.lastTokenAmount),
      (value) => {
        prepaid.lastTokenAmount = int32.decode(value);
      },
    ),
    entry(
      PREPAID.lastTokenTime,
      () => octets(prepaid.lastTokenTime),
      (value) => {
        prepaid.lastTokenTime = dateTime.decode(value).toBytes();
      },
    ),
    entry(
      PREPAID.totalAtLastRecharge,
      () => i32(prepaid.totalAtLastRecharge),
      (value) => {
        prepaid.totalAtLastRecharge = int32.decode(value);
      },
    ),
    entry(
      PREPAID.balance,
      () => i32(prepaid.balance(core.now())),
      (value) => {
        prepaid.setBalance(int32.decode(value), core.now());
      },
    ),
    entry(
      PREPAID.balanceTime,
      () => octets(prepaid.balanceTime(core.now())),
      (value) => {
        prepaid.setBalanceTime(dateTime.decode(value).toBytes());
      },
    ),
  ];
}

function flag(name: string, value: Data): number {
  const mode = uint8.decode(value);
  if (mode > 1) throw refused(name, `there is no mode ${mode}`);
  return mode;
}

const activeTimes = structure({ interval: uint32, lockout: uint32, attempts: uint8 });
const passiveTimes = structure({ interval: uint32, lockout: uint32, attempts: uint8, activation: octetString });

function relayTimes(core: Core): Entry[] {
  const { limiter, events } = core;
  let passive = { ...limiter.times, activation: new Uint8Array(0) };
  return [
    entry('1.0.96.128.25', () => activeTimes.encode(limiter.times)),
    entry(
      '1.0.96.128.30',
      () => passiveTimes.encode(passive),
      (value) => {
        const { interval, lockout, attempts, activation } = passiveTimes.decode(value);
        passive = { interval, lockout, attempts, activation: activation.slice(0, 12) };
        // Without an activation date it holds at once.
        if (activation.length === 0) limiter.times = { interval, lockout, attempts };
        events.record(182, core.now());
      },
    ),
  ];
}

function refused(name: string, what: string): AccessError {
  return new AccessError('other-reason', `1:${name}:2`, what);
}
