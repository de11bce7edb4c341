/**
 * The object lists of IS 15959 meters with their access rights. Meter reader and utility setting see every object, with the rights that its
 * class declares; where the specification says otherwise, it is written with the object.
 */

import type { CosemClass } from '../../cosem/class.js';
import { AssociationLnV1 } from '../../cosem/classes/access.js';
import { ClockClass } from '../../cosem/classes/clock.js';
import { GprsModemSetup, HdlcSetupV1, Ipv6Setup, TcpUdpSetup } from '../../cosem/classes/communication.js';
import { DisconnectControlV0 } from '../../cosem/classes/disconnect-control.js';
import { ImageTransfer } from '../../cosem/classes/image-transfer.js';
import { PushSetupV0 } from '../../cosem/classes/push-setup.js';
import { SecuritySetupV0 } from '../../cosem/classes/security-setup.js';
import { DataClass, ExtendedRegister, ProfileGenericV1, Register } from '../../cosem/classes/storage.js';
import { ActivityCalendar, Limiter, ScriptTable, SingleActionSchedule } from '../../cosem/classes/time.js';
import { accessByDefault, type ObjectAccess, type ObjectSpec, type ProfileSpec, type PushSpec } from '../companion.js';
import { DISPLAY, FIRMWARE, PUBLIC, PUSH, READER, UTILITY } from './associations.js';
import { EVENT_LOGS } from './events.js';

/** What is special about an object. */
interface Rights {
  /** Clients that see it beside meter reader and utility setting. */
  readonly also?: readonly number[];
  /** The only clients that see it, in place of meter reader, utility setting and `also`. */
  readonly only?: readonly number[];
  /** Attributes that may be read, in place of those that the class declares. */
  readonly read?: readonly number[];
  /** Attributes that utility setting may write, in place of those that the class declares. */
  readonly write?: readonly number[];
  /** Methods that utility setting may execute, in place of those that the class declares. */
  readonly execute?: readonly number[];
  /** Rights of single clients, in place of all the above. */
  readonly exceptions?: Readonly<Record<number, Partial<ObjectAccess>>>;
}

function object(cosem: CosemClass, name: string, title: string, rights: Rights = {}): ObjectSpec {
  const { only, also, exceptions, read } = rights;
  const access = new Map<number, ObjectAccess>();
  for (const client of only ?? [READER, UTILITY, ...(also ?? [])]) {
    const role = client === UTILITY ? 'utility' : client === PUBLIC ? 'public' : 'reader';
    const given = accessByDefault(cosem, role);
    const { write, execute }: Rights = client === UTILITY ? rights : {};
    access.set(client, {
      read: read ?? given.read,
      write: write ?? given.write,
      execute: execute ?? given.execute,
      ...exceptions?.[client],
    });
  }
  return { cosem, logicalName: `${name}.255`, title, access };
}

function data(name: string, title: string, rights?: Rights): ObjectSpec {
  return object(DataClass, name, title, rights);
}

function settable(name: string, title: string): ObjectSpec {
  return data(name, title, { write: [2] });
}

function register(name: string, title: string, rights?: Rights): ObjectSpec {
  return object(Register, name, title, rights);
}

/** Rights of objects that the in-home display shows. */
const SHOWN: Rights = { also: [DISPLAY] };

/** A register for the total and one for each of the eight time zones. */
function zoned(make: (name: string, title: string) => ObjectSpec, pattern: string, title: string): ObjectSpec[] {
  return Array.from({ length: 9 }, (_, zone) =>
    make(pattern.replace('*', String(zone)), zone === 0 ? title : `${title}, time zone ${zone}`),
  );
}

/** Maximum demand; only the total can be reset by itself. */
function demand(name: string, title: string): ObjectSpec {
  return object(ExtendedRegister, name, title, name.endsWith('.0') ? { execute: [1] } : {});
}

const nameplate: readonly ObjectSpec[] = [
  data('0.0.42.0.0', 'Logical device name', { also: [PUBLIC, PUSH, FIRMWARE, DISPLAY] }),
  data('0.0.96.1.0', 'Meter serial number', { also: [PUBLIC, FIRMWARE] }),
  data('0.0.96.1.1', 'Manufacturer'),
  data('0.0.96.1.2', 'Device ID'),
  data('0.0.96.1.4', 'Year of manufacture'),
  data('1.0.0.2.0', 'Firmware version', { also: [FIRMWARE] }),
  data('0.0.94.91.9', 'Meter type'),
  data('0.0.94.91.11', 'Meter category'),
  data('0.0.94.91.12', 'Current rating'),
];

