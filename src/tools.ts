/**
 * For tools that do more than read a meter: change keys and passwords, transfer firmware, record a whole meter, use quirk and push sheets, look for
 * a meter on a line, read telegrams, and compute consumption.
 *
 * @module cosem/tools
 */

import { type Broadcast, type BroadcastOptions, openBroadcastOn } from './client/broadcast.js';
import { diagnoseOn } from './client/diagnose/diagnose.js';
import type { DiagnoseOptions, Diagnosis } from './client/diagnose/diagnosis.js';
import type { OpenOptions } from './client/options.js';
import type { Transport } from './contracts/transport.js';
import { broadcastPlatform } from './platform/broadcast.js';
import { platform } from './platform.js';

// ---- base

export { PROTECTIONS } from './base/protections.js';
export { keyOctets, secretOctets, titleOctets } from './base/written-keys.js';

// ---- codec

export { parseMoment, parseMomentOrWords, type RelativeMoment } from './codec/moment.js';
export { parseData, saysType } from './codec/written.js';

// ---- cosem

export type * from './cosem/template.js';
export { checkTemplate, parseTemplate, templateText } from './cosem/template.js';

// ---- client

export { leastAddressSize } from './base/address-size.js';
export { callMethod, type MethodPlace, relayOrderOf } from './client/call-method.js';
export { inWordsOf, scalerUnitIn } from './client/captured.js';
export {
  ClockReading,
  type ClockReadingJson,
  type ReadClockOptions,
  readClock,
  type SyncClockOptions,
  type SyncedClock,
  syncClock,
} from './client/clock-sync.js';
export { usualCounterObjects } from './client/counter-objects.js';
export { HIGHEST_UNASKED_COUNTER, LARGEST_COUNTER_STEP, LAST_COUNTER } from './client/counters.js';
export type { DiagnoseOptions, Diagnosis, FailedCall } from './client/diagnose/diagnosis.js';
export { causeOf } from './client/diagnose/known-cause.js';
export { LineWatch } from './client/diagnose/line-watch.js';
export {
  describeProbe,
  type MeterAddress,
  type Probe,
  type Search,
  type SearchOptions,
  type Sighting,
  type SignedOn,
  search,
  shortList,
  USUAL_BAUDS,
  type Way,
} from './client/discover/plan.js';
export { type DumpedConnection, type DumpOptions, type DumpProgress, MeterDump } from './client/dump.js';
export { findCompanion } from './client/find-companion.js';
export {
  type Image,
  type ImageCheckOptions,
  ImageError,
  type ImageFault,
  type ImageInfo,
  type ImageStatus,
} from './client/image.js';
export type { ImageProgress } from './client/image-blocks.js';
export {
  type ImageTransferOptions,
  ImageUpdate,
  type ImageUpdateOptions,
  type ImageWaitOptions,
} from './client/image-transfer.js';
export {
  type ChangeStore,
  changeKept,
  type KeptChange,
  type OpenStored,
  type Settled,
  settlePending,
} from './client/kept-change.js';
export {
  changeHlsSecret,
  changeKeys,
  changePassword,
  changeProved,
  type Held,
  type HlsSecretChange,
  KeyChangeError,
  type KeyTransfer,
  type Reopen,
  type SecretChange,
  transferKeys,
} from './client/keys.js';
export type { MeterParts } from './client/meter.js';
export type { MeterClosed, MeterEvents, MeterLost } from './client/meter-events.js';
export { explainNotServed, type Refused } from './client/not-served.js';
export type { ListedAttribute, ListedMethod, ListedObject, ObjectListing, OddEntry } from './client/object-list.js';
export { authentications } from './client/options.js';
export type { OutcomesOf, ValuesOf } from './client/outcome.js';
export type { ProfileColumn } from './client/profile-column.js';
export { isNumbered } from './client/profile-columns.js';
export { newestOf, orderOf, type RowOrder } from './client/profile-newest.js';
export type { ProfileState } from './client/profile-options.js';
export type { RowSelection } from './client/profile-selection.js';
export { type PublishedCounter, publishedCounter } from './client/published-counter.js';
export { eventCodeOf, eventOf } from './client/quirks/event-code.js';
export { knownQuirks } from './client/quirks/known.js';
export {
  type EffectKind,
  parseQuirks,
  QUIRK_EFFECTS,
  type QuirkEffects,
  type QuirkMatch,
  type QuirkSchema,
  type QuirkSheet,
  quirksSchema,
} from './client/quirks/sheet.js';
export { type ReadBack, readBack, setAndReadBack } from './client/read-back.js';
export type { ReadingParts, ScalerUnit } from './client/readings.js';
export { logicalNameOf, type ReadoutMeter, type ReadoutValue } from './client/readout.js';
export type { Reconnect } from './client/reconnect-options.js';
export type { ProfileProgress } from './client/row-collector.js';
export { RowLog, type RowLogHeader, rowLogHeader, selectionBehind } from './client/row-log.js';
export { counterEntryOf } from './client/security-options.js';
export {
  connectionNameIn,
  parseStored,
  SETTING_NAMES,
  type StoredFile,
  valuesIn,
} from './client/stored/config.js';
export { framingIn, type SettingValues, type SettingWords, WRITTEN_FRAMINGS } from './client/stored/line.js';
export { counterObjectsOf, optionsOf } from './client/stored/options.js';
export {
  AUTHENTICATIONS,
  type KeySettings,
  keySettingsOf,
  type StoredSettings,
  settingsOf,
} from './client/stored/settings.js';
export { parseTown, type StoredMeter, Town, type TownOptions } from './client/stored/town.js';
export { writtenAddress, writtenNumber, writtenWhole, writtenWord } from './client/stored/written.js';
export type {
  ExpectedRecharge,
  SupplyClosing,
  SupplyDiagnosis,
  SupplyFinding,
  SupplyOptions,
} from './client/supply/diagnosis.js';
export type {
  SupplyClock,
  SupplyCredit,
  SupplyEvent,
  SupplyEvidence,
  SupplyLog,
  SupplySignal,
  SupplyToken,
} from './client/supply/evidence.js';
export { diagnoseSupply } from './client/supply/supply.js';
export type { TraceEvent } from './client/trace-event.js';
export type { BlockUsage, DaysLeft, DayUsage, EnergySince, NoDaysLeft, PhaseNow } from './client/usage.js';
export { UsageWatch, type UsageWatchOptions } from './client/usage-watch.js';

