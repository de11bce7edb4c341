/**
 * The isomorphic entry: everything that runs alike in Node and in a browser. {@link open} is where to begin.
 *
 * @module cosem
 */

import { lazily } from './base/clock.js';
import type { DiscoverOptions, Discovery } from './client/discover/discover.js';
import type { Meter } from './client/meter.js';
import type { OpenOptions } from './client/options.js';
import { openKnowing } from './client/quirks/apply.js';
import type { Readout, ReadoutOptions } from './client/readout.js';
import type { Transport } from './contracts/transport.js';
import { platform } from './platform.js';
import { type FollowOptions, followOn } from './push/follow.js';
import type { PushStream } from './push/push-stream.js';

const loadDiscover = lazily(async () => (await import('./client/discover/discover.js')).discoverOn);
const loadShortNames = lazily(async () => (await import('./client/probe-short-names.js')).speaksShortNamesOn);
const loadReadout = lazily(async () => ({
  ...(await import('./client/readout.js')),
  ...(await import('./platform/readout.js')),
}));

// ---- base

export { fromHex, toHex } from './base/bytes.js';
export { type Clock, type Millis, systemClock, VirtualClock } from './base/clock.js';
export {
  AccessError,
  AssociationError,
  CosemError,
  DecodeError,
  type ErrorJson,
  LinkError,
  SecurityError,
  StateError,
  TimeoutError,
  UncertainError,
} from './base/errors.js';
export type { LogicalName } from './base/obis.js';
export type { OnRemark, Remark } from './base/remark.js';
export type { LogEntry, Metric, OnLog, OnMetric } from './base/telemetry.js';

// ---- contracts

export type { CacheStore } from './contracts/cache-store.js';

// ---- codec

export type { Data } from './codec/data.js';
export { CosemDate, CosemDateTime, CosemTime } from './codec/datetime.js';
export { Decimal } from './codec/decimal.js';

// ---- cosem

export type { Unit } from './cosem/units.js';

// ---- contracts

export type { AsyncCounterStore } from './contracts/async-counter-store.js';
export type { CounterStore } from './contracts/counter-store.js';
export type { CryptoProvider } from './contracts/crypto-provider.js';
export type { AsyncReplayGuard, ReplayGuard } from './contracts/replay-guard.js';

// ---- security

export { MemoryCounterStore } from './security/counter.js';
export { MemoryReplayGuard } from './security/replay.js';

// ---- contracts

export type { Transport, TransportHandler } from './contracts/transport.js';

// ---- session

// ---- client
export type { GatewayAddress } from './apdu/apdu.js';
export type { Arriving } from './client/arriving.js';
export type { Resumption } from './client/connection.js';
export type { DiscoveredMeter, DiscoverOptions, Discovery } from './client/discover/discover.js';
export { Meter } from './client/meter.js';
export type { CallOptions, GetOptions } from './client/meter-calls.js';
export type { AccessCallOptions } from './client/mixed-list.js';
export {
  type CallOrder,
  type MixedOrder,
  type MixedOutcomes,
  type SetOrder,
  toCall,
  toSet,
} from './client/mixed-orders.js';
export type { Authentication, MeterCredentials, OpenOptions, SecurityOptions } from './client/options.js';
export type { Outcome } from './client/outcome.js';
export { MeterPool, type PoolOptions, type PoolRetry } from './client/pool.js';
export type { PooledMeter, PoolOutcome, PoolWork } from './client/pool-run.js';
export { Profile } from './client/profile.js';
export type { RowOptions } from './client/profile-options.js';
export { ProfileRow, type ProfileRowJson, type RowColumnJson } from './client/profile-row.js';
export type { Moment } from './client/profile-selection.js';
export { setClock } from './client/read-back.js';
export { dataText, Reading, type ReadingJson } from './client/readings.js';
export type { Readout, ReadoutOptions } from './client/readout.js';
export { Relay } from './client/relay.js';
export {
  type RelayJson,
  type RelayOptions,
  type RelayOrder,
  RelayOutcome,
  RelayStatus,
} from './client/relay-status.js';
export type { PrepaidAccount, Usage } from './client/usage.js';
export type { Framing } from './contracts/link.js';
export { NotificationReceiver } from './session/notification.js';
export type { Notification } from './session/notification-forms.js';