/** The log of the relay. */
const CONTROL_LOG = 6;

function eventCode({ index, name }: (typeof EVENT_LOGS)[number]): ObjectSpec {
  return data(`0.0.96.11.${index}`, `Event code: ${name}`);
}

const counters: readonly ObjectSpec[] = [
  data('0.0.0.1.0', 'Cumulative billing count'),
  data('0.0.0.1.1', 'Available billing periods'),
  data('0.0.96.2.0', 'Cumulative programming count'),
  data('0.0.96.7.0', 'Number of power failures'),
  data('0.0.94.91.0', 'Cumulative tamper count'),
  register('0.0.0.1.2', 'Billing date'),
  register('0.0.94.91.8', 'Cumulative power-off duration'),
  register('0.0.94.91.13', 'Billing power-on duration'),
  settable('1.0.0.8.0', 'Demand integration period'),
  settable('1.0.0.8.4', 'Block load capture period'),
  data('1.0.0.8.5', 'Daily load capture period'),
  data('0.0.96.13.0', 'Consumer message 1', {
    also: [DISPLAY],
    write: [2],
    exceptions: { [DISPLAY]: { write: [2] } },
  }),
  data('0.0.96.13.1', 'Consumer message 2', { also: [DISPLAY], write: [2] }),
  ...EVENT_LOGS.filter((log) => log.index !== CONTROL_LOG).map(eventCode),
  data('0.0.94.91.18', 'Event status word'),
  settable('0.0.94.96.19', 'Metering mode'),
  settable('0.0.94.91.26', 'Event status word filter'),
];

/** The prepaid objects under 94.96; older meters keep them under 94.91 with the same last group. */
const prepaid: readonly ObjectSpec[] = [
  data('0.0.94.96.20', 'Payment mode', { ...SHOWN, write: [2] }),
  settable('0.0.94.96.21', 'Last token amount'),
  settable('0.0.94.96.22', 'Last token time'),
  settable('0.0.94.96.23', 'Total at last recharge'),
  data('0.0.94.96.24', 'Current balance', { ...SHOWN, write: [2] }),
  data('0.0.94.96.25', 'Balance time', { ...SHOWN, write: [2] }),
];

const energies: readonly ObjectSpec[] = [
  ...zoned(register, '1.0.1.8.*', 'Active energy import'),
  ...zoned(register, '1.0.9.8.*', 'Apparent energy import'),
  register('1.0.2.8.0', 'Active energy export'),
  register('1.0.10.8.0', 'Apparent energy export'),
  register('1.0.1.9.0', 'Energy kWh import of this billing period', SHOWN),
  register('1.0.1.29.0', 'Block energy kWh import'),
  register('1.0.9.29.0', 'Block energy kVAh import'),
  register('1.0.2.29.0', 'Block energy kWh export'),
  register('1.0.10.29.0', 'Block energy kVAh export'),
  register('1.0.13.0.0', 'Average power factor of the billing period'),
];

const instantaneous: readonly ObjectSpec[] = [
  register('1.0.14.7.0', 'Frequency'),
  register('1.0.1.7.0', 'Active power', SHOWN),
  register('1.0.9.7.0', 'Apparent power', SHOWN),
];

/** The relay with what belongs to it. */
const control: readonly ObjectSpec[] = [
  object(DisconnectControlV0, '0.0.96.3.10', 'Load limit function status (relay)'),
  object(Limiter, '0.0.17.0.0', 'Load limit'),
  data('1.0.96.128.25', 'Active relay time'),
  settable('1.0.96.128.30', 'Passive relay time'),
  ...EVENT_LOGS.filter((log) => log.index === CONTROL_LOG).map(eventCode),
];

