/** Interface classes for setting up data exchange (IEC 62056-6-2 clauses 4.7 to 4.9): HDLC, TCP/UDP, GPRS, IPv6; push (4.4.8). */

import {
  array,
  bool,
  data,
  dateTime,
  enumOf,
  int8,
  logicalName,
  octetString,
  structure,
  text,
  uint8,
  uint16,
  uint32,
} from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { enumNumber, optionalLogicalName, zero } from '../types.js';
import { captureObject } from './storage.js';

/** What the utility sets and the meter never changes by itself. */
const setup = { static: true, access: { utility: 'read-and-write' } } as const;

/** Line speeds by their number in bit/s. */
export const commSpeed = enumOf({
  '300': 0,
  '600': 1,
  '1200': 2,
  '2400': 3,
  '4800': 4,
  '9600': 5,
  '19200': 6,
  '38400': 7,
  '57600': 8,
  '115200': 9,
});

/** IEC local port setup (class 19): the optical port. Its passwords are those of IEC 62056-21. */
export const IecLocalPortSetup = cosemClass({
  name: 'IEC local port setup',
  id: 19,
  version: 1,
  clause: '4.7.1',
  attributes: {
    /** What a meter speaks after a break: IEC 62056-21 in its modes, HDLC at once, or something else. */
    defaultMode: attr(2, enumOf({ 'iec-62056-21': 0, hdlc: 1, other: 2 }), { static: true }),
    /** Speed at which the exchange begins. */
    defaultBaud: attr(3, commSpeed, { static: true }),
    /** Highest speed that the meter offers. */
    propBaud: attr(4, commSpeed, { static: true }),
    /** Shortest time between a request and its answer. */
    responseTime: attr(5, enumOf({ '20-ms': 0, '200-ms': 1 }), { static: true }),
    /** Device address of IEC 62056-21. */
    deviceAddr: attr(6, octetString, { static: true }),
    /** Password 1 of IEC 62056-21. */
    passP1: attr(7, octetString, { static: true, secret: true }),
    /** Password 2 of IEC 62056-21. */
    passP2: attr(8, octetString, { static: true, secret: true }),
    /** Password W5, for national use. */
    passW5: attr(9, octetString, { static: true, secret: true }),
  },
});

/** IEC HDLC setup version 0 (class 23). Time-outs: inter-octet in milliseconds, inactivity in seconds. */
export const HdlcSetupV0 = cosemClass({
  name: 'IEC HDLC setup',
  id: 23,
  version: 0,
  clause: '4.7.2',
  attributes: {
    /** Speed of the line. */
    commSpeed: attr(2, commSpeed, { static: true }),
    /** Frames that go out before one is acknowledged. */
    windowSizeTransmit: attr(3, uint8, { static: true }),
    /** Frames that come in before one is acknowledged. */
    windowSizeReceive: attr(4, uint8, { static: true }),
    /** Longest information field sent, in octets. */
    maxInfoFieldLengthTransmit: attr(5, uint8, { static: true, unit: 'octets' }),
    /** Longest information field taken, in octets. */
    maxInfoFieldLengthReceive: attr(6, uint8, { static: true, unit: 'octets' }),
    /** Longest gap within a frame, in milliseconds. */
    interOctetTimeOut: attr(7, uint16, { static: true, unit: 'ms' }),
    /** Seconds without a frame after which the link ends; 0 is never. */
    inactivityTimeOut: attr(8, uint16, { static: true, unit: 's' }),
    /** Physical address of the device. */
    deviceAddress: attr(9, uint16, { static: true }),
  },
});

/** IEC HDLC setup version 1: information fields above 255 octets. */
export const HdlcSetupV1 = extendClass(HdlcSetupV0, {
  version: 1,
  attributes: {
    /** Longest information field sent, in octets. */
    maxInfoFieldLengthTransmit: attr(5, uint16, { static: true, unit: 'octets' }),
    /** Longest information field taken, in octets. */
    maxInfoFieldLengthReceive: attr(6, uint16, { static: true, unit: 'octets' }),
  },
});

