/** Recordings of networks: pcap and pcapng, in both byte orders, with any resolution of time. */

import { StateError } from '../../base/errors.js';
import { counted } from '../../base/words.js';
import { Flows } from './flows.js';
import { packetOf } from './packet.js';
import type { Input } from './streams.js';

const PCAP_MICRO = 0xa1b2c3d4;
const PCAP_NANO = 0xa1b23c4d;
const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;

const BLOCK = { interface: 1, packet: 2, simple: 3, enhanced: 6 } as const;
/** The longest packet that is accepted; a longer one means that the file is damaged. */
const MAX_PACKET = 1024 * 1024;

/** One packet as it was recorded. */
interface Recorded {
  readonly linkType: number;
  readonly octets: Uint8Array;
  /** Octets of the packet on the network; the recording may have kept fewer. */
  readonly length: number;
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
  /** From the flags of an enhanced packet block. */
  readonly direction: 'in' | 'out' | undefined;
}

/** Whether octets begin like a recording. */
export function isCapture(bytes: Uint8Array): boolean {
  if (bytes.length < 24) return false;
  const view = viewOf(bytes);
  if (view.getUint32(0) === SECTION) return [true, false].some((little) => view.getUint32(8, little) === BYTE_ORDER);
  return [true, false].some((little) => [PCAP_MICRO, PCAP_NANO].includes(view.getUint32(0, little)));
}

/**
 * The conversations of a recording: joined TCP streams, UDP to port 4059, serial lines.
 * @throws StateError when no packet can be DLMS.
 */
export function readCapture(bytes: Uint8Array): Input {
  const form = viewOf(bytes).getUint32(0) === SECTION ? 'pcapng' : 'pcap';
  const remarks: string[] = [];
  const flows = new Flows();
  let packets = 0;
  let other = 0;
  let short = 0;
  for (const recorded of form === 'pcap' ? pcapPackets(bytes, remarks) : pcapngPackets(bytes, remarks)) {
    packets++;
    if (recorded.octets.length < recorded.length) short++;
    const packet = packetOf(recorded.linkType, recorded.octets, recorded.direction);
    if (packet === undefined) other++;
    else flows.add(packet, recorded.time);
  }
  const { streams, remarks: more } = flows.finish();
  if (other > 0) remarks.push(`${counted(other, 'packet')} of ${packets} left out: not TCP, UDP or serial`);
  if (short > 0)
    remarks.push(`${counted(short, 'packet was', 'packets were')} recorded only in part: octets are missing`);
  if (streams.length === 0) {
    throw new StateError(
      `the recording has ${counted(packets, 'packet')}, but none with data of TCP, UDP or a serial line`,
      {
        hint: 'record on the interface that leads to the meter',
      },
    );
  }
  return { form, streams, remarks: [...remarks, ...more] };
}

function* pcapPackets(bytes: Uint8Array, remarks: string[]): Generator<Recorded> {
  const view = viewOf(bytes);
  const little = [PCAP_MICRO, PCAP_NANO].includes(view.getUint32(0, true));
  const perSecond = view.getUint32(0, little) === PCAP_NANO ? 1e9 : 1e6;
  const linkType = view.getUint32(20, little) & 0xffff;
  let at = 24;
  while (at + 16 <= bytes.length) {
    const time = view.getUint32(at, little) * 1000 + (view.getUint32(at + 4, little) * 1000) / perSecond;
    const kept = view.getUint32(at + 8, little);
    const length = view.getUint32(at + 12, little);
    if (kept > MAX_PACKET || at + 16 + kept > bytes.length) break;
    yield { linkType, octets: bytes.subarray(at + 16, at + 16 + kept), length, time, direction: undefined };
    at += 16 + kept;
  }
  if (at < bytes.length) remarks.push(cutRemark(bytes.length - at));
}

interface Interface {
  readonly linkType: number;
  readonly perSecond: number;
  readonly snapLength: number;
}

function* pcapngPackets(bytes: Uint8Array, remarks: string[]): Generator<Recorded> {
  const view = viewOf(bytes);
  let little = true;
  let interfaces: Interface[] = [];
  let at = 0;
  while (at + 12 <= bytes.length) {
    if (view.getUint32(at) === SECTION) {
      little = view.getUint32(at + 8, true) === BYTE_ORDER;
      interfaces = [];
    }
    const type = view.getUint32(at, little);
    const length = view.getUint32(at + 4, little);
    if (length < 12 || length % 4 !== 0 || at + length > bytes.length) break;
    const body = { view, bytes, little, start: at + 8, end: at + length - 4 };
    if (type === BLOCK.interface && length >= 20) interfaces.push(interfaceOf(body));
    else {
      const packet = packetBlock(type, body, interfaces);
      if (packet !== undefined) yield packet;
    }
    at += length;
  }
  if (at < bytes.length) remarks.push(cutRemark(bytes.length - at));
}

interface Body {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly little: boolean;
  readonly start: number;
  readonly end: number;
}

function interfaceOf({ view, bytes, little, start, end }: Body): Interface {
  let perSecond = 1e6;
  for (const { code, at, length } of optionsOf(view, little, start + 8, end)) {
    if (code !== 9 || length < 1) continue;
    const resolution = bytes[at] as number;
    perSecond = resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
  }
  return { linkType: view.getUint16(start, little), perSecond, snapLength: view.getUint32(start + 4, little) };
}

function packetBlock(type: number, body: Body, interfaces: readonly Interface[]): Recorded | undefined {
  const { view, bytes, little, start, end } = body;
  if (type === BLOCK.simple && end - start >= 4) {
    const [first] = interfaces;
    if (first === undefined) return undefined;
    const length = view.getUint32(start, little);
    const limit = first.snapLength === 0 ? length : Math.min(length, first.snapLength);
    const octets = bytes.subarray(start + 4, Math.min(end, start + 4 + limit));
    return { linkType: first.linkType, octets, length, time: undefined, direction: undefined };
  }
  if ((type !== BLOCK.enhanced && type !== BLOCK.packet) || end - start < 20) return undefined;
  const index = type === BLOCK.enhanced ? view.getUint32(start, little) : view.getUint16(start, little);
  const on = interfaces[index];
  if (on === undefined) return undefined;
  const ticks = view.getUint32(start + 4, little) * 2 ** 32 + view.getUint32(start + 8, little);
  const kept = view.getUint32(start + 12, little);
  if (start + 20 + kept > end) return undefined;
  let direction: Recorded['direction'];
  const options = start + 20 + 4 * Math.ceil(kept / 4);
  for (const { code, at, length } of optionsOf(view, little, options, end)) {
    if (code !== 2 || length !== 4) continue;
    const flags = view.getUint32(at, little) & 3;
    direction = flags === 1 ? 'in' : flags === 2 ? 'out' : undefined;
  }
  return {
    linkType: on.linkType,
    octets: bytes.subarray(start + 20, start + 20 + kept),
    length: view.getUint32(start + 16, little),
    time: (ticks / on.perSecond) * 1000,
    direction,
  };
}

function* optionsOf(
  view: DataView,
  little: boolean,
  start: number,
  end: number,
): Generator<{ readonly code: number; readonly at: number; readonly length: number }> {
  let at = start;
  while (at + 4 <= end) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === 0 || at + 4 + length > end) return;
    yield { code, at: at + 4, length };
    at += 4 + 4 * Math.ceil(length / 4);
  }
}

function cutRemark(octets: number): string {
  return `the recording is cut off: its last ${counted(octets, 'octet')} are not a whole packet`;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
