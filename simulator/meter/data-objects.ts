/** The objects of class Data: name plate, counters, settings, prepaid account. */

import { AccessError } from '../../src/base/errors.js';
import { counted } from '../../src/base/words.js';
import type { BitString, Data } from '../../src/codec/data.js';
import { i32, octets, textOctets, u8, u16, u32 } from '../../src/codec/make.js';
import { bitString, dateTime, int32, octetString, uint8, uint16, uint32 } from '../../src/codec/types.js';
import { EVENT_LOGS } from '../../src/companion/is15959/events.js';
import { PREPAID } from '../../src/companion/is15959/readings.js';
import type { AttributeAccess } from '../../src/cosem/implementation.js';
import type { Core } from './core.js';
import type { Entry } from './entry.js';
import { entry } from './entry.js';
import { eventCode } from './event-code.js';
import type { MeterModel } from './model.js';
import type { Identity } from './options.js';
import type { Profiles } from './profiles.js';
import { relayTimes } from './relay-times.js';

export type DataObjects = ReadonlyMap<string, AttributeAccess<Data>>;

const METERING_MODE_CHANGED = 167;
const SINGLE_PHASE_CATEGORY = 'D1';

/** @param counters gives the lowest invocation counter that is accepted, by the last group of its object: 2 to 6. */
export function dataObjects(
  core: Core,
  model: MeterModel,
  identity: Identity,
  profiles: Profiles,
  counters: (group: number) => number,
): DataObjects {
  return new Map([
    ...nameplate(core, identity, model),
    ...counts(core, model),
    ...settings(core, profiles),
    ...meteringMode(core),
    ...(model.hasRelay ? [...account(core, model), ...relayTimes(core, model)] : ratios(model)),
    ...[2, 3, 4, 5, 6].map((group) => entry(`0.0.43.1.${group}`, () => u32(counters(group)))),
  ]);
}

function nameplate(core: Core, { serial, deviceId, logicalDeviceName, year }: Identity, model: MeterModel): Entry[] {
  const { forms, quirks, category, meterType, currentRating } = model;
  const fixed = (name: string, value: Data) => entry(name, () => value);
  return [
    fixed('0.0.42.0.0', textOctets(logicalDeviceName)),
    fixed('0.0.96.1.0', forms.text(serial)),
    fixed('0.0.96.1.2', forms.text(deviceId)),
    fixed('0.0.96.1.1', forms.text('COSEM VIRTUAL METERS')),
    fixed('0.0.96.1.4', forms.year(year)),
    entry('1.0.0.2.0', () => {
      core.catchUp();
      return forms.text(core.firmware);
    }),
    fixed('0.0.94.91.9', u8(meterType)),
    fixed('0.0.94.91.11', forms.text(quirks.has('wrong-category') ? SINGLE_PHASE_CATEGORY : category.key)),
    fixed('0.0.94.91.12', forms.text(currentRating)),
  ];
}

function ratios({ ratios: { current, voltage } }: MeterModel): Entry[] {
  return [entry('1.0.0.4.2', () => u16(current)), entry('1.0.0.4.3', () => u16(voltage))];
}

function counts(core: Core, model: MeterModel): Entry[] {
  const { billing, events } = core;
  const settled = <T>(value: () => T) => {
    core.catchUp();
    return value();
  };
  return [
    entry('0.0.0.1.0', () => settled(() => u32(billing.count))),
    entry('0.0.0.1.1', () => settled(() => u8(Math.min(12, billing.count)))),
    entry('0.0.96.2.0', () => settled(() => model.forms.count(events.programmings))),
    entry('0.0.96.7.0', () => u32(core.outagesUntil(core.catchUp()).count)),
    entry('0.0.94.91.0', () => settled(() => u32(events.tampers))),
    ...EVENT_LOGS.map(({ index }) =>
      entry(`0.0.96.11.${index}`, () => settled(() => eventCode(events.lastCode(index), model))),
    ),
    entry('0.0.94.91.18', () => settled(() => bitString.encode(events.status))),
    entry(
      '0.0.94.91.26',
      () => bitString.encode(events.filter),
      (value) => {
        events.filter = statusBits(value);
        events.record(165, core.catchUp());
      },
    ),
  ];
}