/** send_destination_and_method. The destination's form depends on the transport service. */
const sendDestinationAndMethod = structure({
  transportService: enumNumber,
  destination: octetString,
  message: enumNumber,
});
const communicationWindow = array(structure({ startTime: dateTime, endTime: dateTime }));

/**
 * Push setup version 0 (class 40). Transport services: 0 TCP, 1 UDP, 2 FTP, 3 SMTP, 4 SMS, 5 HDLC, 6 M-Bus, 7 ZigBee; message: 0 A-XDR,
 * 1 XML. Intervals and delays are seconds.
 */
export const PushSetupV0 = cosemClass({
  name: 'Push setup',
  id: 40,
  version: 0,
  clause: '4.4.8.2',
  attributes: {
    /** What is sent: attributes, or elements of them. */
    pushObjectList: attr(2, array(captureObject), { static: true }),
    /** Where to, over which service, in which encoding. */
    sendDestinationAndMethod: attr(3, sendDestinationAndMethod, setup),
    /** Times in which it may be sent; none is always. */
    communicationWindow: attr(4, communicationWindow, setup),
    /** Longest random delay before sending, in seconds. */
    randomisationStartInterval: attr(5, uint16, { ...setup, unit: 's' }),
    /** How often it is tried again. */
    numberOfRetries: attr(6, uint8, setup),
    /** Delay before it is tried again, in seconds. */
    repetitionDelay: attr(7, uint16, { ...setup, unit: 's' }),
  },
  methods: {
    /** Sends it now. */
    push: method(1, zero, { access: { utility: 'access' } }),
  },
});

/** Push setup version 1. The repetition delay is a long-unsigned or a structure, by edition. */
export const PushSetupV1 = extendClass(PushSetupV0, {
  version: 1,
  attributes: {
    /** Delay before it is tried again, in seconds. */
    repetitionDelay: attr(7, data, setup),
    /** Logical name of the port; empty where there is none. */
    portReference: attr(8, optionalLogicalName, { static: true }),
    /** SAP of the client that it is for. */
    pushClientSap: attr(9, int8, { static: true }),
    /** How the message is protected. */
    pushProtectionParameters: attr(10, array(structure({ protectionType: enumNumber, protectionOptions: data })), {
      static: true,
    }),
  },
});

/** Push setup version 2: selection of rows and columns, confirmed pushes. */
export const PushSetupV2 = extendClass(PushSetupV1, {
  version: 2,
  attributes: {
    /** What is sent: attributes, or elements of them. */
    pushObjectList: attr(
      2,
      array(
        structure({
          classId: uint16,
          logicalName,
          attributeIndex: int8,
          dataIndex: uint16,
          restriction: structure({ restrictionType: enumNumber, restrictionValue: data }),
          columns: array(captureObject),
        }),
      ),
      { static: true },
    ),
    /** Delay before it is tried again, in seconds. */
    repetitionDelay: attr(
      7,
      structure({
        repetitionDelayMin: uint16,
        repetitionDelayExponent: uint16,
        repetitionDelayMax: uint16,
      }),
      setup,
    ),
    /** What counts as sent, and when it is tried again. */
    pushOperationMethod: attr(11, enumOf({ 'unconfirmed-failure': 0, 'unconfirmed-missing': 1, confirmed: 2 }), {
      static: true,
    }),
    /** From when on, and how often in seconds, values are confirmed. */
    confirmationParameters: attr(12, structure({ confirmationStartDate: dateTime, confirmationInterval: uint32 }), {
      static: true,
    }),
    /** When it was confirmed last. */
    lastConfirmationDateTime: attr(13, dateTime),
  },
  methods: {
    /** Forgets what waits to be sent. */
    reset: method(2, zero),
  },
});

