/** Interface classes for payment (IEC 62056-6-2 clause 4.6): the gateway of tokens. */

import { array, bitString, dateTime, enumOf, octetString, structure } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, method } from '../class.js';
import { enumNumber } from '../types.js';

/** Token gateway (class 115). A token is as good as money: it and what is entered are secrets. */
export const TokenGateway = cosemClass({
  name: 'Token gateway',
  id: 115,
  version: 0,
  clause: '4.6.5',
  attributes: {
    /** The last token that came. */
    token: attr(2, octetString, { secret: true }),
    /** When it came. */
    tokenTime: attr(3, dateTime),
    /** What it is, in octets of its kind. */
    tokenDescription: attr(4, array(octetString)),
    /** Which way it came. */
    tokenDeliveryMethod: attr(5, enumOf({ remote: 0, local: 1, manual: 2 })),
    /** What became of it. */
    tokenStatus: attr(6, structure({ statusCode: enumNumber, dataValue: bitString })),
  },
  methods: {
    /** Takes a token. */
    enter: method(1, octetString, { secret: true, access: { utility: 'access' } }),
  },
});

/** References of a token gateway. */
export interface TokenGatewayObject extends ClientObject<typeof TokenGateway> {}
