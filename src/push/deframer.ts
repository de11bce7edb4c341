import type { GatewayApdu } from '../apdu/apdu.js';
import { decodeApdu } from '../apdu/codec.js';
import { gatewayText, isGatewayTag } from '../apdu/gateway.js';
import { APDU_TAGS, apduTagName } from '../apdu/tags.js';
import { isPrintable } from '../base/bytes.js';
import { DecodeError } from '../base/errors.js';
import { shownOctets } from '../base/shown.js';
import { counted } from '../base/words.js';
import { FLAG, FRAME_FAULTS, FrameScan, type HdlcFrame } from '../link/hdlc-frame.js';
import { LLC_LENGTH, stripLlc } from '../link/hdlc-llc.js';
import { decodeMbusFrame, isMbusStart, mbusFrameLength, mbusSegment } from '../link/mbus.js';
import { TelegramScan } from '../link/telegram-scan.js';
import { decodeWpdu } from '../link/wrapper-link.js';
import { type BareWalk, walkBareApdu } from './bare-apdu.js';
import type { DeframerEvent, PushEnds, PushFraming } from './found.js';
import { type Joined, PartJoiner, PartShelf } from './joiner.js';

/** A message begins at this place: its length and what to do with it. */
interface Found {
  readonly length: number;
  readonly take: (bytes: Uint8Array) => void;
}

/** What was found at a place; with a fault when a message seemed to begin there. */
type Looked = Found | 'more' | { readonly fault: string } | undefined;

const MBUS_SHORT_START = 0x10;
const MBUS_SHORT_LENGTH = 5;
const MBUS_STOP = 0x16;
/** 68 L L 68 */
const MBUS_HEAD = 4;
const WPDU_HEADER = 8;
/** The most LLC headers that are removed from one message: some meters send it twice. */
const MAX_LLC = 3;
/** The most octets without a message that are kept before they are reported. */
const MAX_GARBAGE = 1024;
/** A shorter beginning of a message may be chance and is not reported as cut off. */
const MIN_MESSAGE = 9;
const CAPACITY = 4096;
/** The most octets of a telegram. */
const MAX_TELEGRAM = 32 * 1024;
const NOTHING = 'no frame, APDU or telegram begins like this';