/** TCP-UDP setup (class 41). The inactivity time-out is in seconds. */
export const TcpUdpSetup = cosemClass({
  name: 'TCP-UDP setup',
  id: 41,
  version: 0,
  clause: '4.9.1',
  attributes: {
    /** Port that the server listens on. */
    tcpUdpPort: attr(2, uint16, { static: true }),
    /** Logical name of the IP setup. */
    ipReference: attr(3, optionalLogicalName, { static: true }),
    /** Largest segment that is sent, in octets. */
    mss: attr(4, uint16, { static: true, unit: 'octets' }),
    /** How many connections may be open at once. */
    nbOfSimConn: attr(5, uint8, { static: true }),
    /** Seconds without a frame after which the link ends; 0 is never. */
    inactivityTimeOut: attr(6, uint16, { static: true, unit: 's' }),
  },
});

/** MAC address setup (class 43). */
export const MacAddressSetup = cosemClass({
  name: 'MAC address setup',
  id: 43,
  version: 0,
  clause: '4.9.4',
  attributes: {
    /** Six octets. */
    macAddress: attr(2, octetString, { static: true, means: 'hardware-address' }),
  },
});

/** PPP setup (class 44). Options, and name and password of the provider, stay Data: their form differs with the kind. */
export const PppSetup = cosemClass({
  name: 'PPP setup',
  id: 44,
  version: 0,
  clause: '4.9.5',
  attributes: {
    /** Logical name of the object of the physical layer. */
    phyReference: attr(2, optionalLogicalName, { static: true }),
    /** Options of the Link Control Protocol. */
    lcpOptions: attr(3, data, { static: true }),
    /** Options of the IP Control Protocol. */
    ipcpOptions: attr(4, data, { static: true }),
    /** Name and password for the provider. */
    pppAuthentication: attr(5, data, { static: true, secret: true }),
  },
});

const qualityOfService = structure({
  precedence: uint8,
  delay: uint8,
  reliability: uint8,
  peakThroughput: uint8,
  meanThroughput: uint8,
});

/** GPRS modem setup (class 45). */
export const GprsModemSetup = cosemClass({
  name: 'GPRS modem setup',
  id: 45,
  version: 0,
  clause: '4.7.7',
  attributes: {
    /** Access point name. */
    apn: attr(2, text, { static: true }),
    /** PIN of the SIM. */
    pinCode: attr(3, uint16, { static: true, secret: true }),
    /** What is asked of the network by default, and at best. */
    qualityOfService: attr(4, structure({ default: qualityOfService, requested: qualityOfService }), { static: true }),
  },
});

/** SMTP setup (class 46). */
export const SmtpSetup = cosemClass({
  name: 'SMTP setup',
  id: 46,
  version: 0,
  clause: '4.9.6',
  attributes: {
    /** Port of the server. */
    serverPort: attr(2, uint16, { static: true }),
    /** Name to log in with. */
    userName: attr(3, text, { static: true }),
    /** Password to log in with. */
    loginPassword: attr(4, octetString, { static: true, secret: true }),
    /** Address or name of the server. */
    serverAddress: attr(5, text, { static: true }),
    /** Address that mails come from. */
    senderAddress: attr(6, text, { static: true }),
  },
});

const ipv6Address = structure({ addressType: enumOf({ unicast: 0, multicast: 1, gateway: 2 }), address: octetString });

