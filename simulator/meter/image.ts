import { AccessError } from '../../src/base/errors.js';
import type { Implementation } from '../../src/cosem/class.js';
import type { ImageTransfer } from '../../src/cosem/classes/access.js';
import type { Core } from './core.js';
import type { MeterModel } from './model.js';

/** Larger images are refused: nothing is set aside for what a client merely claims. */
const LARGEST = 8 * 1024 * 1024;
const FIRMWARE_ACTIVATED = 157;
const TARGET = '18:0.0.44.0.0.255';

type Status =
  | 'image-transfer-not-initiated'
  | 'image-transfer-initiated'
  | 'image-verification-successful'
  | 'image-activation-successful';

/** Image transfer: takes blocks in any order, counts them, keeps none. Activation changes nothing but the status. */
export function imageTransfer(core: Core, { imageBlockSize }: MeterModel): Implementation<typeof ImageTransfer> {
  let status: Status = 'image-transfer-not-initiated';
  let identifier: Uint8Array = new Uint8Array(0);
  let size = 0;
  let received = new Set<number>();
  const blocks = () => Math.ceil(size / imageBlockSize);
  const blocksBitmap = () => {
    const bytes = new Uint8Array(Math.ceil(blocks() / 8));
    for (const block of received) bytes[block >> 3] = (bytes[block >> 3] as number) | (0x80 >> (block & 7));
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
  core.parts.add('image', {
    save: () => ({ status, identifier, size, received: blocksBitmap() }),
    load: (saved) => {
      ({ status, identifier, size } = saved);
      received = new Set();
      saved.received.forEach((octet, i) => {
        for (let bit = 0; bit < 8; bit++) if (octet & (0x80 >> bit)) received.add(8 * i + bit);
      });
    },
  });
  return {
    imageBlockSize,
    imageTransferredBlocksStatus: () => ({ bytes: blocksBitmap(), length: blocks() }),
    imageFirstNotTransferredBlockNumber: firstMissing,
    imageTransferEnabled: true,
    imageTransferStatus: () => status,
    imageToActivateInfo: () =>
      status === 'image-verification-successful' || status === 'image-activation-successful'
        ? [{ imageSize: size, imageIdentification: identifier, imageSignature: new Uint8Array(0) }]
        : [],
    imageTransferInitiate: (image) => {
      if (image.imageSize === 0 || image.imageSize > LARGEST) {
        throw new AccessError('other-reason', TARGET, `an image of ${image.imageSize} octets`);
      }
      identifier = image.imageIdentifier.slice();
      size = image.imageSize;
      received = new Set();
      status = 'image-transfer-initiated';
    },
    imageBlockTransfer: ({ imageBlockNumber, imageBlockValue }) => {
      demand('image-transfer-initiated', 'a block came');
      const expected = imageBlockNumber === blocks() - 1 ? size - imageBlockNumber * imageBlockSize : imageBlockSize;
      if (imageBlockNumber >= blocks() || imageBlockValue.length !== expected) {
        throw new AccessError(
          'type-unmatched',
          TARGET,
          `block ${imageBlockNumber} of ${imageBlockValue.length} octets`,
        );
      }
      received.add(imageBlockNumber);
    },
    imageVerify: () => {
      demand('image-transfer-initiated', 'verification was asked');
      if (received.size !== blocks())
        throw new AccessError('other-reason', TARGET, `block ${firstMissing()} is missing`);
      status = 'image-verification-successful';
    },
    imageActivate: () => {
      demand('image-verification-successful', 'activation was asked');
      status = 'image-activation-successful';
      core.events.record(FIRMWARE_ACTIVATED, core.now());
    },
  };
}
