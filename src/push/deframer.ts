import { decodeApdu } from '../apdu/codec.js';
import { APDU_TAGS, apduTagName } from '../apdu/tags.js';
import { isPrintable } from '../base/bytes.js';
import { DecodeError } from '../base/errors.js';
import { shownOctets } from '../base/shown.js';
import { counted } from '../base/words.js';
import { FLAG, FRAME_FAULTS, FrameScan, type HdlcFrame } from '../link/hdlc-frame.js';
import { LLC_LENGTH, stripLlc } from '../link/hdlc-llc.js';
import { decodeMbusFrame, isMbusStart, mbusFrameLength, mbusSegment } from '../link/mbus.js';
import { TelegramScan } from '../link/telegram-scan.js';
import { type BareWalk, walkBareApdu } from './bare-apdu.js';
import { type Joined, PartJoiner, PartShelf } from './joiner.js';

/** What was around a message. `text` for a telegram of IEC 62056-21, `bare` for an APDU without anything. */
export type PushFraming = 'wrapper' | 'hdlc' | 'm-bus' | 'bare' | 'text';

/** wPorts of a wrapper: who sends and who is meant. */
export interface WrapperPorts {
  readonly source: number;
  readonly destination: number;
}

export type DeframerEvent =
  /** A message that is whole: an APDU, perhaps ciphered, or the text of a telegram. */
  | {
      readonly type: 'payload';
      readonly framing: PushFraming;
      readonly bytes: Uint8Array;
      /** Of the wrapper. */
      readonly ports?: WrapperPorts;
    }
  /** A message whose parts did not all come. */
  | { readonly type: 'incomplete'; readonly reason: string }
  /** Octets that are no message, and why. */
  | { readonly type: 'discarded'; readonly bytes: Uint8Array; readonly reason: string };

/** Something begins where it was looked: how long it is and what is done with it. */
interface Found {
  readonly length: number;
  readonly take: (bytes: Uint8Array) => void;
}

/** Nothing begins there; in words where it looked as if. */
type Looked = Found | 'more' | { readonly fault: string } | undefined;

const MBUS_SHORT_START = 0x10;
const MBUS_SHORT_LENGTH = 5;
const MBUS_STOP = 0x16;
/** 68 L L 68 */
const MBUS_HEAD = 4;
const WPDU_HEADER = 8;
/** Times that a header is taken off: some meters send it twice. */
const MAX_LLC = 3;
/** Octets without a message in them that are kept before they are told. */
const MAX_GARBAGE = 1024;
/** Fewer octets may begin a message by chance. */
const MIN_MESSAGE = 9;
const CAPACITY = 4096;
/** Octets of a telegram at most. */
const MAX_TELEGRAM = 32 * 1024;
const NOTHING = 'no frame, APDU or telegram begins so';

/**
 * Finds what meters push in a stream of octets, whatever is around it: wrapper, HDLC (I and UI frames, in segments), long frames of the
 * M-Bus (in parts), APDUs without a frame, telegrams of IEC 62056-21; all of these mixed, with noise between. Blocks of general block
 * transfer are joined. Sans-I/O: octets in, events out; any chunking gives the same events. What is kept is bounded, and what does not
 * come to an end is told when the next begins or nothing more comes.
 */
export class PushDeframer {
  readonly #datagrams: boolean;
  readonly #events: DeframerEvent[] = [];
  readonly #scan = new FrameScan();
  readonly #telegrams = new TelegramScan(MAX_TELEGRAM, { mixed: true });
  readonly #shelf = new PartShelf();
  readonly #segments = new PartJoiner('segment', this.#shelf);
  readonly #parts = new PartJoiner('part', this.#shelf, (number) => (number + 1) & 0x0f);
  readonly #blocks = new PartJoiner('block', this.#shelf);
  /** Octets not told yet are `#bytes` from `#start` to `#end`, those below `#at` are no message. Views of it live elsewhere. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #at = 0;
  #end = 0;
  /** The APDU without a frame that may begin at `#at`. */
  #walk: BareWalk | undefined;
  #fault: string | undefined;
  /** Whether the octets before `#at` are all flags and line ends, or those, NULs and text. Kept as they pass, not looked for. */
  #onlyFill = true;
  #onlyText = true;
  /**
   * Whether frames with a check sequence, or what was meant for one, came on this line. From then on what has none is believed only right
   * behind a message: elsewhere it may be the inside of a broken frame.
   */
  #checked = false;
  /** Whether octets that are no message were told since the last message. */
  #dirty = false;