/** IPv6 setup (class 48). */
export const Ipv6Setup = cosemClass({
  name: 'IPv6 setup',
  id: 48,
  version: 0,
  clause: '4.9.3',
  attributes: {
    /** Logical name of the object of the data link layer. */
    dlReference: attr(2, optionalLogicalName, { static: true }),
    /** How addresses are found. */
    addressConfigMode: attr(3, enumOf({ 'auto-configuration': 0, dhcpv6: 1, manual: 2, 'neighbour-discovery': 3 }), {
      static: true,
    }),
    /** Addresses of its own, sixteen octets each. */
    unicastIpv6Addresses: attr(4, array(octetString)),
    /** Addresses of groups, sixteen octets each. */
    multicastIpv6Addresses: attr(5, array(octetString)),
    /** Addresses of gateways, sixteen octets each. */
    gatewayIpv6Addresses: attr(6, array(octetString)),
    /** First server of names, sixteen octets. */
    primaryDnsAddress: attr(7, octetString, { static: true }),
    /** Second server of names, sixteen octets. */
    secondaryDnsAddress: attr(8, octetString, { static: true }),
    /** Traffic class of the header. */
    trafficClass: attr(9, uint8, { static: true }),
    /** How routers are asked and told: tries, waiting time, period. */
    neighborDiscoverySetup: attr(
      10,
      array(structure({ rsMaxRetry: uint8, rsRetryWaitTime: uint16, raSendPeriod: uint32 })),
      { static: true },
    ),
  },
  methods: {
    /** Adds an address. */
    addIpv6Address: method(1, ipv6Address),
    /** Takes an address away. */
    removeIpv6Address: method(2, ipv6Address),
  },
});

const ntpKey = structure({ keyId: uint32, key: octetString });

/** NTP setup (class 100). */
export const NtpSetup = cosemClass({
  name: 'NTP setup',
  id: 100,
  version: 0,
  clause: '4.9.7',
  attributes: {
    /** Whether the clock is set by NTP. */
    activated: attr(2, bool, { static: true }),
    /** Address or name of the server. */
    serverAddress: attr(3, text, { static: true }),
    /** Port of the server. */
    serverPort: attr(4, uint16, { static: true }),
    /** How the server proves itself, by its number. */
    authenticationMethod: attr(5, enumNumber, { static: true }),
    /** Symmetric keys by their numbers. */
    authenticationKeys: attr(6, array(ntpKey), { static: true, secret: true }),
    /** Key of the client. */
    clientKey: attr(7, octetString, { static: true, secret: true }),
  },
  methods: {
    /** Sets the clock now. */
    synchronize: method(1, zero, { access: { utility: 'access' } }),
    /** Adds a symmetric key. */
    addAuthenticationKey: method(2, ntpKey, { secret: true, access: { utility: 'access' } }),
    /** Takes a symmetric key away. */
    deleteAuthenticationKey: method(3, data, { access: { utility: 'access' } }),
  },
});

/** References of an IEC local port setup. */
export interface IecLocalPortSetupObject extends ClientObject<typeof IecLocalPortSetup> {}
/** References of a MAC address setup. */
export interface MacAddressSetupObject extends ClientObject<typeof MacAddressSetup> {}
/** References of a PPP setup. */
export interface PppSetupObject extends ClientObject<typeof PppSetup> {}
/** References of an SMTP setup. */
export interface SmtpSetupObject extends ClientObject<typeof SmtpSetup> {}
/** References of an NTP setup. */
export interface NtpSetupObject extends ClientObject<typeof NtpSetup> {}
/** References of an object of this class, as `clientObject` gives them: `HdlcSetupV1`. */
export interface HdlcSetupObject extends ClientObject<typeof HdlcSetupV1> {}
/** References of an object of this class, as `clientObject` gives them: `PushSetupV0`. */
export interface PushSetupObject extends ClientObject<typeof PushSetupV0> {}
/** References of an object of this class, as `clientObject` gives them: `TcpUdpSetup`. */
export interface TcpUdpSetupObject extends ClientObject<typeof TcpUdpSetup> {}
/** References of an object of this class, as `clientObject` gives them: `GprsModemSetup`. */
export interface GprsModemSetupObject extends ClientObject<typeof GprsModemSetup> {}
/** References of an object of this class, as `clientObject` gives them: `Ipv6Setup`. */
export interface Ipv6SetupObject extends ClientObject<typeof Ipv6Setup> {}
