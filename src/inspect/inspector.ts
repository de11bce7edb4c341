import type { Apdu } from '../apdu/apdu.js';
import { BlockReceiver } from '../apdu/block-receiver.js';
import { deviationText } from '../apdu/deviation.js';
import { surplus } from '../apdu/opening-codec.js';
import { equalBytes, isPrintable, toHex, toLatin1 } from '../base/bytes.js';
import { Reader } from '../base/cursor.js';
import type { CosemError } from '../base/errors.js';
import { DecodeError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import { counted } from '../base/words.js';
import { addressText, type HdlcFrame } from '../link/hdlc-frame.js';
import { LLC_LENGTH } from '../link/hdlc-llc.js';
import { SegmentJoiner } from '../link/hdlc-station.js';
import { type MbusFrame, mbusSegment } from '../link/mbus.js';
import { surplusNode, viewApdu } from './apdu-node.js';
import { Conversation } from './conversation.js';
import { cutDataNode } from './cut-node.js';
import { dataNode } from './data-node.js';
import { rawMeaning } from './field-node.js';
import { hdlcNode, llcNodes, mbusNode, parametersNode, wrapperNode } from './frame-node.js';
import { iec21Nodes } from './iec21-node.js';
import { type Draft, type InspectNode, node, nodeError, refuseDeviations, seal } from './node.js';
import type { InspectOptions } from './options.js';
import { recogniseFraming, recognisePayload } from './recognise.js';
import { type Cutter, cutterFor, type InspectedFraming, type StreamUnit } from './units.js';

/** Who sent octets: the client or the server. */
export type Direction = 'client' | 'server';

/** A message, for programs. Its values are never masked: do not print it. */
export interface InspectedMessage {
  /** Who sent it, where that is known. */
  readonly direction?: Direction;
  /** The APDU as it was sent, without frames and LLC header, with segments joined. */
  readonly octets: Uint8Array;
  /** The APDU that the blocks of a general-block-transfer make together; only with the last block. */
  readonly assembled?: Uint8Array;
  /** The deciphered octets. */
  readonly plaintext?: Uint8Array;
  /**
   * Whether the authentication tag of a deciphered message was right. False for encryption alone, and when no authentication key was given: do
   * not use such a value as a reading.
   */
  readonly authenticated?: boolean;
  /** The APDU as it was sent, perhaps ciphered; undefined when it does not decode. */
  readonly outer?: Apdu;
  /** The APDU without protection; undefined when it does not decode or could not be opened. */
  readonly apdu?: Apdu;
  /** Why it does not decode or could not be opened. */
  readonly error?: CosemError;
}

/** What became of octets: a frame, a WPDU, an APDU, or octets that are none of them. */
export interface Inspected {
  /** The tree for people. */
  readonly node: InspectNode;
  /** The messages in it, for programs. */
  readonly messages: readonly InspectedMessage[];
}

/** Options of an {@link Inspector} and of `inspect`. */
export interface InspectorOptions extends InspectOptions {
  /** The frames in which the messages are. By default it is recognised by the first octets. */
  readonly framing?: InspectedFraming;
}

/** A unit with its node, which is still being made. */
export interface UnitView {
  readonly draft: Draft;
  readonly messages: readonly InspectedMessage[];
}

/** Where a payload comes from, and where the messages found in it go. */
interface Origin {
  readonly messages: InspectedMessage[];
  readonly direction: Direction | undefined;
  /** Tells one side from the other. */
  readonly sender: string;
}

interface Segments {
  readonly joiner: SegmentJoiner;
  /** Segments and octets of the incomplete message. */
  count: number;
  octets: number;
  /** The last I frame with a segment, so that a repetition is not joined again. */
  last: { readonly ns: number; readonly information: Uint8Array } | undefined;
}

const INSPECTOR_OPTIONS: OptionNames<InspectorOptions> = {
  keys: true,
  titles: true,
  companion: true,
  strict: true,
  mask: true,
  crypto: true,
  framing: true,
};

/** Longest payload that is joined of segments. */
const MAX_PAYLOAD = 1024 * 1024;
/** The most pairs of addresses whose segments are kept; addresses may be forged. */
const MAX_STATIONS = 64;
/** The most octets of garbage that are shown where secrets are masked: about the header of a frame. */
const SHOWN_GARBAGE = 8;

/**
 * Takes a whole conversation apart. It is given what both sides send, in any chunks, joins segments and blocks, and remembers system titles,
 * dedicated keys and requests. So a recording, or a live line, can be shown message by message. Never throws because of what a peer sent.
 *
 * @example
 * ```ts
 * const inspector = new Inspector({ framing: 'hdlc', mask: true });
 * for (const { node } of inspector.feed(octets, 'server')) console.log(renderLine(node));
 * ```
 */
export class Inspector {
  readonly #options: InspectorOptions;
  readonly #conversation: Conversation;
  readonly #cutters = new Map<Direction | undefined, Cutter>();
  readonly #segments = new Map<string, Segments>();
  #framing: InspectedFraming | undefined;
  #mbus: BlockReceiver | undefined;

  constructor(options: InspectorOptions = {}) {
    checkOptions(options, INSPECTOR_OPTIONS, 'Inspector');
    this.#options = options;
    this.#conversation = new Conversation(options);
    this.#framing = options.framing;
  }

  /** @internal Whether octets of the server may be part of a secret that was asked for. */
  get secretAsked(): boolean {
    return this.#conversation.secretAsked;
  }

  /** Takes octets of one side. @returns what is complete by now. */
  feed(chunk: Uint8Array, direction?: Direction): Inspected[] {
    return this.#cut(chunk, direction).map((unit) => this.#whole(unit, direction));
  }

  /** Nothing more will come. @returns what is left over, as garbage, and a node `incomplete` for each message whose end is missing. */
  flush(): Inspected[] {
    const rest: Inspected[] = [];
    for (const [direction, cutter] of this.#cutters) {
      for (const unit of cutter.flush()) rest.push(this.#whole(unit, direction));
    }
    for (const draft of this.incomplete(0)) {
      rest.push({ node: seal({ draft, bytes: new Uint8Array(0) }), messages: [] });
    }
    return rest;
  }

  /** @internal Nodes of incomplete messages: segments, parts, blocks. */
  incomplete(at: number): Draft[] {
    const texts: string[] = [];
    for (const [stations, { count, octets }] of this.#segments) {
      if (count === 0) continue;
      const [source, destination] = stations.split(' ');
      const came = `${counted(count, 'segment')} with ${counted(octets, 'octet')} came`;
      texts.push(`the message from ${source} to ${destination} is incomplete: ${came}, the last one did not`);
    }
    if (this.#mbus !== undefined) texts.push(mbusMissing(this.#mbus));
    return [...texts, ...this.#conversation.incomplete()].map((message) =>
      node('incomplete', at, at, { error: { reason: 'incomplete', message } }),
    );
  }

  /** @internal Cuts a chunk into units. */
  cutAll(bytes: Uint8Array): StreamUnit[] {
    return [...this.#cut(bytes, undefined), ...[...this.#cutters.values()].flatMap((cutter) => cutter.flush())];
  }

  #cut(chunk: Uint8Array, direction: Direction | undefined): StreamUnit[] {
    this.#framing ??= recogniseFraming(chunk);
    let cutter = this.#cutters.get(direction);
    if (cutter === undefined) {
      cutter = cutterFor(this.#framing);
      this.#cutters.set(direction, cutter);
    }
    return cutter.push(chunk);
  }

  #whole(unit: StreamUnit, direction: Direction | undefined): Inspected {
    const { draft, messages } = this.view(unit, unit.octets, 0, direction);
    return { node: seal({ draft, bytes: unit.octets }), messages };
  }

  /** @internal Takes a unit apart that begins at an offset of a larger piece. */
  view(unit: StreamUnit, bytes: Uint8Array, start: number, direction?: Direction): UnitView {
    const view = this.#view(unit, bytes, start, direction);
    if (this.#options.strict === true) refuseDeviations(view.draft);
    return view;
  }

  #view(unit: StreamUnit, bytes: Uint8Array, start: number, direction: Direction | undefined): UnitView {
    const messages: InspectedMessage[] = [];
    const end = start + unit.octets.length;
    const from = (sender: string): Origin => ({ messages, direction, sender });
    switch (unit.kind) {
      case 'hdlc': {
        const { frame } = unit;
        const inside = (first: number, last: number) =>
          this.#information(bytes, first, last, frame, from(addressText(frame.source)));
        return { draft: hdlcNode(bytes, start, frame, unit.octets.length, inside), messages };
      }
      case 'wrapper': {
        const payload = this.#payload(bytes, start + 8, end, from(toHex(bytes.subarray(start + 2, start + 4))));
        const draft = wrapperNode(bytes, start, end, payload);
        if (unit.error !== undefined) draft.error = nodeError(unit.error);
        return { draft, messages };
      }
      case 'm-bus': {
        const information = this.#mbusInformation(bytes, start + 9, unit.frame, from('meter'));
        return { draft: mbusNode(start, unit.frame, information), messages };
      }
      case 'bare': {
        const nodes = this.#bare(bytes, start, end, from(direction ?? ''));
        const [only] = nodes;
        const draft =
          nodes.length === 1 && only !== undefined ? only : node('payload', start, end, { children: nodes });
        return { draft, messages };
      }
      case 'garbage':
        return { draft: this.#garbage(bytes, start, end, unit.error), messages };
    }
  }

  #garbage(bytes: Uint8Array, start: number, end: number, error: DecodeError): Draft {
    const octets = bytes.subarray(start, end);
    const text = isPrintable(Uint8Array.from([...octets].filter((octet) => octet !== 13 && octet !== 10)))
      ? { text: JSON.stringify(toLatin1(octets)) }
      : {};
    if (!this.#options.mask) return node('garbage', start, end, { error: nodeError(error), ...text });
    const shown = Math.min(end, start + SHOWN_GARBAGE);
    const children = [node('beginning', start, shown)];
    if (shown < end) children.push(node('rest', shown, end, { masked: true, text: counted(end - shown, 'octet') }));
    return node('garbage', start, end, { error: nodeError(error), children });
  }

  /** The information field of an HDLC frame. */
  #information(bytes: Uint8Array, start: number, end: number, frame: HdlcFrame, origin: Origin): Draft[] {
    const { type } = frame.control;
    if (type === 'SNRM' || type === 'UA') return [parametersNode(bytes, start, end)];
    if (type !== 'I' && type !== 'UI') {
      return [node('information', start, end, rawMeaning(bytes.subarray(start, end), this.#options))];
    }
    const segments = this.#segmentsOf(frame);
    const information = bytes.subarray(start, end);
    if (!frame.segmented && !segments.joiner.open) return this.#payload(bytes, start, end, origin);
    const text = `${counted(end - start, 'octet')} of a longer message`;
    const meaning = this.#options.mask ? { masked: true as const, text } : { text };
    const draft = node('segment', start, end, meaning);
    if (type === 'I' && isRepeated(segments, frame)) return [{ ...draft, text: `${text}, sent again` }];
    segments.last = { ns: frame.control.ns, information };
    const joined = segments.joiner.add(information, frame.segmented);
    segments.count = joined === 'more' ? segments.count + 1 : 0;
    segments.octets = joined === 'more' ? segments.octets + information.length : 0;
    if (joined === 'more') return [draft];
    if (joined === 'too-long') {
      const error = { reason: 'bad-length', message: `a message of more than ${MAX_PAYLOAD} octets` };
      return [{ ...draft, error }];
    }
    const whole = node('joined', 0, joined.length, {
      text: `${counted(joined.length, 'octet')} of all segments`,
      children: this.#payload(joined, 0, joined.length, origin),
    });
    return [draft, seal({ draft: whole, bytes: joined })];
  }

  #segmentsOf({ source, destination }: HdlcFrame): Segments {
    const key = `${addressText(source)} ${addressText(destination)}`;
    let segments = this.#segments.get(key);
    if (segments === undefined) {
      segments = { joiner: new SegmentJoiner(MAX_PAYLOAD), count: 0, octets: 0, last: undefined };
      if (this.#segments.size === MAX_STATIONS) this.#segments.clear();
      this.#segments.set(key, segments);
    }
    return segments;
  }

  #mbusInformation(bytes: Uint8Array, start: number, frame: MbusFrame, origin: Origin): Draft[] {
    const { number, last } = mbusSegment(frame);
    const end = start + frame.information.length;
    if (number === 0 && last) return this.#payload(bytes, start, end, origin);
    const draft = node('segment', start, end, { text: `${counted(end - start, 'octet')} of a longer message` });
    // A new message begins before the old one was complete.
    if (number === 0 && this.#mbus !== undefined) {
      draft.error = { reason: 'incomplete', message: `before it ${mbusMissing(this.#mbus)}` };
    }
    if (number === 0 || this.#mbus === undefined) this.#mbus = new BlockReceiver(MAX_PAYLOAD);
    try {
      this.#mbus.add({ number: number + 1, last, raw: frame.information });
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#mbus = undefined;
      return [{ ...draft, error: nodeError(error) }];
    }
    if (!last) return [draft];
    const joined = this.#mbus.finish();
    this.#mbus = undefined;
    const children = this.#payload(joined, 0, joined.length, origin);
    const whole = node('joined', 0, joined.length, {
      text: `${counted(joined.length, 'octet')} of all segments`,
      children,
    });
    return [draft, seal({ draft: whole, bytes: joined })];
  }

  /** Nodes of the LLC header, where there is one, and the APDU. */
  #payload(bytes: Uint8Array, start: number, end: number, origin: Origin): Draft[] {
    const headers = llcNodes(bytes, start, end);
    const from = start + LLC_LENGTH * headers.length;
    if (from === end && headers.length > 0) return headers;
    const scope = { options: this.#options, conversation: this.#conversation, sender: origin.sender, depth: 0 };
    const view = viewApdu(bytes, from, end, scope);
    const { outer, apdu, plaintext, assembled, authenticated, error } = view;
    origin.messages.push({
      octets: bytes.subarray(from, end),
      ...(origin.direction && { direction: origin.direction }),
      ...(assembled && { assembled }),
      ...(plaintext && { plaintext }),
      ...(authenticated !== undefined && { authenticated }),
      ...(outer && { outer }),
      ...(apdu && { apdu }),
      ...(error && { error }),
    });
    return [...headers, view.draft];
  }

  /** Nodes of a payload without a frame, which may also be a single value. */
  #bare(bytes: Uint8Array, start: number, end: number, origin: Origin): Draft[] {
    const octets = bytes.subarray(start, end);
    switch (recognisePayload(octets, this.#options.strict)) {
      case 'llc':
      case 'apdu':
        return this.#payload(bytes, start, end, origin);
      case 'data': {
        const r = new Reader(bytes, start, end);
        const data = dataNode(r, 'data', undefined, this.#options.companion);
        if (r.remaining === 0) return [data];
        data.remarks = [deviationText(surplus(r, 'value'))];
        return [data, surplusNode(bytes, r.offset, end, this.#options)];
      }
      case 'cut-data':
        return [cutDataNode(new Reader(bytes, start, end), 'data', undefined, this.#options.companion)];
      case 'iec-62056-21':
        return iec21Nodes(bytes, start, end);
      default: {
        const first = bytes[start];
        const what = first === undefined ? 'no octets' : 'no frame, APDU or value begins like this';
        const reason = first === undefined ? 'truncated' : 'unknown-tag';
        return [this.#garbage(bytes, start, end, new DecodeError(reason, what, start))];
      }
    }
  }
}

function mbusMissing({ number }: BlockReceiver): string {
  return `the message is incomplete: segment ${number - 1} came, segment ${number} and the last one did not`;
}

function isRepeated({ last }: Segments, { control, information }: HdlcFrame): boolean {
  return last !== undefined && last.ns === control.ns && equalBytes(last.information, information);
}
