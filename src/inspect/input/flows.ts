/** Makes conversations of packets: TCP in order, without repetitions, and with remarks on what is missing. */

import { counted } from '../../base/words.js';
import type { Packet } from './packet.js';
import type { InputPiece, InputStream } from './streams.js';

type Side = 'client' | 'server';

/** What one side of a TCP connection sent. */
interface Half {
  /** Sequence number of the next octet; undefined before the first packet. */
  due: number | undefined;
  /** Segments after a gap, in the order of their beginnings. */
  early: Segment[];
  earlyOctets: number;
}

interface Segment {
  readonly start: number;
  readonly data: Uint8Array;
  readonly time: number | undefined;
}

interface StreamFlow {
  readonly name: string;
  readonly pieces: InputPiece[];
  /** The side that asks: `10.0.0.7:50123`. */
  client: string | undefined;
  readonly halves: Map<string, Half>;
  repeated: number;
  missing: number;
  late: number;
}

/** The most octets after a gap that are kept; with more, the missing octets are given up. */
const MAX_EARLY = 256 * 1024;
/** The same in segments. */
const MAX_EARLY_SEGMENTS = 4096;
/** The most connections that are told apart. */
const MAX_FLOWS = 10_000;
const DLMS_PORT = 4059;
const WRAP = 2 ** 32;

/** Puts packets together, connection by connection. */
export class Flows {
  readonly #flows = new Map<string, StreamFlow>();
  readonly #closed: StreamFlow[] = [];
  #left = 0;

  add(packet: Packet, time: number | undefined): void {
    if (packet.kind === 'serial') {
      const flow = this.#flow('serial line', 'serial line', undefined);
      const direction = packet.direction === 'out' ? 'client' : packet.direction === 'in' ? 'server' : undefined;
      push(flow, packet.data, time, direction);
      return;
    }
    const from = `${packet.from}:${packet.fromPort}`;
    const to = `${packet.to}:${packet.toPort}`;
    const key = `${packet.kind} ${[from, to].sort().join(' ')}`;
    // A new connection between the same ports is another conversation.
    const before = this.#flows.get(key);
    if (packet.kind === 'tcp' && packet.syn && !packet.ack && before?.pieces.length) {
      this.#settle(before);
      this.#closed.push(before);
      this.#flows.delete(key);
    }
    const client = clientOf(packet, from, to);
    const kind = packet.kind.toUpperCase();
    const flow = this.#flow(key, `${client ?? from} to ${client === to ? from : to}, ${kind}`, client ?? from);
    const direction: Side = flow.client === from ? 'client' : 'server';
    if (packet.kind === 'udp') push(flow, packet.data, time, direction);
    else this.#segment(flow, from, packet, time, direction);
  }

  finish(): { readonly streams: readonly InputStream[]; readonly remarks: readonly string[] } {
    const remarks: string[] = [];
    const streams: InputStream[] = [];
    for (const flow of this.#flows.values()) this.#settle(flow);
    for (const flow of [...this.#closed, ...this.#flows.values()]) {
      const { name, pieces } = flow;
      if (pieces.length > 0) streams.push({ name, pieces });
      if (flow.repeated > 0) remarks.push(`${name}: ${counted(flow.repeated, 'packet')} sent again, taken once`);
      if (flow.late > 0) remarks.push(`${name}: ${counted(flow.late, 'packet')} out of order, put in order`);
      if (flow.missing > 0) remarks.push(`${name}: ${counted(flow.missing, 'octet')} missing in the recording`);
    }
    if (this.#left > 0)
      remarks.push(`more than ${counted(MAX_FLOWS, 'conversation')}: ${counted(this.#left, 'packet')} left out`);
    return { streams, remarks };
  }

  #flow(key: string, name: string, client: string | undefined): StreamFlow {
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      flow = { name, pieces: [], client, halves: new Map(), repeated: 0, missing: 0, late: 0 };
      if (this.#flows.size + this.#closed.length < MAX_FLOWS) this.#flows.set(key, flow);
      else this.#left++;
    }
    return flow;
  }

  #segment(
    flow: StreamFlow,
    from: string,
    { sequence, syn, data }: Extract<Packet, { kind: 'tcp' | 'udp' }>,
    time: number | undefined,
    direction: Side,
  ): void {
    let half = flow.halves.get(from);
    if (half === undefined) {
      half = { due: undefined, early: [], earlyOctets: 0 };
      flow.halves.set(from, half);
    }
    const start = syn ? (sequence + 1) % WRAP : sequence;
    if (half.due === undefined || (syn && half.early.length === 0 && data.length === 0)) half.due = start;
    if (data.length === 0) return;
    const ahead = distance(half.due, start);
    if (ahead > 0) {
      keepEarly(flow, half, { start, data, time });
      if (half.earlyOctets > MAX_EARLY || half.early.length > MAX_EARLY_SEGMENTS) this.#skip(flow, half, direction);
      return;
    }
    this.#take(flow, half, start, data, time, direction);
    this.#drain(flow, half, direction);
  }

  #take(
    flow: StreamFlow,
    half: Half,
    start: number,
    data: Uint8Array,
    time: number | undefined,
    direction: Side,
  ): void {
    const old = -distance(half.due as number, start);
    // A keep-alive, for instance, repeats one octet that was acknowledged already.
    if (old >= data.length) {
      flow.repeated++;
      return;
    }
    push(flow, data.subarray(old), time, direction);
    half.due = (start + data.length) % WRAP;
  }

