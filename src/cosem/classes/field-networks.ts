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
    /** Logical name of the M-Bus port. */
    mbusPortReference: attr(2, optionalLogicalName, { static: true }),
    /** Which values are captured, by their information blocks. */
    captureDefinition: attr(
      3,
      array(structure({ dataInformationBlock: octetString, valueInformationBlock: octetString })),
      { static: true },
    ),
    /** Seconds between captures; 0 is not by time. */
    capturePeriod: attr(4, uint32, { static: true, unit: 's' }),
    /** Primary address of the device, 1 to 250; 0 before it has one. */
    primaryAddress: attr(5, uint8, { static: true }),
    /** Identification number of the device. */
    identificationNumber: attr(6, uint32, { static: true }),
    /** Three letters of the maker in 15 bits. */
    manufacturerId: attr(7, uint16, { static: true }),
    /** Version of the device. */
    version: attr(8, uint8, { static: true }),
    /** Medium of the device. */
    deviceType: attr(9, uint8, { static: true }),
    /** Counts the answers of the device. */
    accessNumber: attr(10, uint8),
    /** Status octet of the device. */
    status: attr(11, uint8),
    /** Alarm bits of the device. */
    alarm: attr(12, uint8),
  },
  methods: {
    /** Takes a device into the network. */
    slaveInstall: method(1, data, executed),
    /** Lets the device go. */
    slaveDeinstall: method(2, zero, executed),
    /** Reads the device now. */
    capture: method(3, zero, executed),
    /** Clears the alarm bits. */
    resetAlarm: method(4, zero, executed),
    /** Sets the device's clock by the meter's. */
    synchronizeClock: method(5, zero, executed),
    /** Sends data to the device. */
    dataSend: method(6, data, executed),
    /** Takes the encryption key of the device. */
    setEncryptionKey: method(7, octetString, key),
    /** Sends the device a key, encrypted. */
    transferKey: method(8, octetString, key),
  },
});

/** M-Bus client version 1: encryption of wireless M-Bus. */
export const MBusClientV1 = extendClass(MBusClientV0, {
  version: 1,
  attributes: {
    /** Configuration word of the device. */
    configuration: attr(13, uint16),
    /** Whether there is a key and whether it is used, by its number. */
    encryptionKeyStatus: attr(14, enumNumber),
  },
});

/** G3-PLC MAC setup version 1 (class 91). Tables of neighbours stay Data. */
export const G3MacSetupV1 = cosemClass({
  name: 'G3-PLC MAC setup',
  id: 91,
  version: 1,
  attributes: {
    /** Short address in the network. */
    macShortAddress: attr(2, uint16),
    /** Cost of the way to the coordinator. */
    macRcCoord: attr(3, uint16),
    /** Identifier of the network. */
    macPanId: attr(4, uint16),
    /** Keys of the MAC layer by their numbers. */
    macKeyTable: attr(5, array(structure({ keyId: uint8, key: octetString })), { secret: true }),
    /** Counter of frames sent. */
    macFrameCounter: attr(6, uint32),
    /** Which tones are used. */
    macToneMask: attr(7, bitString, { static: true }),
    /** How long a tone map is good. */
    macTmrTtl: attr(8, uint8, { static: true }),
    /** How often a frame is sent again. */
    macMaxFrameRetries: attr(9, uint8, { static: true }),
    /** How long a neighbour is remembered. */
    macNeighbourTableEntryTtl: attr(10, uint8, { static: true }),
    /** Neighbours that are known. */
    macNeighbourTable: attr(11, data),
    /** Slots of the window for high priority. */
    macHighPriorityWindowSize: attr(12, uint8, { static: true }),
    /** Tries after which the backoff changes. */
    macCsmaFairnessLimit: attr(13, uint8, { static: true }),
    /** Longest random delay of a beacon. */
    macBeaconRandomizationWindowLength: attr(14, uint8, { static: true }),
    /** Parameter A of the adaptive backoff. */
    macA: attr(15, uint8, { static: true }),
    /** Parameter K of the adaptive backoff. */
    macK: attr(16, uint8, { static: true }),
    /** Tries with the smallest contention window. */
    macMinCwAttempts: attr(17, uint8, { static: true }),
    /** Coding in the CENELEC bands. */
    macCenelecLegacyMode: attr(18, uint8, { static: true }),
    /** Coding in the FCC band. */
    macFccLegacyMode: attr(19, uint8, { static: true }),
    /** Largest backoff exponent. */
    macMaxBe: attr(20, uint8, { static: true }),
    /** Most backoffs of one frame. */
    macMaxCsmaBackoffs: attr(21, uint8, { static: true }),
    /** Smallest backoff exponent. */
    macMinBe: attr(22, uint8, { static: true }),
  },
  methods: {
    /** Gives an entry of the table of neighbours. */
    macGetNeighbourTableEntry: method(1, data, data),
  },
});

/** G3-PLC MAC setup version 2. */
export const G3MacSetupV2 = extendClass(G3MacSetupV1, {
  version: 2,
  attributes: {
    /** Whether broadcasts use the largest contention window. */
    macBroadcastMaxCwEnabled: attr(23, bool, { static: true }),
    /** Attenuation of what is sent. */
    macTransmitAtten: attr(24, uint8, { static: true }),
    /** Neighbours that were heard only. */
    macPosTable: attr(25, data),
  },
});

/** G3-PLC MAC setup version 3. */
export const G3MacSetupV3 = extendClass(G3MacSetupV2, {
  version: 3,
  attributes: {
    /** How long a frame is remembered, so that it is not taken twice. */
    macDuplicateDetectionTtl: attr(26, uint8, { static: true }),
  },
  methods: {
    /** Gives an entry of the table of those heard. */
    macGetPosTableEntry: method(2, data, data),
  },
});

/** ZigBee SAS startup (class 101): how a device comes into its network. */
export const ZigbeeSasStartup = cosemClass({
  name: 'ZigBee SAS startup',
  id: 101,
  version: 0,
  attributes: {
    /** Short address in the network. */
    shortAddress: attr(2, uint16),
    /** Extended identifier of the network, eight octets. */
    extendedPanId: attr(3, octetString, { static: true }),
    /** Identifier of the network. */
    panId: attr(4, uint16, { static: true }),
    /** Which channels are used. */
    channelMask: attr(5, uint32, { static: true }),
    /** Version of the protocol. */
    protocolVersion: attr(6, uint8, { static: true }),
    /** Stack profile by its number. */
    stackProfile: attr(7, enumNumber, { static: true }),
    /** How the device comes into the network, by its number. */
    startUpControl: attr(8, uint8, { static: true }),
    /** Address of the trust centre, eight octets. */
    trustCentreAddress: attr(9, octetString, { static: true }),
    /** Link key. */
    linkKey: attr(10, octetString, { static: true, secret: true }),
    /** Network key. */
    networkKey: attr(11, octetString, { static: true, secret: true }),
    /** Whether it may join without security. */
    useInsecureJoin: attr(12, bool, { static: true }),
  },
});

/** References of an M-Bus client. */
export interface MBusClientObject extends ClientObject<typeof MBusClientV1> {}
/** References of a G3-PLC MAC setup. */
export interface G3MacSetupObject extends ClientObject<typeof G3MacSetupV3> {}
/** References of a ZigBee SAS startup. */
export interface ZigbeeSasStartupObject extends ClientObject<typeof ZigbeeSasStartup> {}
