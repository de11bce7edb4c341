/** Interface classes that set up data exchange (IEC 62056-6-2 clauses 4.7 and 4.9): the optical port, HDLC, GPRS, TCP/UDP, IPv6, NTP. */

import {
  array,
  bool,
  data,
  dateTime,
  enumOf,
  octetString,
  structure,
  text,
  uint8,
  uint16,
  uint32,
  visibleString,
} from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { enumNumber, optionalLogicalName, zero } from '../types.js';

/** comm_speed: the speed of a serial line. Each name is the speed in bit/s. */
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

/** IEC local port setup (class 19, Blue Book 4.7.1): the optical port, as IEC 62056-21 uses it. */
export const IecLocalPortSetup = cosemClass({
  name: 'IEC local port setup',
  id: 19,
  version: 1,
  clause: '4.7.1',
  attributes: {
    /** The protocol on the port at the start: a mode of IEC 62056-21, HDLC at once, or another one. */
    defaultMode: attr(2, enumOf({ 'iec-62056-21': 0, hdlc: 1, other: 2 }), { static: true }),
    /** The speed at which the exchange begins. */
    defaultBaud: attr(3, commSpeed, { static: true }),
    /** The speed that the meter offers for what follows. */
    propBaud: attr(4, commSpeed, { static: true }),
    /** Shortest time between a request and the meter's answer. */
    responseTime: attr(5, enumOf({ '20-ms': 0, '200-ms': 1 }), { static: true }),
    /** Device address of IEC 62056-21: characters in octets. */
    deviceAddr: attr(6, octetString, { static: true }),
    /** Password P1 of IEC 62056-21. */
    passP1: attr(7, octetString, { static: true, secret: true }),
    /** Password P2 of IEC 62056-21. */
    passP2: attr(8, octetString, { static: true, secret: true }),
    /** Password W5 of IEC 62056-21, kept for national use. */
    passW5: attr(9, octetString, { static: true, secret: true }),
  },
});

/** IEC HDLC setup version 0 (class 23, Blue Book 4.7.2): one serial line that speaks HDLC. */
export const HdlcSetupV0 = cosemClass({
  name: 'IEC HDLC setup',
  id: 23,
  version: 0,
  clause: '4.7.2',
  attributes: {
    /** The speed of the line. */
    commSpeed: attr(2, commSpeed, { static: true }),
    /** How many frames the meter sends before one must be acknowledged, 1 to 7. */
    windowSizeTransmit: attr(3, uint8, { static: true }),
    /** How many frames the meter takes before it acknowledges one, 1 to 7. */
    windowSizeReceive: attr(4, uint8, { static: true }),
    /** Longest information field that the meter sends, in octets. */
    maxInfoFieldLengthTransmit: attr(5, uint8, { static: true, unit: 'octets' }),
    /** Longest information field that the meter takes, in octets. */
    maxInfoFieldLengthReceive: attr(6, uint8, { static: true, unit: 'octets' }),
    /** Longest gap between two octets of a frame, in milliseconds; after a longer one the frame is over. */
    interOctetTimeOut: attr(7, uint16, { static: true, unit: 'ms' }),
    /** How long the line may be silent before the meter ends the link, in seconds; 0 means for ever. */
    inactivityTimeOut: attr(8, uint16, { static: true, unit: 's' }),
    /** Physical address of the meter: the lower HDLC address. */
    deviceAddress: attr(9, uint16, { static: true }),
  },
});

/** IEC HDLC setup version 1 (class 23, Blue Book 4.7.2): information fields may be longer than 255 octets. */
export const HdlcSetupV1 = extendClass(HdlcSetupV0, {
  version: 1,
  attributes: {
    /** Longest information field that the meter sends, in octets. */
    maxInfoFieldLengthTransmit: attr(5, uint16, { static: true, unit: 'octets' }),
    /** Longest information field that the meter takes, in octets. */
    maxInfoFieldLengthReceive: attr(6, uint16, { static: true, unit: 'octets' }),
  },
});