  #drain(flow: StreamFlow, half: Half, direction: Side): void {
    let taken = 0;
    for (const { start, data, time } of half.early) {
      // A repetition may be cut into other segments: then the next octet lies within a segment.
      if (distance(half.due as number, start) > 0) break;
      taken++;
      half.earlyOctets -= data.length;
      if (distance(half.due as number, start) + data.length > 0) flow.late++;
      this.#take(flow, half, start, data, time, direction);
    }
    half.early.splice(0, taken);
  }

  /** Gives up the missing octets and continues after the gap. */
  #skip(flow: StreamFlow, half: Half, direction: Side): void {
    const ordered = half.early;
    half.early = [];
    half.earlyOctets = 0;
    for (const { start, data, time } of ordered) {
      const gap = distance(half.due as number, start);
      if (gap > 0) {
        flow.missing += gap;
        half.due = start;
      }
      this.#take(flow, half, start, data, time, direction);
    }
  }

  #settle(flow: StreamFlow): void {
    for (const [from, half] of flow.halves) {
      if (half.early.length > 0) this.#skip(flow, half, flow.client === from ? 'client' : 'server');
    }
  }
}

/** Inserts a segment in order; of two that begin at the same octet the longer one is kept. */
function keepEarly(flow: StreamFlow, half: Half, segment: Segment): void {
  const { early } = half;
  let [low, high] = [0, early.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (distance((early[middle] as Segment).start, segment.start) > 0) low = middle + 1;
    else high = middle;
  }
  const same = early[low]?.start === segment.start ? early[low] : undefined;
  if (same !== undefined) flow.repeated++;
  if (same !== undefined && same.data.length >= segment.data.length) return;
  early.splice(low, same === undefined ? 0 : 1, segment);
  half.earlyOctets += segment.data.length - (same?.data.length ?? 0);
}

function push(flow: StreamFlow, octets: Uint8Array, time: number | undefined, direction: Side | undefined): void {
  if (octets.length === 0) return;
  flow.pieces.push({ octets, ...(direction && { direction }), ...(time !== undefined && { time }) });
}

/** The side that asks: the one that speaks to the port of DLMS, or that opened the connection. */
function clientOf(packet: Extract<Packet, { kind: 'tcp' | 'udp' }>, from: string, to: string): string | undefined {
  if (packet.toPort === DLMS_PORT && packet.fromPort !== DLMS_PORT) return from;
  if (packet.fromPort === DLMS_PORT && packet.toPort !== DLMS_PORT) return to;
  if (packet.kind === 'tcp' && packet.syn) return packet.ack ? to : from;
  return undefined;
}

/** How far `b` is after `a` in the sequence numbers of TCP; negative when it is before. */
function distance(a: number, b: number): number {
  const difference = (b - a + WRAP) % WRAP;
  return difference > WRAP / 2 ? difference - WRAP : difference;
}