  /** @param mode `datagram`: each chunk holds whole messages, as UDP brings them. */
  constructor({ mode = 'stream' }: { readonly mode?: 'stream' | 'datagram' } = {}) {
    this.#datagrams = mode === 'datagram';
  }

  /** Takes octets; then call {@link pollEvent} until it gives undefined. */
  push(chunk: Uint8Array): void {
    if (this.#datagrams) {
      this.#checked = false;
      this.#dirty = false;
    }
    const kept = this.#end - this.#start;
    if (this.#end + chunk.length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(CAPACITY, 2 * (kept + chunk.length)));
      bytes.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = bytes;
      this.#at -= this.#start;
      this.#telegrams.shift(this.#start);
      this.#start = 0;
      this.#end = kept;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
    this.#drain(this.#datagrams);
  }

  /**
   * The line was silent for longer than a frame has gaps: what has begun does not go on. Parts of messages are waited for longer, since
   * each is a frame of its own.
   */
  pause(): void {
    this.#drain(true);
  }

  /** Nothing more will come. */
  flush(): void {
    this.#drain(true);
    for (const joiner of [this.#segments, this.#parts, this.#blocks]) this.#incomplete(joiner);
  }

  pollEvent(): DeframerEvent | undefined {
    return this.#events.shift();
  }

  #drain(isAll: boolean): void {
    while (this.#at < this.#end) {
      const looked = this.#look(isAll);
      if (looked === 'more' && !isAll) return;
      if (typeof looked === 'object' && 'take' in looked) this.#take(looked);
      else this.#skip(looked === 'more' ? this.#cut() : looked?.fault);
    }
    if (isAll) this.#discard();
  }

  #take({ length, take }: Found): void {
    this.#discard();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#move(length);
    this.#begin();
    this.#dirty = false;
    take(bytes);
  }

  #skip(fault: string | undefined): void {
    this.#fault ??= fault;
    const octet = this.#bytes[this.#at] as number;
    if (octet === FLAG || octet === 0x68) this.#checked ||= fault !== undefined;
    this.#onlyFill &&= isFill(octet);
    this.#onlyText &&= octet === 0 || isFill(octet) || (octet >= 0x20 && octet <= 0x7e);
    this.#move(1);
    if (this.#at - this.#start >= MAX_GARBAGE) this.#discard();
  }

  /** What is to be told begins here. */
  #begin(): void {
    this.#start = this.#at;
    this.#onlyFill = true;
    this.#onlyText = true;
  }