// ---- companion

export { type Companion, readingsOf } from './companion/companion.js';
export { is15959 } from './companion/is15959/is15959.js';

// ---- push

export type { FollowOptions } from './push/follow.js';
export type { PushOptions } from './push/lines.js';
export type { PushStream, PushStreamEvents, ReceivedPush } from './push/push-stream.js';
export { type Push, type PushEvent, PushReceiver, type PushReceiverConfig } from './push/receiver.js';

// ---- transport

export { type WebSocketLike, webSocket } from './transport/web-socket.js';

// ---- open

/**
 * Opens an association with a meter: opens the transport, connects the data link, associates and authenticates. When any of this fails, everything
 * is closed again before the error is thrown.
 *
 * ```ts
 * const meter = await open(tcp('127.0.0.1', 4059), { framing: 'wrapper', client: 16 });
 * try {
 *   const time = await meter.get(meter.clock().time);
 * } finally {
 *   await meter.close();
 * }
 * ```
 * @throws LinkError when there is no line, or the meter refuses the data link; TimeoutError when nobody answers; AssociationError when
 * the meter refuses the association or cannot prove itself; SecurityError when keys are wrong; StateError when the options do not fit.
 */
export function open(transport: Transport, options: OpenOptions = {}): Promise<Meter> {
  return openKnowing(platform, transport, options);
}

/**
 * Looks for the meter at the other end of a line: finds its speed, framing and addresses, then reads its name plate as the public client. Nothing
 * is written to a meter.
 *
 * ```ts
 * const { meters } = await discover(() => serial('/dev/ttyUSB0', { baudRate: 9600 }), { line: 'serial' });
 * ```
 * @param connect makes a transport for the line, not open yet. It is called for each try.
 * @throws LinkError when the port or host cannot be reached.
 */
export async function discover(connect: () => Transport, options: DiscoverOptions): Promise<Discovery> {
  const discoverOn = await loadDiscover();
  return discoverOn(platform, connect, options);
}

/**
 * Finds out whether a meter that refused an association uses short names: asks for an association in that context (IEC 62056-5-3 clause 7.2), once
 * and without authentication. No secret is sent.
 * @param transport a transport that is not open yet; it is closed again.
 * @param options those of the association that was refused.
 * @returns whether the meter accepts that context; false also when no answer comes.
 */
export async function speaksShortNames(transport: Transport, options: OpenOptions = {}): Promise<boolean> {
  const speaksShortNamesOn = await loadShortNames();
  return speaksShortNamesOn(platform, transport, options);
}

/**
 * Reads a meter of IEC 62056-21 without HDLC: its data readout, or single registers in programming mode.
 *
 * ```ts
 * const { meter, values } = await readout(serial('/dev/ttyUSB0', { baudRate: 300, dataBits: 7, parity: 'even' }));
 * ```
 * @throws LinkError when there is no line or nobody answers; AccessError when the meter refuses; DecodeError.
 */
export async function readout(transport: Transport, options: ReadoutOptions = {}): Promise<Readout> {
  const { readoutOn, readoutPlatform } = await loadReadout();
  return readoutOn(readoutPlatform, transport, options);
}

/**
 * Follows what meters send by themselves on one or several lines: a customer port, a probe, a gateway. Nothing is sent. Use it in one `for await`
 * loop; leaving the loop closes the lines. A line that is lost is opened again.
 *
 * ```ts
 * const port = serial('/dev/ttyUSB0', { baudRate: 2400, parity: 'even' });
 * for await (const push of followPort(port, { keys: { encryption, authentication } })) {
 *   for (const { name, value, unit } of push.readings) console.log(push.sender, name, value?.toString(), unit);
 * }
 * ```
 * @param transport one transport or several, not open yet.
 * @returns the pushes, with events for what is not a push ({@link PushStream.on}). The loop throws LinkError when a line cannot be opened the first
 * time, or the reason of the signal.
 * @throws StateError when an option is wrong.
 */
export function followPort(transport: Transport | readonly Transport[], options: FollowOptions = {}): PushStream {
  return followOn(platform.crypto, transport, options);
}
export type { AccessOptions } from './session/client-access.js';