/** TCP-UDP setup (class 41, Blue Book 4.9.1): the port on which the meter listens. */
export const TcpUdpSetup = cosemClass({
  name: 'TCP-UDP setup',
  id: 41,
  version: 0,
  clause: '4.9.1',
  attributes: {
    /** TCP or UDP port on which the meter listens; 4059 is that of DLMS. */
    tcpUdpPort: attr(2, uint16, { static: true }),
    /** Logical name of the IPv4 or IPv6 setup below; empty where there is none. */
    ipReference: attr(3, optionalLogicalName, { static: true }),
    /** Largest TCP segment that the meter takes, in octets. */
    mss: attr(4, uint16, { static: true, unit: 'octets' }),
    /** How many TCP connections may be open at once. */
    nbOfSimConn: attr(5, uint8, { static: true }),
    /** How long a connection may be silent before the meter closes it, in seconds; 0 means for ever. */
    inactivityTimeOut: attr(6, uint16, { static: true, unit: 's' }),
  },
});

/** MAC address setup (class 43, Blue Book 4.9.4): the hardware address of a network interface. */
export const MacAddressSetup = cosemClass({
  name: 'MAC address setup',
  id: 43,
  version: 0,
  clause: '4.9.4',
  attributes: {
    /** The MAC address, six octets on Ethernet. */
    macAddress: attr(2, octetString, { static: true, means: 'hardware-address' }),
  },
});

/** PPP setup (class 44, Blue Book 4.9.5). What has a form of its own for each kind of option or login stays Data. */
export const PppSetup = cosemClass({
  name: 'PPP setup',
  id: 44,
  version: 0,
  clause: '4.9.5',
  attributes: {
    /** Logical name of the object that sets up the physical layer; empty where there is none. */
    phyReference: attr(2, optionalLogicalName, { static: true }),
    /** Options of the Link Control Protocol: an array of structures, each a type, a length and a value. */
    lcpOptions: attr(3, data, { static: true }),
    /** Options of the IP Control Protocol: an array of structures, each a type, a length and a value. */
    ipcpOptions: attr(4, data, { static: true }),
    /** Name and password with which the meter logs in at its provider. */
    pppAuthentication: attr(5, data, { static: true, secret: true }),
  },
});

/** Classes by their numbers in the GPRS standard. */
const qualityOfService = structure({
  /** Precedence class: whose data goes first. */
  precedence: uint8,
  /** Delay class: how long data is under way. */
  delay: uint8,
  /** Reliability class: how much data may be lost. */
  reliability: uint8,
  /** Peak throughput class: how fast data goes at best. */
  peakThroughput: uint8,
  /** Mean throughput class: how fast data goes on average. */
  meanThroughput: uint8,
});

/** GPRS modem setup (class 45, Blue Book 4.7.7): how the meter gets into a cellular network. */
export const GprsModemSetup = cosemClass({
  name: 'GPRS modem setup',
  id: 45,
  version: 0,
  clause: '4.7.7',
  attributes: {
    /** Access point name of the provider. */
    apn: attr(2, text, { static: true }),
    /** PIN of the SIM card, as a number. */
    pinCode: attr(3, uint16, { static: true, secret: true }),
    /** The quality of service that the meter asks of the network. */
    qualityOfService: attr(
      4,
      structure({
        /** The least that the meter accepts. */
        default: qualityOfService,
        /** What the meter asks for. */
        requested: qualityOfService,
      }),
      { static: true },
    ),
  },
});

/** GSM diagnostic (class 47, Blue Book 4.7.8): how the modem of the meter sees its network. */
export const GsmDiagnostic = cosemClass({
  name: 'GSM diagnostic',
  id: 47,
  version: 0,
  clause: '4.7.8',
  attributes: {
    /** The operator in whose network the modem is. */
    operator: attr(2, visibleString),
    /** Registration: 0 none, 1 at home, 2 searching, 3 denied, 4 not known, 5 roaming. */
    status: attr(3, enumNumber),
    /** Circuit-switched use: 0 none, 1 incoming call, 2 in use. */
    csAttachment: attr(4, enumNumber),
    /** Packet-switched use: 0 none, 1 GPRS, 2 EDGE, 3 UMTS, 4 HSDPA; later versions have more. */
    psStatus: attr(5, enumNumber),
    /** The cell in which the modem is. */
    cellInfo: attr(
      6,
      structure({
        /** Number of the cell. */
        cellId: uint16,
        /** Location area code. */
        locationId: uint16,
        /** Signal as in 3GPP TS 27.007: 0 is -113 dBm or less, each step 2 dB more, 31 is -51 dBm or more, 99 not known. */
        signalQuality: uint8,
        /** Bit error rate as in 3GPP TS 27.007: 0 to 7, 99 not known. */
        bitErrorRate: uint8,
      }),
    ),
    /** The cells around. */
    adjacentCells: attr(
      7,
      array(
        structure({
          /** Number of the cell. */
          cellId: uint16,
          /** Its signal, as in `cellInfo`. */
          signalQuality: uint8,
        }),
      ),
    ),
    /** When this was so. */
    captureTime: attr(8, dateTime),
  },
});

