import { judgeMoment, type Reception } from '../apdu/received.js';
import { fromHex, toHex, toLatin1 } from '../base/bytes.js';
import { CosemError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { Remark } from '../base/remark.js';
import type { Reading } from '../client/readings.js';
import type { Data } from '../codec/data.js';
import type { CosemDateTime } from '../codec/datetime.js';
import { oddMoment } from '../codec/odd-moments.js';
import type { Companion } from '../companion/companion.js';
import type { Protection } from '../contracts/protection.js';
import type { DataNotificationConfirm } from '../contracts/services.js';
import { decodeTelegram } from '../link/telegram.js';
import type { SuiteId } from '../security/suites.js';
import {
  asNotification,
  type Notification,
  type NotificationReceiver,
  type OpenedPush,
} from '../session/notification.js';
import { confirmOf, isConfirmed } from '../session/notification-confirm.js';
import { decodeOpened } from '../session/protection.js';
import { type DeframerEvent, PushDeframer, type PushFraming, type WrapperPorts } from './deframer.js';
import { type ResolvedPush, resolvePush } from './resolve.js';
import type { PushSheet } from './sheet.js';
import { readTelegram, type Telegram } from './telegram.js';

/** Something that a meter sent by itself, with the meaning of its values. */
export interface Push {
  readonly framing: PushFraming;
  readonly protection: Protection;
  /** Whether a tag proved who sent it. */
  readonly authenticated: boolean;
  /**
   * Who sent it: the system title in hexadecimal of a ciphered push, else what the meter calls itself; undefined where it says neither. A name
   * in clear that is the title of a meter with keys has `unproved:` in front: anybody can write it.
   */
  readonly sender: string | undefined;
  /** Hexadecimal; undefined for what came in clear. */
  readonly systemTitle: string | undefined;
  /** What the meter calls itself in the push: logical device name, serial or meter number. */
  readonly device: string | undefined;
  /** When it was made, as the meter says. */
  readonly time: CosemDateTime | undefined;
  readonly readings: readonly Reading[];
  /** Values that nothing names, in the order of the push. */
  readonly unnamed: readonly Data[];
  /** Where the meaning of its values is from; undefined where it says all itself, or nothing does. */
  readonly list: ResolvedPush['list'];
  /** What it was: a notification, or the telegram that a port sends. */
  readonly message: Notification['apdu'] | Telegram;
  /** Faults of form that were borne in it and in what was around it: surplus octets, counts that do not hold, odd dates. */
  readonly remarks: readonly Remark[];
}

/** What a push asks for whose service class is confirmed. */
export interface ConfirmRequest {
  readonly confirm: DataNotificationConfirm;
  /** Those of the push; undefined where no wrapper was around it. */
  readonly ports: WrapperPorts | undefined;
  /** Undefined for what came in clear. */
  readonly protectedBy: { readonly systemTitle: Uint8Array; readonly suite: SuiteId } | undefined;
  /** Of what was pushed: the same push is known again by it. */
  readonly digest: string;
}

export type PushEvent =
  | {
      readonly type: 'push';
      readonly push: Push;
      /** Of the message, in octets. */
      readonly size: number;
      /** @internal What it asks for, where its service class is confirmed. */
      readonly confirm?: ConfirmRequest;
    }
  /** A message that is whole and that is not taken, and why. */
  | { readonly type: 'refused'; readonly framing: PushFraming; readonly error: CosemError }
  /** A message of which parts are missing. */
  | { readonly type: 'incomplete'; readonly reason: string }
  /** Octets that are no message. */
  | { readonly type: 'discarded'; readonly octets: Uint8Array; readonly reason: string };

export interface PushReceiverConfig {
  /** Opens what is ciphered, and keeps replays out: one for all lines. */
  readonly notifications: NotificationReceiver;
  readonly sheets?: readonly PushSheet[];
  readonly companion?: Companion;
  /** `datagram`: each chunk holds whole messages, as UDP brings them. `stream` unless told. */
  readonly mode?: 'stream' | 'datagram';
}

const RECEIVER_OPTIONS: OptionNames<PushReceiverConfig> = {
  notifications: true,
  sheets: true,
  companion: true,
  mode: true,
};

/**
 * Receives what meters push over one line, whatever frame and protection is around it: octets in, pushes with typed readings out.
 * Sans-I/O. Nothing that came is passed over in silence: what is not taken comes out with the reason.
 */
export class PushReceiver {
  readonly #reader: PushReader;
  readonly #deframer: PushDeframer;

  constructor(config: PushReceiverConfig) {
    checkOptions(config, RECEIVER_OPTIONS, 'PushReceiver', { others: { receiver: 'notifications' } });
    this.#reader = new PushReader(config);
    this.#deframer = new PushDeframer(given({ mode: config.mode }));
  }

  /** Takes octets as they came. */
  receive(chunk: Uint8Array): PushEvent[] {
    this.#deframer.push(chunk);
    return this.#drain();
  }

  /** The line was silent for longer than a frame has gaps. */
  pause(): PushEvent[] {
    this.#deframer.pause();
    return this.#drain();
  }

  /** Nothing more will come. */
  flush(): PushEvent[] {
    this.#deframer.flush();
    return this.#drain();
  }

  #drain(): PushEvent[] {
    const events: PushEvent[] = [];
    for (let event = this.#deframer.pollEvent(); event !== undefined; event = this.#deframer.pollEvent()) {
      events.push(this.#reader.read(event));
    }
    return events;
  }
}

type PushAndConfirm = Pick<Extract<PushEvent, { type: 'push' }>, 'push' | 'confirm'>;

/** Makes pushes of messages that are whole. Whoever has several lines has one, as the counters that were passed hold for all. */
export class PushReader {
  readonly #config: Omit<PushReceiverConfig, 'mode'>;

  constructor(config: Omit<PushReceiverConfig, 'mode'>) {
    this.#config = config;
  }

  /** What came of a line, with its meaning. Throws what is no fault of the message alone. */
  read(event: DeframerEvent): PushEvent {
    if (event.type === 'discarded') return { type: 'discarded', octets: event.bytes, reason: event.reason };
    if (event.type === 'incomplete') return event;
    const { framing, bytes, ports } = event;
    try {
      return { type: 'push', size: bytes.length, ...this.#push(bytes, framing, ports) };
    } catch (error) {
      if (error instanceof CosemError) return { type: 'refused', framing, error };
      throw error;
    }
  }

  #push(bytes: Uint8Array, framing: PushFraming, ports: WrapperPorts | undefined): PushAndConfirm {
    const remarks: Remark[] = [];
    const { strict = false, onRemark } = this.#config.notifications.reception;
    const reception: Reception = {
      strict,
      onRemark: (remark) => {
        // Borne often, told a few times: a push is as long as its sender likes.
        if (remarks.length < MOST_REMARKS) remarks.push(remark);
        onRemark?.(remark);
      },
    };
    const clear = { content: bytes, protection: 'none', authenticated: false, systemTitle: undefined } as const;
    const opened: OpenedPush = isText(bytes)
      ? { ...clear, accept: () => {}, explain: (error) => error }
      : this.#config.notifications.open(bytes, reception);
    const read = this.#read(opened, reception);
    // Not before its content made sense, and before anybody is told.
    opened.accept();
    const { protection, authenticated } = opened;
    const systemTitle = opened.systemTitle && toHex(opened.systemTitle);
    const sender = systemTitle ?? this.#unprovedName(read.device);
    const push = { framing, protection, authenticated, systemTitle, sender, ...read, remarks };
    return { push, ...given({ confirm: this.#asks(read.message, opened, ports) }) };
  }

  /** What a push asks for, where it asks for a confirm. */
  #asks(message: Push['message'], opened: OpenedPush, ports: WrapperPorts | undefined): ConfirmRequest | undefined {
    if (message.type === 'p1-telegram' || !isConfirmed(message)) return undefined;
    const { systemTitle, suite = 0 } = opened;
    return {
      confirm: confirmOf(message),
      ports,
      protectedBy: systemTitle === undefined ? undefined : { systemTitle, suite: suite as SuiteId },
      digest: this.#config.notifications.digestOf(opened.content),
    };
  }

  /** A name that was sent in clear, so that it cannot pass for the title of a meter whose pushes are ciphered. */
  #unprovedName(name: string | undefined): string | undefined {
    const digits = name?.replace(/[^0-9a-z]/gi, '') ?? '';
    const isTitle = /^[0-9a-f]{16}$/i.test(digits) && this.#config.notifications.isTitleWithKeys(fromHex(digits));
    return isTitle ? `unproved:${name}` : name;
  }

  #read(opened: OpenedPush, reception: Reception): ResolvedPush & { readonly message: Push['message'] } {
    const { systemTitle } = opened;
    const message = messageIn(opened, reception);
    if (message.type === 'p1-telegram') return { ...readTelegram(message), unnamed: [], list: undefined, message };
    const { sheets, companion } = this.#config;
    const resolved = resolvePush(message, {
      ...given({ sheets, companion, systemTitle }),
    });
    const values = resolved.readings.map(({ data }) => data);
    judgeMoment(reception, oddMoment([resolved.time, message, values]), systemTitle && toHex(systemTitle));
    return { ...resolved, message };
  }
}

/**
 * @throws DecodeError; SecurityError where the content makes no sense because a key, the title or the counter is wrong.
 */
function messageIn(
  { content, protection, systemTitle, authenticated, explain }: OpenedPush,
  reception: Reception,
): Push['message'] {
  try {
    if (isText(content)) return telegramIn(content);
    const apdu = decodeOpened({ apdu: content, protection }, reception);
    return asNotification(apdu, protection, systemTitle, authenticated).apdu;
  } catch (error) {
    throw error instanceof CosemError ? explain(error) : error;
  }
}

/** Remarks that are kept of a push. */
const MOST_REMARKS = 16;
const SLASH = 0x2f;
const CR = 0x0d;
const LF = 0x0a;

/** Where text begins, behind line ends. */
function textStart(bytes: Uint8Array): number {
  let start = 0;
  while (bytes[start] === CR || bytes[start] === LF) start++;
  return start;
}

/** Whether it is a telegram: no APDU begins with `/`, with or without parity. */
function isText(bytes: Uint8Array): boolean {
  return ((bytes[textStart(bytes)] ?? 0) & 0x7f) === SLASH;
}

/** @throws DecodeError */
function telegramIn(bytes: Uint8Array): Telegram {
  const { octets, dataSets, crc } = decodeTelegram(bytes);
  const identificationLine = toLatin1(octets.subarray(0, octets.indexOf(LF))).trimEnd();
  return { type: 'p1-telegram', identificationLine, dataSets, crc };
}