const scheduling: readonly ObjectSpec[] = [
  object(ClockClass, '0.0.1.0.0', 'Real time clock', { also: [PUBLIC, PUSH, FIRMWARE, DISPLAY] }),
  object(ScriptTable, '0.0.10.0.1', 'MD reset script table'),
  object(ScriptTable, '0.0.10.0.100', 'Tariffication script table'),
  object(ScriptTable, '0.0.10.0.107', 'Image activation script table', { also: [FIRMWARE] }),
  object(ScriptTable, '0.0.10.0.108', 'Push script table'),
  object(ActivityCalendar, '0.0.13.0.0', 'Activity calendar'),
  object(SingleActionSchedule, '0.0.15.0.0', 'Billing dates'),
  object(SingleActionSchedule, '0.0.15.0.2', 'Image activation schedule', {
    also: [FIRMWARE],
    exceptions: { [FIRMWARE]: { write: [4] } },
  }),
  object(SingleActionSchedule, '0.0.15.0.4', 'Push schedule to the head end'),
  object(SingleActionSchedule, '0.3.15.0.4', 'Push schedule to the in-home display'),
];

const communication: readonly ObjectSpec[] = [
  object(HdlcSetupV1, '0.0.22.0.0', 'HDLC setup'),
  object(TcpUdpSetup, '0.0.25.0.0', 'TCP-UDP setup'),
  object(GprsModemSetup, '0.0.25.4.0', 'GPRS modem setup', { read: [1, 2, 3, 4] }),
  object(Ipv6Setup, '0.0.25.7.0', 'IPv6 setup'),
  object(ImageTransfer, '0.0.44.0.0', 'Image transfer', {
    also: [FIRMWARE],
    exceptions: { [FIRMWARE]: { execute: [1, 2, 3, 4] } },
  }),
];

/** An association object: the clients in `secret` may write its secret, those in `hls` may authenticate by it and change it. */
function association(
  name: string,
  title: string,
  rights: Rights,
  may: { readonly secret?: readonly number[]; readonly hls?: readonly number[] } = {},
): ObjectSpec {
  const clients = rights.only ?? [READER, UTILITY, ...(rights.also ?? [])];
  const exceptions = clients.map((client): [number, Partial<ObjectAccess>] => [
    client,
    {
      write: may.secret?.includes(client) === true ? [7] : [],
      execute: may.hls?.includes(client) === true ? [1, 2] : [],
    },
  ]);
  return object(AssociationLnV1, name, title, { ...rights, exceptions: Object.fromEntries(exceptions) });
}

const HLS = [UTILITY, FIRMWARE];

const access: readonly ObjectSpec[] = [
  association(
    '0.0.40.0.0',
    'Current association',
    { also: [PUBLIC, PUSH, FIRMWARE, DISPLAY] },
    { secret: HLS, hls: HLS },
  ),
  association('0.0.40.0.1', 'Association of the public client', { also: [PUBLIC] }),
  association('0.0.40.0.2', 'Association of the meter reader', {}, { secret: [UTILITY] }),
  association('0.0.40.0.3', 'Association of utility setting', {}, { secret: [UTILITY], hls: [UTILITY] }),
  association('0.0.40.0.4', 'Association for push', { also: [PUSH] }),
  association('0.0.40.0.5', 'Association for firmware upgrade', { also: [FIRMWARE] }, { secret: HLS, hls: HLS }),
  association('0.0.40.0.6', 'Association of the in-home display', { only: [DISPLAY] }),
  object(SecuritySetupV0, '0.0.43.0.6', 'Security setup of the in-home display', { only: [DISPLAY] }),
  data('0.0.43.1.6', 'Invocation counter: in-home display', { only: [DISPLAY] }),
  object(SecuritySetupV0, '0.0.43.0.2', 'Security setup of the meter reader'),
  object(SecuritySetupV0, '0.0.43.0.3', 'Security setup of utility setting'),
  object(SecuritySetupV0, '0.0.43.0.4', 'Security setup for push'),
  object(SecuritySetupV0, '0.0.43.0.5', 'Security setup for firmware upgrade', { also: [FIRMWARE] }),
  ...['meter reader', 'utility setting', 'push', 'firmware upgrade'].map((client, i) =>
    data(`0.0.43.1.${i + 2}`, `Invocation counter: ${client}`, { also: [PUBLIC, PUSH] }),
  ),
];

function profileObjects(profiles: readonly ProfileSpec[]): ObjectSpec[] {
  return profiles.map(({ logicalName, title, kind }) => {
    const captured = kind === 'block-load' || kind === 'daily-load' || kind === 'billing' || kind === 'event-log';
    return object(ProfileGenericV1, logicalName.replace(/\.255$/, ''), title, captured ? { execute: [1, 2] } : {});
  });
}