function statusBits(value: Data): BitString {
  const bits = bitString.decode(value);
  if (bits.length !== 128) throw refused('0.0.94.91.26', `a filter of ${counted(bits.length, 'bit')} instead of 128`);
  return { bytes: bits.bytes.slice(), length: bits.length };
}

function settings(core: Core, profiles: Profiles): Entry[] {
  const messages = [0, 1].map((i) => core.parts.cell(`message ${i}`, octetString, new Uint8Array(0)));
  return [
    entry(
      '1.0.0.8.0',
      () => u16(core.demand.period),
      (value) => {
        const now = core.catchUp();
        core.demand.setPeriod(period('1.0.0.8.0', value), now);
        core.events.record(152, now);
      },
    ),
    entry(
      '1.0.0.8.4',
      () => u16(profiles.blockPeriod),
      (value) => {
        const now = core.catchUp();
        profiles.setBlockPeriod(period('1.0.0.8.4', value), now);
        core.events.record(153, now);
      },
    ),
    entry('1.0.0.8.5', () => u32(86_400)),
    ...messages.map((message, i) =>
      entry(
        `0.0.96.13.${i}`,
        () => octets(message.get()),
        (value) => message.set(octetString.decode(value).slice(0, 256)),
      ),
    ),
  ];
}

/** A capture period: these meters know a few whole divisions of an hour. */
function period(name: string, value: Data): number {
  const seconds = uint16.decode(value);
  if (![300, 900, 1800, 3600].includes(seconds)) throw refused(name, `a period of ${seconds} s`);
  return seconds;
}

function meteringMode(core: Core): Entry[] {
  const { prepaid, events } = core;
  return [
    entry(
      PREPAID.meteringMode,
      () => u8(prepaid.meteringMode),
      (value) => {
        const now = core.catchUp();
        core.setMeteringMode(flag(PREPAID.meteringMode, value), now);
        events.record(METERING_MODE_CHANGED, now);
        events.record(prepaid.meteringMode === 0 ? 213 : 214, now);
      },
    ),
  ];
}

/** How an amount in paise is sent. */
interface AmountForm {
  readonly encode: (paise: number) => Data;
  readonly decode: (value: Data) => number;
}

const SIGNED: AmountForm = { encode: i32, decode: (value) => int32.decode(value) };
const UNSIGNED: AmountForm = { encode: (paise) => u32(Math.max(0, paise)), decode: (value) => uint32.decode(value) };

function account(core: Core, { quirks }: MeterModel): Entry[] {
  const { prepaid, events } = core;
  const amount = quirks.has('unsigned-amounts') ? UNSIGNED : SIGNED;
  return [
    entry(
      PREPAID.paymentMode,
      () => u8(prepaid.paymentMode),
      (value) => {
        const now = core.catchUp();
        prepaid.setPaymentMode(flag(PREPAID.paymentMode, value), now);
        events.record(prepaid.paymentMode === 0 ? 211 : 212, now);
      },
    ),
    entry(
      PREPAID.lastTokenAmount,
      () => amount.encode(prepaid.lastTokenAmount),
      (value) => {
        prepaid.lastTokenAmount = amount.decode(value);
      },
    ),
    entry(
      PREPAID.lastTokenTime,
      () => octets(prepaid.lastTokenTime),
      (value) => {
        prepaid.setTokenTime(dateTime.decode(value).toBytes(), core.catchUp());
      },
    ),
    entry(
      PREPAID.totalAtLastRecharge,
      () => amount.encode(prepaid.totalAtLastRecharge),
      (value) => {
        prepaid.totalAtLastRecharge = amount.decode(value);
      },
    ),
    entry(
      PREPAID.balance,
      () => amount.encode(prepaid.balance(core.catchUp())),
      (value) => {
        prepaid.setBalance(amount.decode(value), core.catchUp());
      },
    ),
    entry(
      PREPAID.balanceTime,
      () => octets(prepaid.balanceTime(core.catchUp())),
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

function refused(name: string, what: string): AccessError {
  return new AccessError('other-reason', `1:${name}:2`, what);
}
