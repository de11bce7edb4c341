/** Push setup (IEC 62056-6-2 clause 4.4.8.2): what a meter sends by itself, where to, and when. */

import {
  array,
  data,
  dateTime,
  enumOf,
  int8,
  logicalName,
  octetString,
  structure,
  uint8,
  uint16,
  uint32,
} from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { enumNumber, optionalLogicalName, zero } from '../types.js';
import { captureObject } from './storage.js';

/** What the utility sets and the meter never changes by itself. */
const setup = { static: true, access: { utility: 'read-and-write' } } as const;

const sendDestinationAndMethod = structure({
  /** The service that carries the push: 0 TCP, 1 UDP, 2 FTP, 3 SMTP, 4 SMS, 5 HDLC, 6 M-Bus, 7 ZigBee; 200 to 255 are the maker's. */
  transportService: enumNumber,
  /** Where to, in the form of the transport service: address and port for TCP, the number for SMS. */
  destination: octetString,
  /** How the message is encoded: 0 A-XDR, 1 XML; 128 to 255 are the maker's. */
  message: enumNumber,
});
const communicationWindow = array(
  structure({
    /** When a window opens; wildcards repeat it. */
    startTime: dateTime,
    /** When it closes. */
    endTime: dateTime,
  }),
);

/** Push setup version 0 (class 40, Blue Book 4.4.8.2). */
export const PushSetupV0 = cosemClass({
  name: 'Push setup',
  id: 40,
  version: 0,
  clause: '4.4.8.2',
  attributes: {
    /** The attributes, or elements of attributes, whose values are sent, in this order. */
    pushObjectList: attr(2, array(captureObject), { static: true }),
    /** Where the values are sent to, over which service, in which encoding. */
    sendDestinationAndMethod: attr(3, sendDestinationAndMethod, setup),
    /** The times in which the meter may send; an empty list means always. */
    communicationWindow: attr(4, communicationWindow, setup),
    /** Longest random delay before the meter sends, in seconds: so that meters do not all send at once. */
    randomisationStartInterval: attr(5, uint16, { ...setup, unit: 's' }),
    /** How often the meter tries again when a push failed. */
    numberOfRetries: attr(6, uint8, setup),
    /** How long the meter waits before it tries again, in seconds. */
    repetitionDelay: attr(7, uint16, { ...setup, unit: 's' }),
  },
  methods: {
    /** Makes the meter push now. */
    push: method(1, zero, { access: { utility: 'access' } }),
  },
});

/** Push setup version 1 (class 40, Blue Book 4.4.8.2): adds the port, the client and the protection. */
export const PushSetupV1 = extendClass(PushSetupV0, {
  version: 1,
  attributes: {
    /** How long the meter waits before it tries again: seconds as long-unsigned, or the structure of version 2, by edition. */
    repetitionDelay: attr(7, data, setup),
    /** Logical name of the object that sets up the port; empty where there is none. */
    portReference: attr(8, optionalLogicalName, { static: true }),
    /** SAP of the client that the push is for. */
    pushClientSap: attr(9, int8, { static: true }),
    /** The layers of protection that the message gets, the first one innermost. */
    pushProtectionParameters: attr(
      10,
      array(
        structure({
          /** Which protection it is, by its number: authentication, encryption, a signature. */
          protectionType: enumNumber,
          /** Transaction, partners and key of the protection. */
          protectionOptions: data,
        }),
      ),
      { static: true },
    ),
  },
});

/** Push setup version 2 (class 40, Blue Book 4.4.8.2): adds the choice of rows and columns, and confirmed pushes. */
export const PushSetupV2 = extendClass(PushSetupV1, {
  version: 2,
  attributes: {
    /** The attributes, or parts of attributes, whose values are sent, in this order. */
    pushObjectList: attr(
      2,
      array(
        structure({
          /** class_id of the object. */
          classId: uint16,
          /** Logical name of the object: `1.0.1.8.0.255`. */
          logicalName,
          /** Id of the attribute. */
          attributeIndex: int8,
          /** 0 is the whole attribute; otherwise an element of it, from 1, or for a profile buffer which rows and columns. */
          dataIndex: uint16,
          /** The rows of a profile buffer that are sent. */
          restriction: structure({
            /** How rows are chosen: 0 not at all, 1 by date, 2 by number. */
            restrictionType: enumNumber,
            /** The first and the last row by date or by number; null where rows are not chosen. */
            restrictionValue: data,
          }),
          /** Which columns of a profile buffer are sent; an empty list means all. */
          columns: array(captureObject),
        }),
      ),
      { static: true },
    ),
    /** How long the meter waits before it tries again: longer from try to try, up to a limit. */
    repetitionDelay: attr(
      7,
      structure({
        /** Wait before the second try, in seconds. */
        repetitionDelayMin: uint16,
        /** By what each wait is multiplied to give the next one, in hundredths. */
        repetitionDelayExponent: uint16,
        /** Longest wait, in seconds. */
        repetitionDelayMax: uint16,
      }),
      setup,
    ),
    /** What makes the meter try again: a failure below, no confirmation from below, or none from the receiver of the push. */
    pushOperationMethod: attr(11, enumOf({ 'unconfirmed-failure': 0, 'unconfirmed-missing': 1, confirmed: 2 }), {
      static: true,
    }),
    /** The intervals within which pushes are to be confirmed. */
    confirmationParameters: attr(
      12,
      structure({
        /** The moment from which the intervals count. */
        confirmationStartDate: dateTime,
        /** Length of an interval in seconds; 0 means that there are none. */
        confirmationInterval: uint32,
      }),
      { static: true },
    ),
    /** When a push was confirmed last. */
    lastConfirmationDateTime: attr(13, dateTime),
  },
  methods: {
    /** Forgets the pushes that wait to be sent or confirmed. */
    reset: method(2, zero),
  },
});

/** References to the attributes and methods of a Push setup object, as `clientObject` makes them of {@link PushSetupV0}. */
export interface PushSetupObject extends ClientObject<typeof PushSetupV0> {}