/**
 * Finds what meters push in a stream of octets, in any frame: the wrapper, HDLC (I and UI frames, in segments), long frames of the M-Bus (in
 * parts), APDUs without a frame, telegrams of IEC 62056-21; all of these mixed, and with noise between them. Blocks of general-block-transfer
 * are joined. Sans-I/O: octets go in, events come out; any chunking gives the same events. What is kept is bounded. An incomplete message is
 * reported when the next one begins or when nothing more comes.
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
  /**
   * Octets that were not reported yet are `#bytes` from `#start` to `#end`; those before `#at` are not a message. Events hold views of this
   * array, so it is never overwritten.
   */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #at = 0;
  #end = 0;
  /** The APDU without a frame that may begin at `#at`. */
  #walk: BareWalk | undefined;
  #fault: string | undefined;
  /** Whether the octets before `#at` are only flags and line ends, or only those, NULs and text. Updated with each octet. */
  #onlyFill = true;
  #onlyText = true;
  /**
   * Whether frames with a check sequence came on this line, or octets that were meant as one. From then on a message without a check sequence
   * is accepted only right after another message: elsewhere it may be the inside of a broken frame.
   */
  #checked = false;
  /** Whether octets that are not a message were reported since the last message. */
  #dirty = false;

  /** @param mode `datagram`: each chunk holds whole messages, as with UDP. */
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
   * The line was silent for longer than any gap within a frame: a frame that has begun will not continue. Further parts of a message are still
   * awaited, because each is a frame of its own.
   */
  pause(): void {
    this.#drain(true);
  }

  /** Nothing more will come. */
  flush(): void {
    this.#drain(true);
    for (const joiner of [this.#segments, this.#parts, this.#blocks]) this.#incomplete(joiner);
  }

  /** The next event; undefined when there is none left. */
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

  /** The octets to report next begin here. */
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

  /** Reports the octets before `#at`, unless they are only flags and line ends between messages. */
  #discard(): void {
    const bytes = this.#bytes.subarray(this.#start, this.#at);
    const fault = this.#fault;
    const onlyFill = this.#onlyFill;
    this.#begin();
    this.#fault = undefined;
    if (onlyFill) return;
    this.#dirty = true;
    // Segments of HDLC have no numbers: one may have been lost here.
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

  /** Whether an APDU without a frame is accepted here: after a message, or after text of a modem. */
  #isClean(): boolean {
    return this.#checked ? !this.#dirty && this.#onlyFill : this.#onlyText;
  }

  #hdlc(): Looked {
    const scan = this.#scan;
    const offset = this.#at + 1;
    scan.readHeader(this.#bytes, offset, this.#end);
    if (scan.fault !== undefined) {
      // Anything may follow a flag octet. Only a wrong check sequence shows that a frame was meant.
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
        reason: `an HDLC frame ${control.type}, which cannot carry a push`,
      });
      return;
    }
    const sender = [source.upper, source.lower, destination.upper, destination.lower].join(' ');
    const begins =
      stripLlc(information, 'any') !== undefined || (!this.#segments.isOpen(sender) && isPushed(information[0]));
    this.#joined(this.#segments.add(sender, { bytes: information, first: begins, last: !segmented }), 'hdlc', sender, {
      addresses: { source, destination },
    });
  }

  #mbus(isAll: boolean): Looked {
    if (this.#end - this.#at < MBUS_HEAD) return 'more';
    const bytes = this.#bytes.subarray(this.#at, this.#end);
    if (!isMbusStart(bytes)) return undefined;
    const length = mbusFrameLength(bytes, 0);
    if (length === 'more' && !isAll) return 'more';
    // Anything may look like the start of such a frame: its fault is reported once for all octets that are skipped together.
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
    // A header has no check sequence: only its content shows that it is one.
    if (length === 0 || !isContent(header[WPDU_HEADER])) return undefined;
    if (header.length < WPDU_HEADER + length) return 'more';
    return {
      length: WPDU_HEADER + length,
      take: (bytes) => {
        const { apdu, ...ports } = decodeWpdu(bytes);
        this.#payload(apdu, 'wrapper', `${ports.source} ${ports.destination}`, { ports });
      },
    };
  }

  /** An APDU after an LLC header, without the frame. */
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

  #joined({ message, lost, refused }: Joined, framing: PushFraming, sender: string, ends?: PushEnds): void {
    for (const reason of lost) this.#events.push({ type: 'incomplete', reason });
    if (refused !== undefined) this.#events.push({ type: 'incomplete', reason: refused });
    if (message !== undefined) this.#payload(message, framing, sender, ends);
  }

  /** Removes LLC headers and the header of a gateway, and joins blocks. */
  #payload(octets: Uint8Array, framing: PushFraming, sender: string, ends?: PushEnds): void {
    let bytes = octets;
    for (let i = 0; i < MAX_LLC; i++) bytes = stripLlc(bytes, 'any') ?? bytes;
    if (isGatewayTag(bytes[0]) && ends?.gateway === undefined) {
      this.#behind(bytes, framing, sender, ends);
      return;
    }
    if (bytes[0] !== APDU_TAGS['general-block-transfer']) {
      this.#events.push({ type: 'payload', framing, bytes, ...ends });
      return;
    }
    try {
      const block = decodeApdu(bytes, { lenient: true });
      if (block.type !== 'general-block-transfer') return;
      const { blockNumber: number, last, raw } = block;
      const joined = this.#blocks.add(sender, { bytes: raw, first: number === 1, last, number });
      this.#joined(joined, framing, sender, ends);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#events.push({ type: 'discarded', bytes, reason: `a block of general block transfer: ${error.message}` });
    }
  }

  /** Takes the header of a gateway off; some write that of a request before a push. */
  #behind(bytes: Uint8Array, framing: PushFraming, sender: string, ends?: PushEnds): void {
    try {
      const { apdu, networkId, physicalDeviceAddress } = decodeApdu(bytes) as GatewayApdu;
      const gateway = { networkId, physicalDeviceAddress };
      this.#payload(apdu, framing, `${sender} ${gatewayText(gateway)}`, { ...ends, gateway });
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#events.push({ type: 'discarded', bytes, reason: `the header of a gateway: ${error.message}` });
    }
  }
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
  APDU_TAGS['gateway-request'],
  APDU_TAGS['gateway-response'],
]);

/** Whether the content of a WPDU may begin with this octet: that of an APDU, an LLC header, or a telegram. */
function isContent(octet: number | undefined): boolean {
  return octet !== undefined && (apduTagName(octet) !== undefined || octet === 0xff || octet === 0x2f);
}

/** Text of a modem or gateway, quoted so that it cannot control a terminal. */
function textReason(bytes: Uint8Array): string | undefined {
  const text = bytes.filter((octet) => octet !== 0x0d && octet !== 0x0a && octet !== FLAG);
  return text.length < 3 || !isPrintable(text)
    ? undefined
    : `text that is not a telegram, skipped: ${shownOctets(text)}`;
}
