import type { GatewayAddress } from '../apdu/apdu.js';
import { gatewayText } from '../apdu/gateway.js';
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
import { decodeOpened } from '../session/decode-opened.js';
import type { NotificationReceiver, OpenedPush } from '../session/notification.js';
import { asNotification, confirmOf, isConfirmed, type Notification } from '../session/notification-forms.js';
import { PushDeframer } from './deframer.js';
import type { DeframerEvent, PushEnds, PushFraming } from './found.js';
import { type ResolvedPush, resolvePush } from './resolve.js';
import type { PushSheet } from './sheet.js';
import { readTelegram, type Telegram } from './telegram.js';

/** Something that a meter sent by itself, with the meaning of its values. */
export interface Push {
  /** The frame in which it came. */
  readonly framing: PushFraming;
  /** How it was protected. */
  readonly protection: Protection;
  /** Whether a tag proved who sent it. */
  readonly authenticated: boolean;
  /**
   * Who sent it: the system title of a ciphered push in hexadecimal, else what the meter calls itself, else its address behind a gateway,
   * `gateway 0/12345678`; undefined where nothing tells. An unencrypted name that looks like the title of a meter with keys gets `unproved:` in front, because anybody can write it.
   */
  readonly sender: string | undefined;
  /** The system title of the sender in hexadecimal; undefined when it was not ciphered. */
  readonly systemTitle: string | undefined;
  /** The address of the meter behind a gateway, where the push came through one with its header. */
  readonly gateway?: GatewayAddress;
  /** What the meter calls itself in the push: logical device name, serial or meter number. */
  readonly device: string | undefined;
  /** When it was made, as the meter says. */
  readonly time: CosemDateTime | undefined;
  /** The values with name, unit and time, in the order of the push. */
  readonly readings: readonly Reading[];
  /** Values without a name, in the order of the push. */
  readonly unnamed: readonly Data[];
  /** The sheet or push setup that gave the values a meaning; undefined where the push tells all itself, or no list fits. */
  readonly list: ResolvedPush['list'];
  /** The message itself: a notification, or the telegram of a port. */
  readonly message: Notification['apdu'] | Telegram;
  /** Faults of form that were tolerated in the push and its frame: surplus octets, wrong counts, odd dates. */
  readonly remarks: readonly Remark[];
}

/** The confirm that a push asks for whose service class is confirmed. */
export interface ConfirmRequest {
  /** The APDU to answer with. */
  readonly confirm: DataNotificationConfirm;
  /** Who sent the push to whom, where its frame says so. */
  readonly ends: PushEnds;
  /** How the push was ciphered; undefined when it came in clear. */
  readonly protectedBy:
    | {
        /** System title of the meter, eight octets. */
        readonly systemTitle: Uint8Array;
        /** The security suite. */
        readonly suite: SuiteId;
      }
    | undefined;
  /** Digest of the content of the push, by which a repeated push is recognised. */
  readonly digest: string;
}

/** What a {@link PushReceiver} finds. */
export type PushEvent =
  | {
      /** A push. */
      readonly type: 'push';
      /** The push with its readings. */
      readonly push: Push;
      /** Octets of the message. */
      readonly size: number;
      /** @internal The confirm that it asks for, where its service class is confirmed. */
      readonly confirm?: ConfirmRequest;
    }
  | {
      /** A complete message that was not accepted. */
      readonly type: 'refused';
      /** The frame in which it came. */
      readonly framing: PushFraming;
      /** Why it was refused. */
      readonly error: CosemError;
    }
  | {
      /** A message of which parts are missing. */
      readonly type: 'incomplete';
      /** What is missing, in words. */
      readonly reason: string;
    }
  | {
      /** Octets that are not a message. */
      readonly type: 'discarded';
      /** The octets. */
      readonly octets: Uint8Array;
      /** Why they are not a message, in words. */
      readonly reason: string;
    };

/** What a {@link PushReceiver} needs. */
export interface PushReceiverConfig {
  /** Opens ciphered messages and refuses replays. Use one for all lines. */
  readonly notifications: NotificationReceiver;
  /** Data sheets that give values a meaning; by default `knownPushSheets`. */
  readonly sheets?: readonly PushSheet[];
  /** The companion specification whose push setups and names are used; by default all known push setups. */
  readonly companion?: Companion;
  /** `datagram` when each chunk holds whole messages, as with UDP. Default `stream`. */
  readonly mode?: 'stream' | 'datagram';
}

