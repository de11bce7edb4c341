import { fromLatin1 } from '../../src/base/bytes.js';
import { AccessError, DecodeError } from '../../src/base/errors.js';
import { counted } from '../../src/base/words.js';
import type { CryptoProvider } from '../../src/contracts/crypto-provider.js';
import type { ImageTransfer } from '../../src/cosem/classes/image-transfer.js';
import type { Implementation } from '../../src/cosem/implementation.js';
import type { Core } from './core.js';
import { readImage } from './firmware-image.js';
import type { MeterModel } from './model.js';

/** Larger images are refused, so that a mere claim of a client does not take up memory. */
const LARGEST = 8 * 1024 * 1024;
const FIRMWARE_ACTIVATED = 157;
const TARGET = '18:0.0.44.0.0.255';

type Status =
  | 'image-transfer-not-initiated'
  | 'image-transfer-initiated'
  | 'image-verification-successful'
  | 'image-verification-failed'
  | 'image-activation-successful';

/** The kind and version that the verified image states. */
interface Verified {
  readonly firmware: string;
  readonly identification: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Image transfer. It takes blocks in any order. Verification succeeds for an image of the form of `firmware-image.ts` that is complete,
 * undamaged and made for this kind of meter. Once activated, its version is the one that the meter reports.
 */
export function imageTransfer(
  core: Core,
  model: MeterModel,
  crypto: CryptoProvider,
  imageBlockSize: number,
): Implementation<typeof ImageTransfer> {
  let status: Status = 'image-transfer-not-initiated';
  let size = 0;
  let received = new Map<number, Uint8Array>();
  let verified: Verified | undefined;
  const blocks = () => Math.ceil(size / imageBlockSize);
  const blocksBitmap = () => {
    const bytes = new Uint8Array(Math.ceil(blocks() / 8));
    for (const block of received.keys()) bytes[block >> 3] = (bytes[block >> 3] as number) | (0x80 >> (block & 7));
    return bytes;
  };
  const firstMissing = () => {
    let block = 0;
    while (received.has(block)) block++;
    return block;
  };
  const demand = (wanted: Status, what: string) => {
    if (status !== wanted) throw new AccessError('temporary-failure', TARGET, `${what} while ${status}`);
  };
  const whole = () => {
    const image = new Uint8Array(size);
    for (const [block, octets] of received) image.set(octets, block * imageBlockSize);
    return image;
  };
  core.parts.add('image', {
    save: () => ({
      status,
      size,
      received: [...received].map(([block, octets]) => ({ block, octets })),
      ...(verified === undefined ? {} : { verified: { ...verified } }),
      firmware: core.firmware,
    }),
    load: (saved) => {
      ({ status, size, verified } = saved);
      core.firmware = saved.firmware;
      received = new Map(saved.received.map(({ block, octets }) => [block, octets]));
    },
  });
  return {
    imageBlockSize,
    imageTransferredBlocksStatus: () => ({ bytes: blocksBitmap(), length: blocks() }),
    imageFirstNotTransferredBlockNumber: firstMissing,
    imageTransferEnabled: true,
    imageTransferStatus: () => {
      // A schedule may have activated it in the meantime.
      core.catchUp();
      return status;
    },
    imageToActivateInfo: () =>
      verified === undefined
        ? []
        : [
            {
              imageSize: size,
              imageIdentification: verified.identification,
              imageSignature: verified.signature,
            },
          ],
    imageTransferInitiate: ({ imageSize }) => {
      if (imageSize === 0 || imageSize > LARGEST) {
        throw new AccessError('other-reason', TARGET, `an image of ${counted(imageSize, 'octet')}`);
      }
      size = imageSize;
      received = new Map();
      verified = undefined;
      status = 'image-transfer-initiated';
    },
    imageBlockTransfer: ({ imageBlockNumber, imageBlockValue }) => {
      demand('image-transfer-initiated', 'a block came');
      const expected = imageBlockNumber === blocks() - 1 ? size - imageBlockNumber * imageBlockSize : imageBlockSize;
      if (imageBlockNumber >= blocks() || imageBlockValue.length !== expected) {
        throw new AccessError(
          'type-unmatched',
          TARGET,
          `block ${imageBlockNumber} of ${counted(imageBlockValue.length, 'octet')}`,
        );
      }
      received.set(imageBlockNumber, imageBlockValue.slice());
    },
    imageVerify: () => {
      demand('image-transfer-initiated', 'verification was asked');
      if (received.size !== blocks())
        throw new AccessError('other-reason', TARGET, `block ${firstMissing()} is missing`);
      try {
        const { profile, firmware, signature } = readImage(crypto, whole());
        if (profile !== model.profile) throw new DecodeError('bad-value', `an image for ${profile}`);
        verified = { firmware, identification: fromLatin1(firmware), signature };
        status = 'image-verification-successful';
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        status = 'image-verification-failed';
        throw new AccessError('other-reason', TARGET, error.message, { cause: error });
      }
    },
    imageActivate: () => {
      demand('image-verification-successful', 'activation was asked');
      core.firmware = verified?.firmware ?? core.firmware;
      status = 'image-activation-successful';
      core.events.record(FIRMWARE_ACTIVATED, core.catchUp());
    },
  };
}
