/** Interface classes for networks in the field: M-Bus (IEC 62056-6-2 clause 4.8), G3-PLC, ZigBee. What keys they hold is masked. */

import { array, bitString, bool, data, octetString, structure, uint8, uint16, uint32 } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { enumNumber, optionalLogicalName, zero } from '../types.js';

/** What the utility executes. */
const executed = { access: { utility: 'access' } } as const;
/** Keys that go into the meter. */
const key = { secret: true, ...executed } as const;

/** M-Bus client version 0 (class 72): a device on the meter's own M-Bus. `capturePeriod` is in seconds. */
export const MBusClientV0 = cosemClass({
  name: 'M-Bus client',
  id: 72,
  version: 0,
  clause: '4.8.3',
  attributes: {
    mbusPortReference: attr(2, optionalLogicalName, { static: true }),
    captureDefinition: attr(
      3,
      array(structure({ dataInformationBlock: octetString, valueInformationBlock: octetString })),
      { static: true },
    ),
    capturePeriod: attr(4, uint32, { static: true, unit: 's' }),
    primaryAddress: attr(5, uint8, { static: true }),
    identificationNumber: attr(6, uint32, { static: true }),
    manufacturerId: attr(7, uint16, { static: true }),
    version: attr(8, uint8, { static: true }),
    deviceType: attr(9, uint8, { static: true }),
    accessNumber: attr(10, uint8),
    status: attr(11, uint8),
    alarm: attr(12, uint8),
  },
  methods: {
    slaveInstall: method(1, data, executed),
    slaveDeinstall: method(2, zero, executed),
    capture: method(3, zero, executed),
    resetAlarm: method(4, zero, executed),
    synchronizeClock: method(5, zero, executed),
    dataSend: method(6, data, executed),
    setEncryptionKey: method(7, octetString, key),
    transferKey: method(8, octetString, key),
  },
});

/** M-Bus client version 1: encryption of wireless M-Bus. */
export const MBusClientV1 = extendClass(MBusClientV0, {
  version: 1,
  attributes: { configuration: attr(13, uint16), encryptionKeyStatus: attr(14, enumNumber) },
});

/** G3-PLC MAC setup version 1 (class 91). Tables of neighbours stay Data. */
export const G3MacSetupV1 = cosemClass({
  name: 'G3-PLC MAC setup',
  id: 91,
  version: 1,
  attributes: {
    macShortAddress: attr(2, uint16),
    macRcCoord: attr(3, uint16),
    macPanId: attr(4, uint16),
    macKeyTable: attr(5, array(structure({ keyId: uint8, key: octetString })), { secret: true }),
    macFrameCounter: attr(6, uint32),
    macToneMask: attr(7, bitString, { static: true }),
    macTmrTtl: attr(8, uint8, { static: true }),
    macMaxFrameRetries: attr(9, uint8, { static: true }),
    macNeighbourTableEntryTtl: attr(10, uint8, { static: true }),
    macNeighbourTable: attr(11, data),
    macHighPriorityWindowSize: attr(12, uint8, { static: true }),
    macCsmaFairnessLimit: attr(13, uint8, { static: true }),
    macBeaconRandomizationWindowLength: attr(14, uint8, { static: true }),
    macA: attr(15, uint8, { static: true }),
    macK: attr(16, uint8, { static: true }),
    macMinCwAttempts: attr(17, uint8, { static: true }),
    macCenelecLegacyMode: attr(18, uint8, { static: true }),
    macFccLegacyMode: attr(19, uint8, { static: true }),
    macMaxBe: attr(20, uint8, { static: true }),
    macMaxCsmaBackoffs: attr(21, uint8, { static: true }),
    macMinBe: attr(22, uint8, { static: true }),
  },
  methods: { macGetNeighbourTableEntry: method(1, data, data) },
});

/** G3-PLC MAC setup version 2. */
export const G3MacSetupV2 = extendClass(G3MacSetupV1, {
  version: 2,
  attributes: {
    macBroadcastMaxCwEnabled: attr(23, bool, { static: true }),
    macTransmitAtten: attr(24, uint8, { static: true }),
    macPosTable: attr(25, data),
  },
});

/** G3-PLC MAC setup version 3. */
export const G3MacSetupV3 = extendClass(G3MacSetupV2, {
  version: 3,
  attributes: { macDuplicateDetectionTtl: attr(26, uint8, { static: true }) },
  methods: { macGetPosTableEntry: method(2, data, data) },
});

/** ZigBee SAS startup (class 101): how a device comes into its network. */
export const ZigbeeSasStartup = cosemClass({
  name: 'ZigBee SAS startup',
  id: 101,
  version: 0,
  attributes: {
    shortAddress: attr(2, uint16),
    extendedPanId: attr(3, octetString, { static: true }),
    panId: attr(4, uint16, { static: true }),
    channelMask: attr(5, uint32, { static: true }),
    protocolVersion: attr(6, uint8, { static: true }),
    stackProfile: attr(7, enumNumber, { static: true }),
    startUpControl: attr(8, uint8, { static: true }),
    trustCentreAddress: attr(9, octetString, { static: true }),
    linkKey: attr(10, octetString, { static: true, secret: true }),
    networkKey: attr(11, octetString, { static: true, secret: true }),
    useInsecureJoin: attr(12, bool, { static: true }),
  },
});

/** References of an M-Bus client. */
export interface MBusClientObject extends ClientObject<typeof MBusClientV1> {}
/** References of a G3-PLC MAC setup. */
export interface G3MacSetupObject extends ClientObject<typeof G3MacSetupV3> {}
/** References of a ZigBee SAS startup. */
export interface ZigbeeSasStartupObject extends ClientObject<typeof ZigbeeSasStartup> {}