const RECEIVER_OPTIONS: OptionNames<PushReceiverConfig> = {
  notifications: true,
  sheets: true,
  companion: true,
  mode: true,
};

/**
 * Receives what meters push over one line, in any frame and with any protection: octets go in, pushes with typed readings come out. Sans-I/O.
 * Nothing is dropped silently: what is not accepted comes out with the reason.
 *
 * @example
 * ```ts
 * const receiver = new PushReceiver({ notifications });
 * for (const event of receiver.receive(octets)) if (event.type === 'push') console.log(event.push.readings);
 * ```
 */
export class PushReceiver {
  readonly #reader: PushReader;
  readonly #deframer: PushDeframer;

  constructor(config: PushReceiverConfig) {
    checkOptions(config, RECEIVER_OPTIONS, 'PushReceiver', { others: { receiver: 'notifications' } });
    this.#reader = new PushReader(config);
    this.#deframer = new PushDeframer(given({ mode: config.mode }));
  }

  /** Takes octets, in any chunks. */
  receive(chunk: Uint8Array): PushEvent[] {
    this.#deframer.push(chunk);
    return this.#drain();
  }

  /** The line was silent for longer than any gap within a frame: a frame that has begun will not continue. */
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

/** Makes pushes of complete messages. Use one for all lines, because the accepted counters hold for all of them. */
export class PushReader {
  readonly #config: Omit<PushReceiverConfig, 'mode'>;

  constructor(config: Omit<PushReceiverConfig, 'mode'>) {
    this.#config = config;
  }

  /** Reads what was found on a line. Throws errors that are not faults of the message. */
  read(event: DeframerEvent): PushEvent {
    if (event.type === 'discarded') return { type: 'discarded', octets: event.bytes, reason: event.reason };
    if (event.type === 'incomplete') return event;
    const { framing, bytes, ports, addresses, gateway } = event;
    try {
      return { type: 'push', size: bytes.length, ...this.#push(bytes, framing, given({ ports, addresses, gateway })) };
    } catch (error) {
      if (error instanceof CosemError) return { type: 'refused', framing, error };
      throw error;
    }
  }

  #push(bytes: Uint8Array, framing: PushFraming, ends: PushEnds): PushAndConfirm {
    const remarks: Remark[] = [];
    const { strict = false, onRemark } = this.#config.notifications.reception;
    const reception: Reception = {
      strict,
      onRemark: (remark) => {
        // Bounded, because a push is as long as its sender likes.
        if (remarks.length < MOST_REMARKS) remarks.push(remark);
        onRemark?.(remark);
      },
    };
    const clear = { content: bytes, protection: 'none', authenticated: false, systemTitle: undefined } as const;
    const opened: OpenedPush = isText(bytes)
      ? { ...clear, accept: () => {}, explain: (error) => error }
      : this.#config.notifications.open(bytes, reception);
    const read = this.#read(opened, reception);
    // After its content was understood, and before anybody gets it.
    opened.accept();
    const { protection, authenticated } = opened;
    const systemTitle = opened.systemTitle && toHex(opened.systemTitle);
    const { gateway } = ends;
    const place = gateway && `gateway ${gatewayText(gateway)}`;
    const sender = systemTitle ?? this.#unprovedName(read.device) ?? place;
    const push = { framing, protection, authenticated, systemTitle, sender, ...given({ gateway }), ...read, remarks };
    return { push, ...given({ confirm: this.#asks(read.message, opened, ends) }) };
  }

  /** The confirm that a push asks for, if any. */
  #asks(message: Push['message'], opened: OpenedPush, ends: PushEnds): ConfirmRequest | undefined {
    if (message.type === 'p1-telegram' || !isConfirmed(message)) return undefined;
    const { systemTitle, suite = 0 } = opened;
    return {
      confirm: confirmOf(message),
      ends,
      protectedBy: systemTitle === undefined ? undefined : { systemTitle, suite: suite as SuiteId },
      digest: this.#config.notifications.digestOf(opened.content),
    };
  }

  /** A name that was sent unencrypted, marked when it looks like the title of a meter whose pushes are ciphered. */
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
 * The message in what was opened.
 * @throws DecodeError; SecurityError when the content makes no sense because a key, the title or the counter is wrong.
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

/** The most remarks that are kept of a push. */
const MOST_REMARKS = 16;
const SLASH = 0x2f;
const CR = 0x0d;
const LF = 0x0a;

/** Where text begins, after line ends. */
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