/** Setups 1 to 3 send something to the display, or from it. */
function pushObjects(setups: readonly PushSpec[]): ObjectSpec[] {
  return setups.map(({ logicalName, title }, index) =>
    object(PushSetupV0, logicalName.replace(/\.255$/, ''), title, {
      also: index >= 1 && index <= 3 ? [PUSH, DISPLAY] : [PUSH],
    }),
  );
}

const common = [...nameplate, ...counters, ...energies, ...instantaneous, ...scheduling, ...communication, ...access];

/** Object list of a single-phase meter. */
export function singlePhaseObjects(profiles: readonly ProfileSpec[], pushes: readonly PushSpec[]): ObjectSpec[] {
  return inOrder([
    ...common,
    ...prepaid,
    ...control,
    register('1.0.12.7.0', 'Voltage', SHOWN),
    register('1.0.11.7.0', 'Phase current', SHOWN),
    register('1.0.13.7.0', 'Power factor', SHOWN),
    register('1.0.91.7.0', 'Neutral current'),
    register('1.0.12.27.0', 'Average voltage of the block'),
    register('1.0.11.27.0', 'Average current of the block'),
    register('1.0.94.91.14', 'Current captured in event logs'),
    register('0.0.94.91.14', 'Cumulative power-on duration'),
    demand('1.0.1.6.0', 'Maximum demand kW'),
    demand('1.0.9.6.0', 'Maximum demand kVA'),
    ...profileObjects(profiles),
    ...pushObjects(pushes),
  ]);
}

/** What both kinds of three-phase meters have. */
const polyphase: readonly ObjectSpec[] = [
  ...['R', 'Y', 'B'].flatMap((phase, i) => {
    // The list that is pushed to the display has the first phase only.
    const rights = i === 0 ? SHOWN : {};
    return [
      register(`1.0.${31 + 20 * i}.7.0`, `Current ${phase}`, rights),
      register(`1.0.${32 + 20 * i}.7.0`, `Voltage ${phase}`, rights),
      register(`1.0.${33 + 20 * i}.7.0`, `Power factor ${phase}`, rights),
      register(`1.0.${31 + 20 * i}.27.0`, `Average current ${phase} of the block`),
      register(`1.0.${32 + 20 * i}.27.0`, `Average voltage ${phase} of the block`),
    ];
  }),
  register('1.0.13.7.0', 'Power factor'),
  register('1.0.3.7.0', 'Reactive power'),
  ...['I', 'II', 'III', 'IV'].map((q, i) => register(`1.0.${i + 5}.8.0`, `Reactive energy Q${q}`)),
  ...zoned(demand, '1.0.1.6.*', 'Maximum demand kW'),
  ...zoned(demand, '1.0.9.6.*', 'Maximum demand kVA'),
];

/** Object list of a three-phase whole-current meter. */
export function threePhaseObjects(profiles: readonly ProfileSpec[], pushes: readonly PushSpec[]): ObjectSpec[] {
  return inOrder([
    ...common,
    ...prepaid,
    ...control,
    ...polyphase,
    ...profileObjects(profiles),
    ...pushObjects(pushes),
  ]);
}

/**
 * Object list of a CT-operated meter. It has no relay, nothing that belongs to one, and no prepayment, which needs one. It has ratios of the
 * transformers, reactive energy of the block and demand of export.
 */
export function ctOperatedObjects(profiles: readonly ProfileSpec[], pushes: readonly PushSpec[]): ObjectSpec[] {
  return inOrder([
    ...common,
    ...polyphase,
    data('1.0.0.4.2', 'CT ratio'),
    data('1.0.0.4.3', 'PT ratio'),
    ...[1, 2, 3, 4].map((q) => register(`1.0.${q + 4}.29.0`, `Block energy kvarh Q${q}`)),
    demand('1.0.2.6.0', 'Maximum demand kW export'),
    demand('1.0.10.6.0', 'Maximum demand kVA export'),
    ...profileObjects(profiles),
    ...pushObjects(pushes),
  ]);
}

/** By class, then by logical name as on the wire. */
function inOrder(objects: readonly ObjectSpec[]): ObjectSpec[] {
  const octets = (name: string) =>
    name
      .split('.')
      .map((group) => group.padStart(3, '0'))
      .join('.');
  return [...objects].sort(
    (a, b) => a.cosem.id - b.cosem.id || (octets(a.logicalName) < octets(b.logicalName) ? -1 : 1),
  );
}
