/**
 * The virtual meter, and a virtual serial line to reach it. It needs no hardware and no real time.
 *
 * @module cosem/simulator
 */

import { lazily, type Millis, systemClock } from '../src/base/clock.js';
import { StateError } from '../src/base/errors.js';
import { given } from '../src/base/given.js';
import { checkOptions } from '../src/base/known-options.js';
import type { CryptoProvider } from '../src/contracts/crypto-provider.js';
import type { MeterStore } from '../src/contracts/meter-store.js';
import type { Transport } from '../src/contracts/transport.js';
import type { Template } from '../src/cosem/template.js';
import { nobleCrypto } from '../src/security/noble-crypto.js';
import type { DeliverOptions } from './deliver.js';
import { FLEET_OPTIONS, Fleet, type FleetOptions, fleetEntry } from './fleet/fleet.js';
import { type MeterProfile, PROFILES } from './meter/kinds.js';
import { VirtualMeter } from './meter/meter.js';
import { modelOf } from './meter/model.js';
import {
  checkMeterOptions,
  METER_OPTIONS,
  type MeterOptions,
  type PushedNotification,
  serialOf,
} from './meter/options.js';
import { platform } from './platform.js';
import { aliveUntil } from './state/lifetime.js';
import { TEMPLATE_OPTIONS, TemplateMeter, type TemplateOptions } from './template/meter.js';

export type { Framing } from '../src/contracts/link.js';
export type { MeterStore } from '../src/contracts/meter-store.js';
export type { LockOptions } from '../src/server/authentication-lock.js';
export type { Power } from './consumer.js';
export type { CustomerPortOptions } from './customer-port/customer-port.js';
export { CUSTOMER_PORTS, type CustomerPortForm, type CustomerPortInfo, customerPorts } from './customer-port/forms.js';
export type { CustomerPort } from './customer-port/port.js';
export type { DeliverOptions } from './deliver.js';
export { type FaultLike, Faults, type FaultsOptions, type LineFaults } from './faults/faults.js';
export { type Fault, type FaultWindow, parseFault } from './faults/parse.js';
export {
  FAULT_NAMES,
  FAULTS,
  type FaultKind,
  type FaultName,
  type FaultValue,
  faultForm,
  faultTable,
} from './faults/table.js';
export { faultyTransport } from './faults/transport.js';
export { ADDRESSES, type AddressRange, type GatewayOptions, headerAddress } from './fleet/addresses.js';
export type { Fleet, FleetOptions } from './fleet/fleet.js';
export { type BothWays, type LineNoise, type LineOptions, type LineStatistics, VirtualLine } from './line.js';
export { type Energies, type Flow, Load, type LoadOptions, type PhaseFlow } from './load.js';
export type { MeterConnection } from './meter/connections.js';
export type { Detection } from './meter/detection.js';
export type { CreditLamp, DisplayItem, FaceEvent, MeterFace } from './meter/face.js';
export { type FirmwareImage, makeImage } from './meter/firmware-image.js';
export type { FriendlyHours } from './meter/friendly.js';
export { type MeterProfile, PROFILES } from './meter/kinds.js';
export type { VirtualMeter } from './meter/meter.js';
export {
  BENCH_SECRETS,
  type EmergencyOptions,
  type Identity,
  type MeterOptions,
  type MeterSecrets,
  type PushedNotification,
  UTILITY_MECHANISMS,
  type UtilityMechanism,
} from './meter/options.js';
export type { PrepaidOptions } from './meter/prepaid.js';
export { type Quirk, type QuirkName, type QuirkOrigin, quirks } from './meter/quirks.js';
export type { ControlState } from './meter/relay.js';
export type { Slab, TariffOption } from './meter/tariff.js';
export { type ConnectionOptions, openOptionsOf } from './open-options.js';
export type { MeterPlace } from './place.js';
export { Random } from './random.js';
export type { MeterControls, PhaseChoice } from './scenario/controls.js';
export { type Playing, type PlayOptions, playScenario, type ScenarioMoment } from './scenario/play.js';
export type { Scenario, ScenarioStep, When } from './scenario/steps.js';
export { type ScenarioAction, type ScenarioTarget, VERB_NAMES, verbTable } from './scenario/verbs.js';
export type { AttachOptions } from './serve.js';
export { MemoryMeterStore } from './state/memory-store.js';

export type { TemplateMeter, TemplateOptions } from './template/meter.js';

/** Options of {@link createMeter}. `clock` and `seed` must be given. */
export interface CreateMeterOptions extends MeterOptions {
  /** Cryptography; `@noble` unless given. */
  readonly crypto?: CryptoProvider;
}

