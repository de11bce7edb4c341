/** Image transfer (class 18): new firmware for a meter, block by block, verified and compared before anything is activated. */

import { equalBytes, isPrintable, toHex, toLatin1 } from '../base/bytes.js';
import { type Clock, type Millis, systemClock } from '../base/clock.js';
import { AccessError, LinkError, StateError, TimeoutError, UncertainError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import { parseLogicalName } from '../base/obis.js';
import { counted } from '../base/words.js';
import type { BitString } from '../codec/data.js';
import { CosemDate, type CosemDateTime, CosemTime } from '../codec/datetime.js';
import { type AttributeRef, attributeTarget, clientObject } from '../cosem/class.js';
import { ImageTransfer, type ImageTransferObject } from '../cosem/classes/image-transfer.js';
import { SingleActionSchedule } from '../cosem/classes/time.js';
import {
  type Image,
  type ImageCheckOptions,
  ImageError,
  type ImageFault,
  type ImageInfo,
  type ImageStatus,
} from './image.js';
import type { ImageProgress } from './image-blocks.js';
import { BlockRun } from './image-blocks.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';
import { leavesDoubt } from './orders.js';
import type { Outcome } from './outcome.js';
import { reasonOf } from './read-back.js';

const IMAGE_TRANSFER = '0.0.44.0.0.255';
const ACTIVATION_SCHEDULE = '0.0.15.0.2.255';
/** How often blocks are sent again that the meter reports as missing although it accepted them. */
const ROUNDS = 3;
/** How often a block is offered to a busy meter. */
const OFFERS = 10;
/** After this many blocks without an answer one with an answer follows: together they fill a window of seven frames. */
const UNANSWERED = 6;

/** Options of {@link ImageUpdate.transfer}. */
export interface ImageTransferOptions {
  /**
   * Continues an interrupted transfer: blocks that the meter already has are not sent again. The meter does not say which image they belong
   * to; the caller must know. If the meter has no transfer under way, or one of another size, the transfer starts from the beginning.
   * Default false.
   */
  readonly resume?: boolean;
  /** Called after each block. It must not throw. */
  readonly onProgress?: (progress: ImageProgress) => void;
  /** Ends the transfer after the current block; it can be continued later. */
  readonly signal?: AbortSignal;
  /**
   * Sends six of seven blocks by the unconfirmed service class, which is not answered, and at the end sends again what did not arrive. This
   * needs fewer turns of the line, but not every meter supports it. Default false.
   */
  readonly unconfirmed?: boolean;
}

/** How long and how often the meter is asked whether it has finished. */
export interface ImageWaitOptions {
  /** How long the meter may take, in milliseconds. Default 5 minutes. */
  readonly patience?: Millis;
  /** Pause between two questions, in milliseconds. Default 2 s. */
  readonly interval?: Millis;
  /** Ends the waiting with its reason; the meter continues. */
  readonly signal?: AbortSignal;
}

const TRANSFER_OPTIONS: OptionNames<ImageTransferOptions> = {
  resume: true,
  onProgress: true,
  signal: true,
  unconfirmed: true,
};
const WAIT_OPTIONS: OptionNames<ImageWaitOptions> = { patience: true, interval: true, signal: true };

/** Objects and clock of an {@link ImageUpdate}. */
export interface ImageUpdateOptions {
  /** Logical name of the image transfer object. Default `0.0.44.0.0.255`. */
  readonly object?: string;
  /** Logical name of the schedule of its activation (class 22). Default `0.0.15.0.2.255`. */
  readonly schedule?: string;
  /** The clock for waiting. Default the system's own. */
  readonly clock?: Clock;
}

/**
 * A firmware update in its steps: {@link transfer}, {@link verify}, {@link check}, then {@link activate} or {@link schedule} (Blue Book
 * 4.4.6). In India client 80 does it.
 * ```ts
 * const update = new ImageUpdate(meter);
 * await update.transfer(image, { onProgress: ({ blocks, ofBlocks }) => console.log(blocks, ofBlocks) });
 * await update.verify();
 * await update.check(image);
 * await update.activate();
 * ```
 */
export class ImageUpdate {
  /** References to the image transfer object. */
  readonly object: ImageTransferObject;
  readonly #meter: Meter;
  readonly #schedule: string;
  readonly #clock: Clock;
  readonly #target: string;

  constructor(meter: Meter, options: ImageUpdateOptions = {}) {
    checkOptions(options, { object: true, schedule: true, clock: true }, 'ImageUpdate');
    const { object = IMAGE_TRANSFER, schedule = ACTIVATION_SCHEDULE, clock = systemClock } = options;
    this.#meter = meter;
    this.object = meter.object(ImageTransfer, object);
    this.#schedule = parseLogicalName(schedule);
    this.#clock = clock;
    this.#target = `18:${this.object.self.logicalName}`;
  }

  /**
   * Reads whether the meter accepts images, the size of its blocks, and the status of the transfer. Where the meter does not say, `enabled`
   * is true and `status` undefined: whether it accepts the image then shows in the transfer.
   * @throws AccessError when it does not give the size of its blocks.
   */
  async state(options?: CallOptions): Promise<{
    /** image_transfer_enabled. */
    readonly enabled: boolean;
    /** image_block_size, in octets. */
    readonly blockSize: number;
    /** image_transfer_status; undefined where the meter does not give it. */
    readonly status: ImageStatus | undefined;
  }> {
    const { imageTransferEnabled, imageBlockSize, imageTransferStatus } = this.object;
    const [enabled, blockSize, status] = await this.#meter.tryGetAll(
      [imageTransferEnabled, imageBlockSize, imageTransferStatus],
      options,
    );
    if (!blockSize.ok) throw blockSize.error;
    return {
      enabled: this.#told(imageTransferEnabled, enabled) ?? true,
      blockSize: blockSize.value,
      status: this.#told(imageTransferStatus, status),
    };
  }

  /**
   * Transfers an image into the meter. At the end the meter is asked for the first missing block, and has none.
   * @returns how many blocks there are, and how many of them were sent now.
   * @throws ImageError `disabled`, `incomplete`; AccessError when the meter refuses; LinkError and TimeoutError when the line breaks, and
   * the reason of `signal`: then the transfer can be continued.
   */
  async transfer(
    image: Image,
    options: ImageTransferOptions = {},
  ): Promise<{
    /** How many blocks the image has. */
    readonly blocks: number;
    /** How many of them were sent now. */
    readonly sent: number;
  }> {
    checkOptions(options, TRANSFER_OPTIONS, 'transfer');
    const { octets } = image;
    if (octets.length === 0) throw new StateError('the image is empty');
    const { enabled, blockSize, status } = await this.state(given({ signal: options.signal }));
    if (!enabled || blockSize === 0) {
      throw this.#error(
        'disabled',
        'the meter takes no images now (image_transfer_enabled is false)',
        'it may be switched on elsewhere',
      );
    }
    const count = Math.ceil(octets.length / blockSize);
    const underWay = options.resume === true && status === 'image-transfer-initiated';
    let missing = underWay ? await this.#missing(count) : undefined;
    if (missing === undefined) {
      await this.#initiate(image);
      missing = Array.from({ length: count }, (_, i) => i);
    }
    const run = new BlockRun(octets, blockSize, count, count - missing.length, options.onProgress);
    let silent = false;
    for (let round = 0; missing.length > 0; round++) {
      if (round === ROUNDS) {
        throw this.#error(
          'incomplete',
          `the meter took all blocks and says that ${missing.length} of ${count} are missing, the first of them ${missing[0]}`,
          'begin anew; is the image one for this meter?',
        );
      }
      await this.#send(run, missing, silent ? { ...options, unconfirmed: false } : options);
      const left = await this.#stillMissing(count);
      // The meter accepted each block; verification shows whether it has them all.
      silent = left === undefined;
      if (silent && run.doubted === 0) break;
      missing = left ?? run.doubtedBlocks();
    }
    return { blocks: count, sent: run.sentBlocks };
  }

  /**
   * Lets the meter verify the image, and waits until it has.
   * @throws ImageError `verification-failed`; AccessError when the meter refuses to verify; TimeoutError when it takes too long.
   */
  async verify(options: ImageWaitOptions = {}): Promise<void> {
    checkOptions(options, WAIT_OPTIONS, 'verify');
    const refusal = await this.#begin(() => this.#meter.callAgain(this.object.imageVerify, undefined));
    const status = await this.#settled('image-verification-initiated', options);
    if (status === 'image-verification-successful') return;
    if (status === undefined) {
      if (refusal === undefined) return;
      throw refusal;
    }
    if (status === 'image-verification-failed' || refusal === undefined) {
      throw this.#error(
        'verification-failed',
        `the meter does not hold the image for good (${status.replaceAll('-', ' ')})`,
        'nothing was activated; is the file whole, and for this kind of meter?',
        refusal,
      );
    }
    throw refusal;
  }

  /**
   * Compares what the meter has ready with the image: one complete image of that size and identification must be there.
   * @returns what the meter says about it; undefined where it does not say, and `acceptUnidentified` lets its verification be enough.
   * @throws ImageError `mismatch`: do not activate. `not-told` when the meter does not say what it has.
   */
  async check(
    { identification, octets }: Image,
    { acceptUnidentified = false, ...options }: ImageCheckOptions = {},
  ): Promise<ImageInfo | undefined> {
    checkOptions({ acceptUnidentified, ...options }, { acceptUnidentified: true, signal: true }, 'check');
    const outcome = await this.#meter.tryGet(this.object.imageToActivateInfo, options);
    if (!outcome.ok) {
      if (acceptUnidentified) return void this.#told(this.object.imageToActivateInfo, outcome);
      throw this.#error(
        'not-told',
        `the meter does not tell which image it holds ready (${reasonOf(outcome.error)})`,
        'nothing was activated; its verification is the only evidence: where that is enough, say so (acceptUnidentified)',
        outcome.error,
      );
    }
    const ready = outcome.value;
    const found = ready.find(
      (info) => info.imageSize === octets.length && equalBytes(info.imageIdentification, identification),
    );
    if (found !== undefined) return found;
    const held = ready
      .map((info) => `${nameOf(info.imageIdentification)} of ${counted(info.imageSize, 'octet')}`)
      .join(', ');
    throw this.#error(
      'mismatch',
      `the meter holds ${held || 'nothing'} ready, and not ${nameOf(identification)} of ${counted(octets.length, 'octet')}`,
      'nothing was activated; are file and identification those of one image?',
    );
  }

  /**
   * Activates the verified image, and waits until it is active. Call {@link check} first.
   * @returns `restarting` when the meter left the line meanwhile, as many do: open it again.
   * @throws ImageError `activation-failed`; AccessError when the meter refuses.
   */
  async activate(options: ImageWaitOptions = {}): Promise<'active' | 'restarting'> {
    checkOptions(options, WAIT_OPTIONS, 'activate');
    let refusal: AccessError | UncertainError | undefined;
    let status: ImageStatus | undefined;
    try {
      refusal = await this.#begin(() => this.#meter.call(this.object.imageActivate));
      status = await this.#settled('image-activation-initiated', options);
    } catch (error) {
      if (error instanceof LinkError || error instanceof TimeoutError || error instanceof UncertainError)
        return 'restarting';
      throw error;
    }
    if (status === 'image-activation-successful') return 'active';
    if (status === undefined) {
      if (refusal === undefined) return 'active';
      throw refusal;
    }
    // A meter that starts with new firmware has no transfer under way.
    if (status === 'image-transfer-not-initiated' && refusal === undefined) return 'active';
    if (refusal !== undefined && status !== 'image-activation-failed') throw refusal;
    throw this.#error(
      'activation-failed',
      `the meter did not activate the image (${status.replaceAll('-', ' ')})`,
      'read its firmware version and its event log',
      refusal,
    );
  }

  /** Makes the meter activate the verified image by itself at a time of its clock. Call {@link check} first. @throws AccessError. */
  async schedule(time: CosemDateTime, options?: CallOptions): Promise<void> {
    const { year, month, dayOfMonth, dayOfWeek, hour, minute, second, hundredths } = time;
    const schedule = clientObject(SingleActionSchedule, this.#schedule);
    await this.#meter.set(
      schedule.executionTime,
      [
        {
          time: new CosemTime({ hour, minute, second, hundredths }),
          date: new CosemDate({ year, month, dayOfMonth, dayOfWeek }),
        },
      ],
      options,
    );
  }

  // ---- inside

  /** Initiates the transfer. If the answer cannot be read, the status is read; initiating twice does no harm. */
  async #initiate({ identification, octets }: Image): Promise<void> {
    const parameter = { imageIdentifier: identification, imageSize: octets.length };
    try {
      await this.#meter.callAgain(this.object.imageTransferInitiate, parameter);
    } catch (error) {
      if (!leavesDoubt(error)) throw error;
      const { imageTransferStatus } = this.object;
      const status = this.#told(imageTransferStatus, await this.#meter.tryGet(imageTransferStatus));
      if (status !== 'image-transfer-initiated') throw error;
    }
  }

  /** The value; undefined, with a remark, where the meter does not give it. */
  #told<T>(ref: AttributeRef<T>, outcome: Outcome<T>): T | undefined {
    if (outcome.ok) return outcome.value;
    this.#meter.remark({
      code: 'side-attribute',
      text: `${ref.name} is not told (${reasonOf(outcome.error)}): it goes on without`,
      target: attributeTarget(ref),
      weight: 'detail',
    });
    return undefined;
  }

  /** The missing blocks; undefined when the meter has another image, or does not say. */
  async #missing(count: number): Promise<number[] | undefined> {
    const { imageTransferredBlocksStatus } = this.object;
    const told: BitString | undefined = this.#told(
      imageTransferredBlocksStatus,
      await this.#meter.tryGet(imageTransferredBlocksStatus),
    );
    if (told === undefined) return undefined;
    const { bytes, length } = told;
    if (length < count || length >= count + 8) return undefined;
    return Array.from({ length: count }, (_, i) => i).filter((i) => (((bytes[i >> 3] ?? 0) << (i & 7)) & 0x80) === 0);
  }

  /** The missing blocks; undefined when the meter gives neither the first missing block nor the status of blocks. */
  async #stillMissing(count: number): Promise<number[] | undefined> {
    const { imageFirstNotTransferredBlockNumber } = this.object;
    const first = this.#told(
      imageFirstNotTransferredBlockNumber,
      await this.#meter.tryGet(imageFirstNotTransferredBlockNumber),
    );
    if (first === undefined) return this.#missing(count);
    if (first >= count) return [];
    return (await this.#missing(count)) ?? [first];
  }

  async #send(
    run: BlockRun,
    missing: readonly number[],
    { signal, unconfirmed = false }: ImageTransferOptions,
  ): Promise<void> {
    let unanswered = 0;
    for (const [i, number] of missing.entries()) {
      signal?.throwIfAborted();
      const block = run.block(number);
      const alone = unconfirmed && unanswered < UNANSWERED && i < missing.length - 1;
      unanswered = alone ? unanswered + 1 : 0;
      if (alone) await this.#meter.callUnconfirmed(this.object.imageBlockTransfer, block, true);
      const sure = !alone && (await this.#offer(block));
      run.taken(block.imageBlockValue.length);
      run.doubt(number, !sure);
    }
  }

  /** @returns whether the meter confirmed the block; its answer may be unreadable. */
  async #offer(block: { readonly imageBlockNumber: number; readonly imageBlockValue: Uint8Array }): Promise<boolean> {
    for (let offers = 1; ; offers++) {
      try {
        await this.#meter.callAgain(this.object.imageBlockTransfer, block);
        return true;
      } catch (error) {
        if (error instanceof UncertainError && this.#meter.connected) return false;
        if (await this.#hasBlock(error, block.imageBlockNumber)) return true;
        // The meter is still storing an earlier block.
        if (!(error instanceof AccessError) || error.result !== 'temporary-failure' || offers === OFFERS) throw error;
        await this.#pause(1000);
      }
    }
  }

  /** Whether a block that was refused without a reason is stored in the meter all the same. */
  async #hasBlock(error: unknown, number: number): Promise<boolean> {
    if (!(error instanceof AccessError) || error.result === 'temporary-failure' || !leavesDoubt(error)) return false;
    const outcome = await this.#meter.tryGet(this.object.imageTransferredBlocksStatus);
    return outcome.ok && (((outcome.value.bytes[number >> 3] ?? 0) << (number & 7)) & 0x80) !== 0;
  }

  /** Calls a method that may take long; a refusal may mean that it has started. */
  async #begin(call: () => Promise<unknown>): Promise<AccessError | UncertainError | undefined> {
    try {
      await call();
      return undefined;
    } catch (error) {
      if (error instanceof UncertainError && this.#meter.connected) return error;
      if (error instanceof AccessError && !ENDS.has(error.result)) return error;
      throw error;
    }
  }

  /** The status once it no longer says that work is under way; undefined where the meter does not give it. */
  async #settled(
    working: ImageStatus,
    { patience = 300_000, interval = 2000, signal }: ImageWaitOptions,
  ): Promise<ImageStatus | undefined> {
    const until = this.#clock.now() + patience;
    for (;;) {
      signal?.throwIfAborted();
      const { imageTransferStatus } = this.object;
      const status = this.#told(imageTransferStatus, await this.#meter.tryGet(imageTransferStatus));
      if (status !== working) return status;
      if (this.#clock.now() >= until) {
        throw new TimeoutError(`${this.#target}: the meter is not ready after ${patience / 1000} s (${status})`, {
          hint: 'it goes on: ask for its status later',
        });
      }
      await this.#pause(interval);
    }
  }

  #pause(time: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.at(this.#clock.now() + time, resolve);
    });
  }

  #error(fault: ImageFault, message: string, hint: string, cause?: unknown): ImageError {
    return new ImageError(fault, this.#target, `${this.#target} (image transfer): ${message}`, hint, cause);
  }
}

/** Refusals after which no work was started. */
const ENDS: ReadonlySet<string> = new Set([
  'read-write-denied',
  'object-undefined',
  'object-class-inconsistent',
  'scope-of-access-violated',
  'service-not-supported',
]);

function nameOf(identification: Uint8Array): string {
  return isPrintable(identification) && identification.length > 0 ? toLatin1(identification) : toHex(identification);
}
