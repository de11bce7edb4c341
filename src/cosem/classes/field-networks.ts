/** Interface classes for networks between devices: M-Bus (IEC 62056-6-2 clause 4.8), G3-PLC, ZigBee. The keys that they hold are secrets. */

import { array, bitString, bool, data, octetString, structure, uint8, uint16, uint32 } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { enumNumber, optionalLogicalName, zero } from '../types.js';

/** What only the utility executes. */
const executed = { access: { utility: 'access' } } as const;
/** Keys that go into the meter. */
const key = { secret: true, ...executed } as const;

/** M-Bus client version 0 (class 72, Blue Book 4.8.3): one gas, water or heat meter on the meter's M-Bus. */
export const MBusClientV0 = cosemClass({
  name: 'M-Bus client',
  id: 72,
  version: 0,
  clause: '4.8.3',
  attributes: {
    /** Logical name of the object that sets up the M-Bus port; empty where there is none. */
    mbusPortReference: attr(2, optionalLogicalName, { static: true }),
    /** The values that are captured from the device. */
    captureDefinition: attr(
      3,
      array(
        structure({
          /** Data information block of the value (DIB, EN 13757-3): its coding, storage number and tariff. */
          dataInformationBlock: octetString,
          /** Value information block of the value (VIB, EN 13757-3): its quantity, unit and scaler. */
          valueInformationBlock: octetString,
        }),
      ),
      { static: true },
    ),
    /** Time between two captures in seconds; 0 where captures do not go by time. */
    capturePeriod: attr(4, uint32, { static: true, unit: 's' }),
    /** Primary address of the device on the bus, 1 to 250; 0 before it has one. */
    primaryAddress: attr(5, uint8, { static: true }),
    /** Identification number of the device, as its header has it. */
    identificationNumber: attr(6, uint32, { static: true }),
    /** The maker of the device: three letters in fifteen bits. */
    manufacturerId: attr(7, uint16, { static: true }),
    /** Version of the device, as its header has it. */
    version: attr(8, uint8, { static: true }),
    /** What the device measures, by the number of EN 13757-3: 3 gas, 4 heat, 7 water. */
    deviceType: attr(9, uint8, { static: true }),
    /** Access number of the last answer: the device counts its answers. */
    accessNumber: attr(10, uint8),
    /** Status octet of the last answer. */
    status: attr(11, uint8),
    /** The alarms of the device that were not reset, a bit each. */
    alarm: attr(12, uint8),
  },
  methods: {
    /** Installs a device: takes its primary address, or what else the edition asks for. */
    slaveInstall: method(1, data, executed),
    /** Removes the device from the network. */
    slaveDeinstall: method(2, zero, executed),
    /** Captures the values of the device now. */
    capture: method(3, zero, executed),
    /** Resets the alarm bits. */
    resetAlarm: method(4, zero, executed),
    /** Sets the clock of the device to that of the meter. */
    synchronizeClock: method(5, zero, executed),
    /** Sends data to the device: takes a list of information blocks with their values. */
    dataSend: method(6, data, executed),
    /** Tells the meter the key of the device. */
    setEncryptionKey: method(7, octetString, key),
    /** Gives the device a new key, encrypted with its default key. */
    transferKey: method(8, octetString, key),
  },
});

/** M-Bus client version 1 (class 72, Blue Book 4.8.3): adds the encryption of wireless M-Bus. */
export const MBusClientV1 = extendClass(MBusClientV0, {
  version: 1,
  attributes: {
    /** Configuration field of the last answer (EN 13757-3): how it is encrypted. */
    configuration: attr(13, uint16),
    /** How far the key is: 0 none, 1 the meter has it, 2 given to the device, 3 the device has it, 4 in use. */
    encryptionKeyStatus: attr(14, enumNumber),
  },
});