/**
 * Makes a virtual meter of IS 15959 with all six associations (clients 16, 32, 48, 64, 80, 96), name plate, instantaneous values, energies,
 * maximum demand, block and daily load, billing and event logs. Everything random in it follows from `seed`; all time comes from `clock`.
 *
 * - `is15959-1ph`: single-phase whole-current prepaid meter (category D1) of a household;
 * - `is15959-3ph`: three-phase whole-current prepaid meter (category D2) of a household, with the object list of a recorded one;
 * - `is15959-ct`: three-phase meter behind current transformers, of a workshop, without relay and prepaid account.
 *
 * Deviations of real meters from the standards are made when `quirks` names them.
 * ```ts
 * const meter = createMeter('is15959-1ph', { clock: systemClock, seed: 1 });
 * const transport = await meter.line();
 * ```
 * @throws StateError for an unknown profile or options that do not fit.
 */
export function createMeter(profile: MeterProfile, options: CreateMeterOptions): VirtualMeter {
  checkMeterOptions(options, { ...METER_OPTIONS, crypto: true }, 'createMeter');
  if (!PROFILES.includes(profile)) {
    throw new StateError(`there is no meter '${profile}'`, { hint: `known are ${PROFILES.join(', ')}` });
  }
  const model = modelOf(profile, options.quirks);
  return new VirtualMeter({ ...platform, crypto: options.crypto ?? nobleCrypto }, options, model);
}

const loadDelivery = lazily(async () => ({
  ...(await import('./deliver.js')),
  ...(await import('../src/link/wrapper-link.js')),
  ...(await import('../src/session/gateway-link.js')),
}));

/**
 * Delivers a push of a virtual meter to its destination, as meters do: over a connection of its own, in the wrapper.
 *
 * ```ts
 * createMeter('is15959-1ph', { clock, seed: 7, confirmedPushes: true, onPush: (push) => deliverPush(tcp('127.0.0.1', 4059), push) });
 * ```
 * @returns the confirm that came, where the push asks for one; `onPush` must return it.
 * @throws LinkError when the push cannot be delivered; TimeoutError when no confirm comes.
 */
export async function deliverPush(
  transport: Transport,
  push: PushedNotification,
  options: DeliverOptions = {},
): Promise<Uint8Array | undefined> {
  checkOptions(options, { timeout: true, clock: true, gateway: true }, 'deliverPush');
  const { clock = systemClock, timeout = 10_000, gateway } = options;
  const { deliverOver, WrapperLink, GatewayLink } = await loadDelivery();
  const direct = new WrapperLink('client', { client: push.source, server: push.destination });
  const link = gateway === undefined ? direct : new GatewayLink(direct, gateway, 'gateway-response');
  return deliverOver(link, transport, push, { clock, timeout });
}

/** Options of {@link templateMeter}. `clock` must be given. */
export interface TemplateMeterOptions extends TemplateOptions {
  /** Cryptography; `@noble` unless given. */
  readonly crypto?: CryptoProvider;
}

/**
 * Makes a virtual meter of a recording of `MeterDump` or `cosem dump`: each client sees the object list with the access rights that it saw
 * in the real meter. Values stay as recorded until they are written, and what is written is kept in memory only. The clock runs, relay and
 * associations work, and rows of profiles can be selected.
 * ```ts
 * const meter = templateMeter(parseTemplate(text), { clock: systemClock });
 * ```
 * @throws StateError when a value of the template cannot be read.
 */
export function templateMeter(template: Template, options: TemplateMeterOptions): TemplateMeter {
  checkMeterOptions(options, { ...TEMPLATE_OPTIONS, crypto: true }, 'templateMeter');
  return new TemplateMeter({ ...platform, crypto: options.crypto ?? nobleCrypto }, template, options);
}

/** Options of {@link createFleet}. `clock`, `seed` and `count` must be given. */
export interface CreateFleetOptions extends FleetOptions {
  /** Cryptography; `@noble` unless given. */
  readonly crypto?: CryptoProvider;
}

/**
 * Makes many meters of one kind. Meter `n` is the meter that `createMeter` makes with a seed higher by `n`. A meter costs nothing until
 * somebody speaks to it.
 * ```ts
 * const fleet = createFleet('is15959-1ph', { clock: systemClock, seed: 1, count: 500 });
 * await fleet.attach(7, transport);
 * ```
 * @throws StateError for an unknown profile or options that do not fit.
 */
export function createFleet(profile: MeterProfile, options: CreateFleetOptions): Fleet {
  checkMeterOptions(options, { ...FLEET_OPTIONS, crypto: true }, 'createFleet');
  const model = modelOf(profile, options.quirks);
  return new Fleet({ ...platform, crypto: options.crypto ?? nobleCrypto }, model, options);
}

/**
 * The latest time at which somebody may have seen a meter, or a fleet, that is kept in a store; undefined when the store does not have it.
 * The clock with which it goes on must not start before that time. This matters when simulated time ran faster than real time.
 * @throws StateError when what is kept is damaged.
 */
export function keptUntil(
  store: MeterStore,
  { seed, serial, count }: { readonly seed: number; readonly serial?: string; readonly count?: number },
): Millis | undefined {
  const name = count === undefined ? serialOf({ seed, ...given({ serial }) }) : fleetEntry(seed);
  return aliveUntil(store, name);
}