  #move(octets: number): void {
    this.#at += octets;
    this.#walk = undefined;
  }

  #cut(): string | undefined {
    const came = this.#end - this.#at;
    return came < MIN_MESSAGE ? undefined : `a message is cut off: ${counted(came, 'octet')} of it came`;
  }

  /** Tells the octets before `#at`, but for flags and line ends that stand between messages. */
  #discard(): void {
    const bytes = this.#bytes.subarray(this.#start, this.#at);
    const fault = this.#fault;
    const onlyFill = this.#onlyFill;
    this.#begin();
    this.#fault = undefined;
    if (onlyFill) return;
    this.#dirty = true;
    // Segments of HDLC bear no numbers: one may have been lost here.
    this.#incomplete(this.#segments);
    this.#events.push({ type: 'discarded', bytes, reason: fault ?? textReason(bytes) ?? NOTHING });
  }

  #incomplete(joiner: PartJoiner): void {
    for (const reason of joiner.flush()) this.#events.push({ type: 'incomplete', reason });
  }

  #look(isAll: boolean): Looked {
    const first = this.#bytes[this.#at] as number;
    switch (first) {
      case FLAG:
        return this.#hdlc();
      case 0x68:
        return this.#mbus(isAll);
      case MBUS_SHORT_START:
        return this.#mbusShort();
      case 0x00:
        return this.#wrapper();
      case 0xe6:
      case 0xff:
        return this.#llc();
    }
    if ((first & 0x7f) === 0x2f) return this.#telegram(isAll);
    this.#walk ??= walkBareApdu(first);
    return this.#walk !== undefined && this.#isClean() ? this.#bare(this.#at) : undefined;
  }

  /** Whether an APDU without anything around it may be believed here: behind a message, or text of a modem. */
  #isClean(): boolean {
    return this.#checked ? !this.#dirty && this.#onlyFill : this.#onlyText;
  }

  #hdlc(): Looked {
    const scan = this.#scan;
    const offset = this.#at + 1;
    scan.readHeader(this.#bytes, offset, this.#end);
    if (scan.fault !== undefined) {
      // Any flag may be followed by anything; a header that was meant as one shows in its check sequence.
      return scan.fault === 'bad-hcs' || scan.fault === 'bad-fcs' ? { fault: FRAME_FAULTS[scan.fault] } : undefined;
    }
    if (scan.header === 0 || offset + scan.length >= this.#end) return 'more';
    if (this.#bytes[offset + scan.length] !== FLAG) return { fault: 'no closing flag where the length field says' };
    const frame = scan.readFrame(this.#bytes, offset);
    if (frame === undefined) return { fault: FRAME_FAULTS['bad-fcs'] };
    this.#checked = true;
    // The closing flag may open the next frame.
    return { length: scan.length + 1, take: () => this.#takeFrame(frame) };
  }

  #takeFrame({ control, source, destination, information, segmented }: HdlcFrame): void {
    if ((control.type !== 'I' && control.type !== 'UI') || information.length === 0) {
      this.#events.push({
        type: 'discarded',
        bytes: information,
        reason: `an HDLC frame ${control.type}, which carries no push`,
      });
      return;
    }
    const sender = [source.upper, source.lower, destination.upper, destination.lower].join(' ');
    const begins =
      stripLlc(information, 'any') !== undefined || (!this.#segments.isOpen(sender) && isPushed(information[0]));
    this.#joined(this.#segments.add(sender, { bytes: information, first: begins, last: !segmented }), 'hdlc', sender);
  }

  #mbus(isAll: boolean): Looked {
    if (this.#end - this.#at < MBUS_HEAD) return 'more';
    const bytes = this.#bytes.subarray(this.#at, this.#end);
    if (!isMbusStart(bytes)) return undefined;
    const length = mbusFrameLength(bytes, 0);
    if (length === 'more' && !isAll) return 'more';
    // Anything may look like the start of one: what is wrong with it is told once for all octets that are skipped together.
    if (typeof length !== 'number' && this.#fault !== undefined) return { fault: this.#fault };
    try {
      const frame = decodeMbusFrame(bytes);
      this.#checked = true;
      const { number, last } = mbusSegment(frame);
      const sender = `${frame.address} ${frame.sourceSap} ${frame.destinationSap}`;
      const part = { bytes: frame.information, first: number === 0, last, number };
      return { length: length as number, take: () => this.#joined(this.#parts.add(sender, part), 'm-bus', sender) };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const reason = `an M-Bus frame: ${error.message}`;
      if (typeof length !== 'number') return { fault: reason };
      this.#checked = true;
      return { length, take: (octets) => this.#events.push({ type: 'discarded', bytes: octets, reason }) };
    }
  }

  /** 10 C A checksum 16: commands and answers that carry nothing. */
  #mbusShort(): Looked {
    const end = this.#at + MBUS_SHORT_LENGTH;
    if (end > this.#end) return 'more';
    const [, control = 0, address = 0, sum, stop] = this.#bytes.subarray(this.#at, end);
    if (stop !== MBUS_STOP || sum !== ((control + address) & 0xff)) return undefined;
    const reason = 'an M-Bus short frame, which carries no data';
    return { length: MBUS_SHORT_LENGTH, take: (bytes) => this.#events.push({ type: 'discarded', bytes, reason }) };
  }

  #wrapper(): Looked {
    if (this.#checked && !this.#isClean()) return undefined;
    const header = this.#bytes.subarray(this.#at, this.#end);
    if (header.length < 2) return 'more';
    if (header[1] !== 1) return undefined;
    if (header.length <= WPDU_HEADER) return 'more';
    const length = ((header[6] as number) << 8) | (header[7] as number);
    // Without a check sequence only its content tells a header from a chance.
    if (length === 0 || !isContent(header[WPDU_HEADER])) return undefined;
    if (header.length < WPDU_HEADER + length) return 'more';
    const sender = header.subarray(2, 6).join(' ');
    return {
      length: WPDU_HEADER + length,
      take: (bytes) => this.#payload(bytes.subarray(WPDU_HEADER), 'wrapper', sender),
    };
  }

  /** An APDU behind an LLC header, without the frame. */
  #llc(): Looked {
    if (!this.#isClean()) return undefined;
    if (this.#end - this.#at <= LLC_LENGTH) return 'more';
    if (stripLlc(this.#bytes.subarray(this.#at, this.#end), 'any') === undefined) return undefined;
    const found = this.#bare(this.#at + LLC_LENGTH);
    if (typeof found !== 'object' || !('take' in found)) return found;
    return { length: found.length + LLC_LENGTH, take: (bytes) => found.take(bytes.subarray(LLC_LENGTH)) };
  }

  #bare(start: number): Looked {
    this.#walk ??= walkBareApdu(this.#bytes[start] as number);
    const length = this.#walk?.length(this.#bytes, start, this.#end);
    if (typeof length !== 'number') return length;
    return { length, take: (bytes) => this.#payload(bytes, 'bare', '') };
  }

  #telegram(isAll: boolean): Looked {
    const came = this.#bytes.subarray(0, this.#end);
    let end: number | undefined;
    try {
      end = this.#telegrams.endOf(came, this.#at, isAll);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return undefined;
    }
    if (end === undefined) return 'more';
    return {
      length: end - this.#at,
      take: (bytes) => this.#events.push({ type: 'payload', framing: 'text', bytes }),
    };
  }

  #joined({ message, lost, refused }: Joined, framing: PushFraming, sender: string): void {
    for (const reason of lost) this.#events.push({ type: 'incomplete', reason });
    if (refused !== undefined) this.#events.push({ type: 'incomplete', reason: refused });
    if (message !== undefined) this.#payload(message, framing, sender);
  }

  /** LLC headers go, blocks are joined. */
  #payload(octets: Uint8Array, framing: PushFraming, sender: string): void {
    let bytes = octets;
    for (let i = 0; i < MAX_LLC; i++) bytes = stripLlc(bytes, 'any') ?? bytes;
    if (bytes[0] !== APDU_TAGS['general-block-transfer']) {
      this.#events.push({
        type: 'payload',
        framing,
        bytes,
        ...(framing === 'wrapper' ? { ports: portsOf(sender) } : {}),
      });
      return;
    }
    try {
      const block = decodeApdu(bytes, { lenient: true });
      if (block.type !== 'general-block-transfer') return;
      const { blockNumber: number, last, raw } = block;
      const joined = this.#blocks.add(sender, { bytes: raw, first: number === 1, last, number });
      this.#joined(joined, framing, sender);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#events.push({ type: 'discarded', bytes, reason: `a block of general block transfer: ${error.message}` });
    }
  }
}

/** Of the four octets by which senders are told apart. */
function portsOf(sender: string): WrapperPorts {
  const [high = 0, low = 0, farHigh = 0, farLow = 0] = sender.split(' ').map(Number);
  return { source: (high << 8) | low, destination: (farHigh << 8) | farLow };
}

/** Flags and line ends stand between messages. */
function isFill(octet: number): boolean {
  return octet === FLAG || octet === 0x0d || octet === 0x0a;
}

/** Whether an APDU with this tag may be pushed. */
function isPushed(tag: number | undefined): boolean {
  return tag !== undefined && PUSHED.has(tag);
}

const PUSHED = new Set<number>([
  APDU_TAGS['data-notification'],
  APDU_TAGS['event-notification-request'],
  APDU_TAGS['general-glo-ciphering'],
  APDU_TAGS['general-ded-ciphering'],
  APDU_TAGS['general-ciphering'],
  APDU_TAGS['general-signing'],
  APDU_TAGS['general-block-transfer'],
]);

/** Whether a WPDU may begin so: an APDU, an LLC header, or a telegram. */
function isContent(octet: number | undefined): boolean {
  return octet !== undefined && (apduTagName(octet) !== undefined || octet === 0xff || octet === 0x2f);
}

/** Text of a modem or gateway, quoted so that it does nothing to a terminal. */
function textReason(bytes: Uint8Array): string | undefined {
  const text = bytes.filter((octet) => octet !== 0x0d && octet !== 0x0a && octet !== FLAG);
  return text.length < 3 || !isPrintable(text) ? undefined : `text that is no telegram, skipped: ${shownOctets(text)}`;
}