const cell = {
  /** Number of the cell. */
  cellId: uint32,
  /** Location area code. */
  locationId: uint16,
  /** Signal as in 3GPP TS 27.007: 0 is -113 dBm or less, each step 2 dB more, 31 is -51 dBm or more, 99 not known. */
  signalQuality: uint8,
  /** Bit error rate as in 3GPP TS 27.007: 0 to 7, 99 not known. */
  bitErrorRate: uint8,
  /** Mobile country code. */
  countryCode: uint16,
  /** Mobile network code. */
  networkCode: uint16,
  /** Number of the channel. */
  channelNumber: uint32,
};

/** GSM diagnostic, version 1: the cell number is longer, and network and channel are told. */
export const GsmDiagnosticV1 = extendClass(GsmDiagnostic, {
  version: 1,
  attributes: {
    /** The cell in which the modem is. */
    cellInfo: attr(6, structure(cell)),
    /** The cells around. */
    adjacentCells: attr(
      7,
      array(
        structure({
          /** Number of the cell. */
          cellId: uint32,
          /** Its signal, as in `cellInfo`. */
          signalQuality: uint8,
        }),
      ),
    ),
  },
});

/** SMTP setup (class 46, Blue Book 4.9.6): the server by which the meter sends mails. */
export const SmtpSetup = cosemClass({
  name: 'SMTP setup',
  id: 46,
  version: 0,
  clause: '4.9.6',
  attributes: {
    /** TCP port of the mail server. */
    serverPort: attr(2, uint16, { static: true }),
    /** Name with which the meter logs in. */
    userName: attr(3, text, { static: true }),
    /** Password with which the meter logs in. */
    loginPassword: attr(4, octetString, { static: true, secret: true }),
    /** Host name or IP address of the mail server. */
    serverAddress: attr(5, text, { static: true }),
    /** The sender's address in the mails of the meter. */
    senderAddress: attr(6, text, { static: true }),
  },
});

const ipv6Address = structure({
  /** Which of the three lists it belongs to. */
  addressType: enumOf({ unicast: 0, multicast: 1, gateway: 2 }),
  /** The IPv6 address, sixteen octets. */
  address: octetString,
});

/** IPv6 setup (class 48, Blue Book 4.9.3). An address is sixteen octets. */
export const Ipv6Setup = cosemClass({
  name: 'IPv6 setup',
  id: 48,
  version: 0,
  clause: '4.9.3',
  attributes: {
    /** Logical name of the object that sets up the data link layer; empty where there is none. */
    dlReference: attr(2, optionalLogicalName, { static: true }),
    /** How the meter gets its addresses. */
    addressConfigMode: attr(3, enumOf({ 'auto-configuration': 0, dhcpv6: 1, manual: 2, 'neighbour-discovery': 3 }), {
      static: true,
    }),
    /** The meter's own addresses, sixteen octets each. */
    unicastIpv6Addresses: attr(4, array(octetString)),
    /** Addresses of the groups that the meter belongs to, sixteen octets each. */
    multicastIpv6Addresses: attr(5, array(octetString)),
    /** Addresses of the gateways, sixteen octets each. */
    gatewayIpv6Addresses: attr(6, array(octetString)),
    /** Address of the first DNS server, sixteen octets. */
    primaryDnsAddress: attr(7, octetString, { static: true }),
    /** Address of the second DNS server, sixteen octets. */
    secondaryDnsAddress: attr(8, octetString, { static: true }),
    /** Traffic class in the headers of packets that the meter sends. */
    trafficClass: attr(9, uint8, { static: true }),
    /** How neighbour discovery goes: router solicitations (RS) and advertisements (RA). */
    neighborDiscoverySetup: attr(
      10,
      array(
        structure({
          /** How often a router solicitation is sent again. */
          rsMaxRetry: uint8,
          /** Longest wait between two router solicitations, in milliseconds. */
          rsRetryWaitTime: uint16,
          /** Time between two router advertisements, in seconds. */
          raSendPeriod: uint32,
        }),
      ),
      { static: true },
    ),
  },
  methods: {
    /** Adds an address to the list of its type. */
    addIpv6Address: method(1, ipv6Address),
    /** Removes an address from the list of its type. */
    removeIpv6Address: method(2, ipv6Address),
  },
});

