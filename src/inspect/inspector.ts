import type { Apdu } from '../apdu/apdu.js';
import { BlockReceiver } from '../apdu/block-receiver.js';
import { surplus } from '../apdu/codec.js';
import { deviationText } from '../apdu/deviation.js';
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

/** Who sent octets. */
export type Direction = 'client' | 'server';

/** A message that passed, for programs. Its values are not masked: it is not for printing. */
export interface InspectedMessage {
  readonly direction?: Direction;
  /** The APDU as it was sent, frames and LLC taken off, segments joined. */
  readonly octets: Uint8Array;
  /** The APDU that blocks of a general-block-transfer make together; with the last block. */
  readonly assembled?: Uint8Array;
  /** What was deciphered. */
  readonly plaintext?: Uint8Array;
  /**
   * Of what was deciphered: whether its tag proved who made it. False for encryption alone, and where no authentication key was given: do not
   * take such a value for a reading.
   */
  readonly authenticated?: boolean;
  /** As sent: perhaps ciphered. Undefined when it does not decode. */
  readonly outer?: Apdu;
  /** In clear; undefined when it does not decode or could not be opened. */
  readonly apdu?: Apdu;
  readonly error?: CosemError;
}

/** A frame, a WPDU, an APDU, or octets that are none of them. */
export interface Inspected {
  readonly node: InspectNode;
  readonly messages: readonly InspectedMessage[];
}

/** How an {@link Inspector} is made. */
export interface InspectorOptions extends InspectOptions {
  /** What frames are around the messages; found out from the first octets unless given. */
  readonly framing?: InspectedFraming;
}

/** What a unit turned out to be, while it is looked at. */
export interface UnitView {
  readonly draft: Draft;
  readonly messages: readonly InspectedMessage[];
}

/** Where a payload comes from, and where messages found in it go. */
interface Origin {
  readonly messages: InspectedMessage[];
  readonly direction: Direction | undefined;
  /** Tells one side from the other. */
  readonly sender: string;
}

interface Segments {
  readonly joiner: SegmentJoiner;
  /** Of the message under way. */
  count: number;
  octets: number;
  /** The last I frame with a segment: one that comes again is not joined again. */
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
/** Pairs of addresses whose segments are kept: they may be made up. */
const MAX_STATIONS = 64;
/** Of octets that make no sense this many are shown where secrets are masked: no more than a frame's header. */
const SHOWN_GARBAGE = 8;

/**
 * Looks at a whole conversation: it is given what both sides send, in any chunks, joins segments and blocks, and remembers system
 * titles, dedicated keys and questions. So a recording, or a trace of a live line, can be shown message for message. Never throws for
 * what a peer sent.
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

  /** @internal Whether what comes from the server may be a piece of a secret that was asked for. */
  get secretAsked(): boolean {
    return this.#conversation.secretAsked;
  }

  /** Takes octets of one side. Gives what is whole by now. */
  feed(chunk: Uint8Array, direction?: Direction): Inspected[] {
    return this.#cut(chunk, direction).map((unit) => this.#whole(unit, direction));
  }

  /** Nothing more will come: gives what is left over, as garbage, and a node `incomplete` for each message whose end has not come. */
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

  /** @internal What began and has not ended: segments, parts, blocks. */
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

  /** @internal Looks at a unit that begins at an offset of a larger piece. */
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
    // The rest of the message before it did not come.
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

  /** LLC header, where there is one, and APDU. */
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

  /** A payload that came without a frame: also a value alone. */
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
