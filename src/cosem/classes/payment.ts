/** Interface classes for payment metering (IEC 62056-6-2 clause 4.6): the token gateway. */

import { array, bitString, dateTime, enumOf, octetString, structure } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, method } from '../class.js';
import { enumNumber } from '../types.js';

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
    enter: method(1, octetString, { secret: true, access: { utility: 'access' } }),
  },
});

/** References to the attributes and methods of a Token gateway object, as `clientObject` makes them of {@link TokenGateway}. */
export interface TokenGatewayObject extends ClientObject<typeof TokenGateway> {}