const ntpKey = structure({
  /** Number of the key, by which server and meter name it. */
  keyId: uint32,
  /** The symmetric key itself. */
  key: octetString,
});

/** NTP setup (class 100, Blue Book 4.9.7): the server by which the meter sets its clock. */
export const NtpSetup = cosemClass({
  name: 'NTP setup',
  id: 100,
  version: 0,
  clause: '4.9.7',
  attributes: {
    /** Whether the meter sets its clock by NTP. */
    activated: attr(2, bool, { static: true }),
    /** Host name or IP address of the time server. */
    serverAddress: attr(3, text, { static: true }),
    /** UDP port of the time server; 123 is that of NTP. */
    serverPort: attr(4, uint16, { static: true }),
    /** How the time server proves who it is: 0 not at all, 1 by a shared key, 2 by autokey. */
    authenticationMethod: attr(5, enumNumber, { static: true }),
    /** The keys that meter and time server share. */
    authenticationKeys: attr(6, array(ntpKey), { static: true, secret: true }),
    /** The meter's own key, for autokey. */
    clientKey: attr(7, octetString, { static: true, secret: true }),
  },
  methods: {
    /** Makes the meter set its clock now. */
    synchronize: method(1, zero, { access: { utility: 'access' } }),
    /** Adds a shared key. */
    addAuthenticationKey: method(2, ntpKey, { secret: true, access: { utility: 'access' } }),
    /** Removes a shared key: takes its number. */
    deleteAuthenticationKey: method(3, data, { access: { utility: 'access' } }),
  },
});

/** References to the attributes and methods of an IEC local port setup object, as `clientObject` makes them of {@link IecLocalPortSetup}. */
export interface IecLocalPortSetupObject extends ClientObject<typeof IecLocalPortSetup> {}
/** References to the attributes and methods of a MAC address setup object, as `clientObject` makes them of {@link MacAddressSetup}. */
export interface MacAddressSetupObject extends ClientObject<typeof MacAddressSetup> {}
/** References to the attributes and methods of a PPP setup object, as `clientObject` makes them of {@link PppSetup}. */
export interface PppSetupObject extends ClientObject<typeof PppSetup> {}
/** References to the attributes and methods of an SMTP setup object, as `clientObject` makes them of {@link SmtpSetup}. */
export interface SmtpSetupObject extends ClientObject<typeof SmtpSetup> {}
/** References to the attributes and methods of an NTP setup object, as `clientObject` makes them of {@link NtpSetup}. */
export interface NtpSetupObject extends ClientObject<typeof NtpSetup> {}
/** References to the attributes and methods of an IEC HDLC setup object, as `clientObject` makes them of {@link HdlcSetupV1}. */
export interface HdlcSetupObject extends ClientObject<typeof HdlcSetupV1> {}
/** References to the attributes and methods of a TCP-UDP setup object, as `clientObject` makes them of {@link TcpUdpSetup}. */
export interface TcpUdpSetupObject extends ClientObject<typeof TcpUdpSetup> {}
/** References to the attributes and methods of a GPRS modem setup object, as `clientObject` makes them of {@link GprsModemSetup}. */
export interface GprsModemSetupObject extends ClientObject<typeof GprsModemSetup> {}
/** References to the attributes of a GSM diagnostic object, as `clientObject` makes them of {@link GsmDiagnosticV1}. */
export interface GsmDiagnosticObject extends ClientObject<typeof GsmDiagnosticV1> {}
/** References to the attributes and methods of an IPv6 setup object, as `clientObject` makes them of {@link Ipv6Setup}. */
export interface Ipv6SetupObject extends ClientObject<typeof Ipv6Setup> {}
