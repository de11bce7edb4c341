/** Interface classes for payment metering (IEC 62056-6-2 clause 4.6): account, credit, token gateway. */

import {
  array,
  bitString,
  dateTime,
  enumOf,
  int8,
  int32,
  logicalName,
  octetString,
  structure,
  uint8,
  uint16,
  utf8String,
} from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, method } from '../class.js';
import { enumNumber, zero } from '../types.js';

const executed = { access: { utility: 'access' } } as const;

/** Account (class 111, Blue Book 4.6.2): the sum over the credits and charges of a consumer. Amounts are whole numbers in the account's currency. */
export const Account = cosemClass({
  name: 'Account',
  id: 111,
  version: 0,
  clause: '4.6.2',
  attributes: {
    /** Whether use is paid for before or afterwards, and whether the account is in force. */
    accountModeAndStatus: attr(
      2,
      structure({
        /** How use is paid for. */
        mode: enumOf({ credit: 1, prepayment: 2 }),
        /** Whether the account is in force. */
        status: enumOf({ inactive: 1, active: 2, closed: 3 }),
      }),
    ),
    /** The place in `creditReferenceList` of the credit that is being used. */
    currentCreditInUse: attr(3, uint8),
    /** Bits: 0 in credit, 1 low, 2 next credit enabled, 3 selectable, 4 selected, 5 selectable credit in use, 6 out of credit. */
    currentCreditStatus: attr(4, bitString),
    /** What may still be used: the sum of the credits that are in force. */
    availableCredit: attr(5, int32),
    /** What must be paid before credit is available again. */
    amountToClear: attr(6, int32),
    /** The balance that must be reached before supply is allowed again. */
    clearanceThreshold: attr(7, int32, { static: true }),
    /** The sum of the charges that are debts. */
    aggregatedDebt: attr(8, int32),
    /** The credits of the account, by logical name. */
    creditReferenceList: attr(9, array(logicalName), { static: true }),
    /** The charges of the account, by logical name. */
    chargeReferenceList: attr(10, array(logicalName), { static: true }),
    /** Which credit pays which charge. */
    creditChargeConfiguration: attr(
      11,
      array(
        structure({
          /** The credit. */
          creditReference: logicalName,
          /** The charge. */
          chargeReference: logicalName,
          /** How it is collected, in bits. */
          collectionConfiguration: bitString,
        }),
      ),
      { static: true },
    ),
    /** How an amount from a token is shared between the credits. */
    tokenGatewayConfiguration: attr(
      12,
      array(
        structure({
          /** The credit. */
          creditReference: logicalName,
          /** The share in percent. */
          tokenProportion: uint8,
        }),
      ),
      { static: true },
    ),
    /** When the account came or comes into force. */
    accountActivationTime: attr(13, dateTime, { static: true }),
    /** When the account was or will be closed. */
    accountClosureTime: attr(14, dateTime, { static: true }),
    /** In what amounts are counted. */
    currency: attr(
      15,
      structure({
        /** Its name: `INR`. */
        name: utf8String,
        /** The power of ten by which amounts are multiplied. */
        scale: int8,
        /** What an amount is of. */
        unit: enumOf({ time: 0, consumption: 1, monetary: 2 }),
      }),
      { static: true },
    ),
    /** The available credit below which it is low. */
    lowCreditThreshold: attr(16, int32, { static: true }),
    /** The available credit at which the next credit can be selected. */
    nextCreditAvailableThreshold: attr(17, int32),
    /** How much may be collected in a period at most. */
    maxProvision: attr(18, uint16, { static: true }),
    /** That period, in seconds. */
    maxProvisionPeriod: attr(19, int32, { static: true }),
  },
  methods: {
    /** Brings the account into force. */
    activateAccount: method(1, zero, executed),
    /** Closes the account. */
    closeAccount: method(2, zero, executed),
    /** Puts a closed account back to its beginning. */
    resetAccount: method(3, zero, executed),
  },
});

/** Credit (class 112, Blue Book 4.6.3): one source of credit of an account, such as what tokens brought, or emergency credit. */
export const Credit = cosemClass({
  name: 'Credit',
  id: 112,
  version: 0,
  clause: '4.6.3',
  attributes: {
    /** What is left of it, in the currency of the account. */
    currentCreditAmount: attr(2, int32),
    /** Where it comes from. */
    creditType: attr(3, enumOf({ token: 0, reserved: 1, emergency: 2, 'time-based': 3, 'consumption-based': 4 }), {
      static: true,
    }),
    /** The order in which credits are used; 1 comes first. */
    priority: attr(4, uint8, { static: true }),
    /** The amount below which there is a warning. */
    warningThreshold: attr(5, int32, { static: true }),
    /** The amount at which it is exhausted. */
    limit: attr(6, int32, { static: true }),
    /** Bits: 0 shown, 1 needs a confirmation, 2 to be paid back, 3 resettable, 4 can take amounts from tokens. */
    creditConfiguration: attr(7, bitString, { static: true }),
    /** Whether it can be used: a `selectable` one waits for the consumer to select it. */
    creditStatus: attr(8, enumOf({ enabled: 0, selectable: 1, selected: 2, 'in-use': 3, exhausted: 4 })),
    /** The amount with which it begins when it is invoked. */
    presetCreditAmount: attr(9, int32, { static: true }),
    /** The amount from which it can be selected. */
    creditAvailableThreshold: attr(10, int32, { static: true }),
    /** When it begins anew. */
    period: attr(11, dateTime, { static: true }),
  },
  methods: {
    /** Adds to the amount. */
    updateAmount: method(1, int32, executed),
    /** Sets the amount. @returns the amount before. */
    setAmountToValue: method(2, int32, executed),
    /** Selects the credit. */
    invokeCredit: method(3, zero, executed),
  },
});

/** Token gateway (class 115, Blue Book 4.6.5): how tokens come into the meter. A token is as good as money, so it is a secret. */
export const TokenGateway = cosemClass({
  name: 'Token gateway',
  id: 115,
  version: 0,
  clause: '4.6.5',
  attributes: {
    /** The token that came last, in octets. */
    token: attr(2, octetString, { secret: true }),
    /** When the token came. */
    tokenTime: attr(3, dateTime),
    /** What the token is, such as its class, in octets of a form that the companion specification says. */
    tokenDescription: attr(4, array(octetString)),
    /** The way by which the token came. */
    tokenDeliveryMethod: attr(5, enumOf({ remote: 0, local: 1, manual: 2 })),
    /** What became of the token. */
    tokenStatus: attr(
      6,
      structure({
        /** 0 format, 1 authentication, 2 validation, 3 execution succeeded; 4 to 7 the same failed; 8 not yet looked at. */
        statusCode: enumNumber,
        /** More about it, in bits that the companion specification says. */
        dataValue: bitString,
      }),
    ),
  },
  methods: {
    /** Enters a token. */
    enter: method(1, octetString, { secret: true, ...executed }),
  },
});

/** References to the attributes and methods of an Account object, as `clientObject` makes them of {@link Account}. */
export interface AccountObject extends ClientObject<typeof Account> {}
/** References to the attributes and methods of a Credit object, as `clientObject` makes them of {@link Credit}. */
export interface CreditObject extends ClientObject<typeof Credit> {}
/** References to the attributes and methods of a Token gateway object, as `clientObject` makes them of {@link TokenGateway}. */
export interface TokenGatewayObject extends ClientObject<typeof TokenGateway> {}