// ---- contracts

export type { LineStore } from './contracts/line-store.js';
export type {
  NetworkAddress,
  StoredLine,
  StoredNetworkLine,
  StoredPlace,
  StoredSerialLine,
} from './contracts/stored-line.js';

// ---- push

export type { Awaitable } from './contracts/awaitable.js';
export type { HdlcAddress } from './link/hdlc-frame.js';
export { PushDeframer } from './push/deframer.js';
export type { DeframerEvent, HdlcEnds, PushFraming, WrapperPorts } from './push/found.js';
export { knownPushSheets } from './push/known-sheets.js';
export { type LineEvents, type LineReceiver, type ListenedLineOptions, listenOn } from './push/listened-line.js';
export {
  type Heard,
  type PortFormat,
  PortSearch,
  portFormatText,
  USUAL_FORMATS,
} from './push/port-search.js';
export { parsePushKeys } from './push/push-keys.js';
export type { PushCounts, PushJson, PushOrigin, PushPlace } from './push/push-stream.js';
export { type ResolvedPush, type ResolveOptions, resolvePush } from './push/resolve.js';
export { type PushForm, type PushMatch, type PushSheet, parsePushSheets, type Trust } from './push/sheet.js';
export { readTelegram, type Telegram, type TelegramReadings } from './push/telegram.js';

/**
 * Goes the way to a reading with options that do not work: opens the line, connects, associates, reads one value. Where it stops, it looks
 * for what would work. Nothing is written to the meter.
 *
 * ```ts
 * const diagnosis = await diagnose(() => serial('/dev/ttyUSB0'), { client: 32, password: 'ABCD0001' }, { baud: 9600 });
 * if (diagnosis) console.log(wordCause(diagnosis.id, diagnosis.facts).sentence); // The meter answers at 300 baud …
 * ```
 * @param connect makes a transport for the line, not open yet: each attempt takes a new one.
 * @param options those of `open` that do not work.
 * @param about what is known of the line, and who is told of the progress.
 * @returns where it stops and why; undefined when a value was read.
 * @throws the reason of `signal`; StateError when the options do not fit.
 */
export function diagnose(
  connect: () => Transport,
  options: OpenOptions = {},
  about: DiagnoseOptions = {},
): Promise<Diagnosis | undefined> {
  return diagnoseOn(platform, connect, options, about);
}

// ---- broadcast

export type { Broadcast, BroadcastOptions, BroadcastSecurity } from './client/broadcast.js';

/**
 * Opens a line to all meters on it, for orders that none of them answers: unconfirmed SET and ACTION to the all-station address, under the
 * global broadcast key. What was obeyed has to be read from each meter.
 * ```ts
 * await using all = await openBroadcast(serial('/dev/ttyUSB0'), { client: 102, security });
 * await all.call(clock.shiftTime, 5);
 * ```
 * @throws StateError for options that do not fit, LinkError when the line cannot be opened.
 */
export function openBroadcast(transport: Transport, options: BroadcastOptions): Promise<Broadcast> {
  return openBroadcastOn(broadcastPlatform, transport, options);
}
