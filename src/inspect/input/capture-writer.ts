/** Recordings that Wireshark opens: pcapng of a made-up connection that carries the wrapper or HDLC. */

import { concat, fromLatin1 } from '../../base/bytes.js';
import { StateError } from '../../base/errors.js';
import { checkOptions } from '../../base/known-options.js';

/** What a recording contains. */
export interface CaptureOptions {
  /** Transport of the recorded packets. Serial lines are shown as TCP. Default `tcp`. */
  readonly protocol?: 'tcp' | 'udp';
  /** Port of the meter. Default 4059, by which Wireshark recognises DLMS. */
  readonly port?: number;
  /** A comment on the whole recording. */
  readonly comment?: string;
}

const PORT = 4059;
const CLIENT_PORT = 50_000;
const CLIENT = [10, 0, 0, 1];
const METER = [10, 0, 0, 2];
const CLIENT_MAC = [2, 0, 0, 0, 0, 1];
const METER_MAC = [2, 0, 0, 0, 0, 2];
/** The most octets of a TCP segment on Ethernet. */
const SEGMENT = 1460;
/** The most octets of a UDP datagram over IPv4. */
const DATAGRAM = 65_507;
const FLAGS = { syn: 0x02, ack: 0x10, push: 0x08, end: 0x01 } as const;

type Side = 'client' | 'server';

/**
 * Makes a pcapng recording (IETF draft-ietf-opsawg-pcapng), piece by piece: append each result to the file. Addresses, ports and sequence numbers
 * are made up; checksums are right. Times are milliseconds since 1970.
 *
 * @example
 * ```ts
 * const writer = new CaptureWriter();
 * const file = concat(writer.begin(now), writer.add(octets, 'client', now), writer.end(now));
 * ```
 */
export class CaptureWriter {
  readonly #udp: boolean;
  readonly #port: number;
  readonly #sent: Record<Side, number> = { client: 1, server: 1 };
  readonly #comment: string | undefined;
  #packets = 0;
  #remarks: string[] = [];

  constructor(options: CaptureOptions = {}) {
    checkOptions(options, { protocol: true, port: true, comment: true }, 'CaptureWriter');
    const { protocol = 'tcp', port = PORT, comment } = options;
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new StateError(`${port} is not a port`);
    this.#udp = protocol === 'udp';
    this.#port = port;
    this.#comment = comment;
  }

  /** The beginning of the file: section, interface, and the opening of the connection. Call it once, first. */
  begin(time: number): Uint8Array {
    const section = block(0x0a0d0d0a, concat(u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)), [
      ...(this.#comment === undefined ? [] : [textOption(1, this.#comment)]),
      textOption(4, 'cosem'),
    ]);
    // Ethernet, no limit; times in microseconds.
    const line = block(1, concat(u16(1), u16(0), u32(0)), [textOption(2, 'cosem'), option(9, Uint8Array.of(6))]);
    if (this.#udp) return concat(section, line);
    const opening = [
      this.#packet('client', FLAGS.syn, new Uint8Array(0), time, -1),
      this.#packet('server', FLAGS.syn | FLAGS.ack, new Uint8Array(0), time, -1),
      this.#packet('client', FLAGS.ack, new Uint8Array(0), time),
    ];
    return concat(section, line, ...opening);
  }

  /** Packets with octets that one side sent. */
  add(octets: Uint8Array, from: Side, time: number): Uint8Array {
    const most = this.#udp ? DATAGRAM : SEGMENT;
    const packets: Uint8Array[] = [];
    for (let at = 0; at < octets.length; at += most) {
      const piece = octets.subarray(at, at + most);
      packets.push(this.#packet(from, FLAGS.ack | FLAGS.push, piece, time));
      this.#sent[from] = (this.#sent[from] + piece.length) >>> 0;
    }
    return concat(...packets);
  }

  /** Adds a comment to the next packet. */
  remark(text: string): void {
    if (this.#remarks.length < 16) this.#remarks.push(text);
  }

  /** The end of the file: the connection is closed. */
  end(time: number): Uint8Array {
    return this.#udp ? new Uint8Array(0) : this.#packet('client', FLAGS.end | FLAGS.ack, new Uint8Array(0), time);
  }

  #packet(from: Side, flags: number, data: Uint8Array, time: number, before = 0): Uint8Array {
    const other = from === 'client' ? 'server' : 'client';
    const [source, destination] = from === 'client' ? [CLIENT, METER] : [METER, CLIENT];
    const [sourceMac, destinationMac] = from === 'client' ? [CLIENT_MAC, METER_MAC] : [METER_MAC, CLIENT_MAC];
    const [sourcePort, destinationPort] = from === 'client' ? [CLIENT_PORT, this.#port] : [this.#port, CLIENT_PORT];
    const ports = concat(net16(sourcePort), net16(destinationPort));
    const acknowledged = (flags & FLAGS.ack) === 0 ? 0 : this.#sent[other];
    const header = this.#udp
      ? concat(ports, net16(8 + data.length), net16(0))
      : concat(
          ports,
          net32((this.#sent[from] + before) >>> 0),
          net32(acknowledged),
          Uint8Array.of(0x50, flags),
          net16(0xffff),
          net16(0),
          net16(0),
        );
    const protocol = this.#udp ? 17 : 6;
    const segment = concat(header, data);
    const pseudo = concat(Uint8Array.from([...source, ...destination, 0, protocol]), net16(segment.length));
    const sum = checksum(concat(pseudo, segment));
    segment.set(net16(this.#udp && sum === 0 ? 0xffff : sum), this.#udp ? 6 : 16);
    const ip = Uint8Array.from([
      0x45,
      0,
      ...net16(20 + segment.length),
      ...net16(this.#packets++ & 0xffff),
      0x40,
      0,
      64,
      protocol,
      0,
      0,
      ...source,
      ...destination,
    ]);
    ip.set(net16(checksum(ip)), 10);
    const frame = concat(Uint8Array.from([...destinationMac, ...sourceMac, 0x08, 0x00]), ip, segment);
    const micros = Math.max(0, Math.round(time * 1000));
    const head = concat(
      u32(0),
      u32(Math.floor(micros / 2 ** 32)),
      u32(micros % 2 ** 32),
      u32(frame.length),
      u32(frame.length),
      padded(frame),
    );
    // Inbound or outbound, seen from the client.
    const options = [option(2, u32(from === 'client' ? 2 : 1)), ...this.#remarks.map((text) => textOption(1, text))];
    this.#remarks = [];
    return block(6, head, options);
  }
}

/** Type, length, content, options, length again; little endian. */
function block(type: number, content: Uint8Array, options: readonly Uint8Array[]): Uint8Array {
  const body = concat(padded(content), ...options, ...(options.length > 0 ? [u32(0)] : []));
  const length = u32(12 + body.length);
  return concat(u32(type), length, body, length);
}

function option(code: number, content: Uint8Array): Uint8Array {
  return concat(u16(code), u16(content.length), padded(content));
}

/** An option with ASCII text; other characters become question marks. */
function textOption(code: number, text: string): Uint8Array {
  return option(code, fromLatin1(text.slice(0, 1000).replace(/[^\x20-\x7e]/g, '?')));
}

function padded(content: Uint8Array): Uint8Array {
  return content.length % 4 === 0 ? content : concat(content, new Uint8Array(4 - (content.length % 4)));
}

/** The checksum of IP, TCP and UDP (RFC 1071). */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >>> 8);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff);
}

function net16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

function net32(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}
