/**
 * The virtual meter, and a virtual serial line to reach it: no hardware, no real time needed.
 *
 * @module cosem/simulator
 */

import { StateError } from '../src/base/errors.js';
import type { Template } from '../src/cosem/template.js';
import { HdlcLink } from '../src/link/hdlc-link.js';
import { ModeELink } from '../src/link/mode-e.js';
import { WrapperLink } from '../src/link/wrapper-link.js';
import { ReceiveCounter } from '../src/security/ciphering.js';
import { MemoryCounterStore } from '../src/security/counter.js';
import { unwrapKey } from '../src/security/keys.js';
import { nobleCrypto } from '../src/security/noble-crypto.js';
import { VirtualMeter } from './meter/meter.js';
import type { MeterOptions } from './meter/options.js';
import type { Crypto, Link, MeterLinkOptions, Platform } from './meter/platform.js';
import { TemplateMeter, type TemplateOptions } from './template/meter.js';

export { type BothWays, type LineNoise, type LineOptions, type LineStatistics, VirtualLine } from './line.js';
export { type Energies, type Flow, Load, type LoadOptions } from './load.js';
export type { MeterConnection } from './meter/connections.js';
export type { AttachOptions, VirtualMeter } from './meter/meter.js';
export {
  BENCH_SECRETS,
  type Identity,
  type MeterOptions,
  type MeterSecrets,
  type PushedNotification,
} from './meter/options.js';
export type { Framing } from './meter/platform.js';

export type { TemplateAttachOptions, TemplateMeter, TemplateOptions } from './template/meter.js';

/** Kinds of meters. */
export const PROFILES = ['is15959-1ph'] as const;
export type MeterProfile = (typeof PROFILES)[number];

export interface CreateMeterOptions extends MeterOptions {
  /** Cryptography; `@noble` unless given. */
  readonly crypto?: Crypto;
}

/**
 * A virtual meter.
 *
 * `is15959-1ph`: a single-phase prepaid smart meter of IS 15959 Part 2, category D1, with a household behind it: associations for clients
 * 16, 32, 48, 64 and 80, name plate, instantaneous values, energies, maximum demand, prepaid account, relay, limiter, clock, block and
 * daily load, billing, event logs. Deterministic by `seed`; all time comes from `clock`.
 * @throws StateError for an unknown profile or options that do not fit.
 */
export function createMeter(profile: MeterProfile, options: CreateMeterOptions): VirtualMeter {
  if (!PROFILES.includes(profile)) {
    throw new StateError(`there is no meter '${profile}'`, { hint: `known are ${PROFILES.join(', ')}` });
  }
  return new VirtualMeter({ ...platform, crypto: options.crypto ?? nobleCrypto }, options);
}

export interface TemplateMeterOptions extends TemplateOptions {
  /** Cryptography; `@noble` unless given. */
  readonly crypto?: Crypto;
}

/**
 * A meter that was recorded by `MeterDump` or `cosem dump`: each client sees the object list with the access rights that it saw there.
 * Values stay as recorded until they are written, in memory; clocks go on, relay and associations work, profiles are selected from.
 * @throws StateError when a value of the template is none.
 */
export function templateMeter(template: Template, options: TemplateMeterOptions): TemplateMeter {
  return new TemplateMeter({ ...platform, crypto: options.crypto ?? nobleCrypto }, template, options);
}

const platform: Platform = {
  links: {
    hdlc: hdlcLink,
    'mode-e': (options) =>
      new ModeELink(
        { role: 'server', manufacturer: options.manufacturer, identification: 'COSEM-D1', baud: 9600 },
        hdlcLink(options),
      ),
    wrapper: ({ devices }) => new WrapperLink('server', { devices }),
    'wrapper-udp': ({ devices }) => new WrapperLink('server', { devices, mode: 'datagram' }),
  },
  crypto: nobleCrypto,
  counters: () => new MemoryCounterStore(),
  receiveCounter: () => new ReceiveCounter(),
  unwrapKey,
};

function hdlcLink({ devices, maxInfo, window, lower, inactivityTimeout }: MeterLinkOptions): Link {
  return new HdlcLink('server', {
    devices,
    inactivityTimeout,
    parameters: {
      maxInfoTransmit: maxInfo,
      maxInfoReceive: maxInfo,
      windowTransmit: window,
      windowReceive: window,
    },
    ...(lower === undefined ? {} : { lower }),
  });
}