/** G3-PLC MAC setup version 1 (class 91): the MAC layer of power line communication (ITU-T G.9903). Tables of neighbours stay Data. */
export const G3MacSetupV1 = cosemClass({
  name: 'G3-PLC MAC setup',
  id: 91,
  version: 1,
  attributes: {
    /** Short address of the meter in the network; 0xFFFF while it has none. */
    macShortAddress: attr(2, uint16),
    /** Cost of the route to the coordinator, as beacons tell it. */
    macRcCoord: attr(3, uint16),
    /** PAN identifier of the network; 0xFFFF while the meter is in none. */
    macPanId: attr(4, uint16),
    /** The keys of the MAC layer. */
    macKeyTable: attr(
      5,
      array(
        structure({
          /** Number of the key. */
          keyId: uint8,
          /** The key itself, sixteen octets. */
          key: octetString,
        }),
      ),
      { secret: true },
    ),
    /** Counter of the encrypted frames that the meter sent. */
    macFrameCounter: attr(6, uint32),
    /** The tones that may be used, a bit each. */
    macToneMask: attr(7, bitString, { static: true }),
    /** How long a tone map of a neighbour holds, in minutes. */
    macTmrTtl: attr(8, uint8, { static: true }),
    /** How often a frame is sent again when no acknowledgement comes. */
    macMaxFrameRetries: attr(9, uint8, { static: true }),
    /** How long an entry of the table of neighbours is kept, in minutes. */
    macNeighbourTableEntryTtl: attr(10, uint8, { static: true }),
    /** The neighbours that frames are exchanged with: their addresses, tone maps and signal quality. */
    macNeighbourTable: attr(11, data),
    /** Number of slots in the contention window for frames of high priority. */
    macHighPriorityWindowSize: attr(12, uint8, { static: true }),
    /** After so many failed tries the backoff exponent goes back to its minimum. */
    macCsmaFairnessLimit: attr(13, uint8, { static: true }),
    /** Longest random delay of a beacon, in seconds. */
    macBeaconRandomizationWindowLength: attr(14, uint8, { static: true }),
    /** By how much the adaptive contention window shrinks at a time (parameter A). */
    macA: attr(15, uint8, { static: true }),
    /** How strongly waiting devices are preferred in access to the line (parameter K). */
    macK: attr(16, uint8, { static: true }),
    /** How many tries in a row use the smallest contention window. */
    macMinCwAttempts: attr(17, uint8, { static: true }),
    /** Which interleaver is used in the CENELEC bands, for old devices or for new ones. */
    macCenelecLegacyMode: attr(18, uint8, { static: true }),
    /** Which interleaver is used in the FCC band, for old devices or for new ones. */
    macFccLegacyMode: attr(19, uint8, { static: true }),
    /** Largest backoff exponent. */
    macMaxBe: attr(20, uint8, { static: true }),
    /** How many backoffs a frame may have before sending it fails. */
    macMaxCsmaBackoffs: attr(21, uint8, { static: true }),
    /** Smallest backoff exponent. */
    macMinBe: attr(22, uint8, { static: true }),
  },
  methods: {
    /** Gives the entry of one neighbour: takes its short address. */
    macGetNeighbourTableEntry: method(1, data, data),
  },
});

/** G3-PLC MAC setup version 2 (class 91): adds the table of devices that were heard, and two settings of sending. */
export const G3MacSetupV2 = extendClass(G3MacSetupV1, {
  version: 2,
  attributes: {
    /** Whether broadcasts always use the largest contention window. */
    macBroadcastMaxCwEnabled: attr(23, bool, { static: true }),
    /** By how much the sending level is attenuated, in dB. */
    macTransmitAtten: attr(24, uint8, { static: true }),
    /** The devices that were heard, neighbours or not: their addresses and signal quality. */
    macPosTable: attr(25, data),
  },
});

/** G3-PLC MAC setup version 3 (class 91): adds the detection of duplicates. */
export const G3MacSetupV3 = extendClass(G3MacSetupV2, {
  version: 3,
  attributes: {
    /** How long a frame is remembered so that it is not taken twice, in seconds. */
    macDuplicateDetectionTtl: attr(26, uint8, { static: true }),
  },
  methods: {
    /** Gives the entry of one device that was heard: takes its short address. */
    macGetPosTableEntry: method(2, data, data),
  },
});

/** ZigBee SAS startup (class 101): the set of attributes by which a device joins its network. */
export const ZigbeeSasStartup = cosemClass({
  name: 'ZigBee SAS startup',
  id: 101,
  version: 0,
  attributes: {
    /** Short address of the device in the network. */
    shortAddress: attr(2, uint16),
    /** Extended PAN identifier of the network, eight octets. */
    extendedPanId: attr(3, octetString, { static: true }),
    /** PAN identifier of the network. */
    panId: attr(4, uint16, { static: true }),
    /** The channels that may be used, a bit each. */
    channelMask: attr(5, uint32, { static: true }),
    /** Version of the ZigBee protocol. */
    protocolVersion: attr(6, uint8, { static: true }),
    /** Number of the stack profile: 1 ZigBee, 2 ZigBee PRO. */
    stackProfile: attr(7, enumNumber, { static: true }),
    /** How the device joins the network or forms one, by the number of the ZigBee specification. */
    startUpControl: attr(8, uint8, { static: true }),
    /** Address of the trust centre, eight octets. */
    trustCentreAddress: attr(9, octetString, { static: true }),
    /** Link key of the device and the trust centre, sixteen octets. */
    linkKey: attr(10, octetString, { static: true, secret: true }),
    /** Key that all devices of the network share, sixteen octets. */
    networkKey: attr(11, octetString, { static: true, secret: true }),
    /** Whether the device may join without its keys when joining with them failed. */
    useInsecureJoin: attr(12, bool, { static: true }),
  },
});

/** References to the attributes and methods of an M-Bus client object, as `clientObject` makes them of {@link MBusClientV1}. */
export interface MBusClientObject extends ClientObject<typeof MBusClientV1> {}
/** References to the attributes and methods of a G3-PLC MAC setup object, as `clientObject` makes them of {@link G3MacSetupV3}. */
export interface G3MacSetupObject extends ClientObject<typeof G3MacSetupV3> {}
/** References to the attributes and methods of a ZigBee SAS startup object, as `clientObject` makes them of {@link ZigbeeSasStartup}. */
export interface ZigbeeSasStartupObject extends ClientObject<typeof ZigbeeSasStartup> {}
