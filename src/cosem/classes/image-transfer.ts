/** Image transfer (IEC 62056-6-2 clause 4.4.6): how firmware and other images come into a meter. */

import { array, bitString, bool, enumOf, octetString, structure, uint32 } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, method } from '../class.js';
import { zero } from '../types.js';

/** What only the utility does. */
const byUtility = { access: { utility: 'access' } } as const;

/** Image transfer (class 18, Blue Book 4.4.6): takes an image block by block, verifies it and activates it. */
export const ImageTransfer = cosemClass({
  name: 'Image transfer',
  id: 18,
  version: 0,
  clause: '4.4.6',
  attributes: {
    /** Size of every block but the last one, in octets. */
    imageBlockSize: attr(2, uint32, { static: true, unit: 'octets' }),
    /** The blocks that the meter has: a bit each in their order, 1 where it has the block. */
    imageTransferredBlocksStatus: attr(3, bitString),
    /** Number of the first block that the meter does not have, from 0; the number of blocks once it has them all. */
    imageFirstNotTransferredBlockNumber: attr(4, uint32),
    /** Whether the meter takes images at all. */
    imageTransferEnabled: attr(5, bool, { static: true }),
    /** The step of the transfer that began, succeeded or failed last. */
    imageTransferStatus: attr(
      6,
      enumOf({
        'image-transfer-not-initiated': 0,
        'image-transfer-initiated': 1,
        'image-verification-initiated': 2,
        'image-verification-successful': 3,
        'image-verification-failed': 4,
        'image-activation-initiated': 5,
        'image-activation-successful': 6,
        'image-activation-failed': 7,
      }),
    ),
    /** The images in what was transferred that are ready to be activated. */
    imageToActivateInfo: attr(
      7,
      array(
        structure({
          /** Size of the image in octets. */
          imageSize: uint32,
          /** What names the image, in a form of the maker. */
          imageIdentification: octetString,
          /** Signature over the image, in a form of the maker; may be empty. */
          imageSignature: octetString,
        }),
      ),
    ),
  },
  methods: {
    /** Begins a transfer; blocks that came for another image are forgotten. */
    imageTransferInitiate: method(
      1,
      structure({
        /** Name of the image that will come. */
        imageIdentifier: octetString,
        /** Size of the whole image in octets. */
        imageSize: uint32,
      }),
      byUtility,
    ),
    /** Transfers one block. */
    imageBlockTransfer: method(
      2,
      structure({
        /** Number of the block, from 0. */
        imageBlockNumber: uint32,
        /** Its octets: as many as `imageBlockSize`, in the last block what is left. */
        imageBlockValue: octetString,
      }),
      byUtility,
    ),
    /** Verifies the image; the meter may answer `temporary-failure` while it still does so. */
    imageVerify: method(3, zero, byUtility),
    /** Activates the image; the meter may answer `temporary-failure` while it still does so, and may start anew. */
    imageActivate: method(4, zero, byUtility),
  },
});

/** References to the attributes and methods of an Image transfer object, as `clientObject` makes them of {@link ImageTransfer}. */
export interface ImageTransferObject extends ClientObject<typeof ImageTransfer> {}
