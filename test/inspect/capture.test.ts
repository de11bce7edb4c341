import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { isCapture, readCapture } from '../../src/inspect/input/capture.js';
import { CaptureWriter } from '../../src/inspect/input/capture-writer.js';
import { readInput } from '../../src/inspect/input/input.js';
import { inspectInput } from '../../src/inspect/input/inspect-input.js';
import type { Input } from '../../src/inspect/input/streams.js';

const AARQ = fromHex('000100100001001F601DA109060760857405080101BE10040E01000000065F1F0400001E1DFFFF');
const AARE = fromHex(
  '000100010010002B6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400001E1D02300007',
);
const TIME = Date.UTC(2026, 10, 30, 12);

const sides = (input: Input) =>
  input.streams.map(({ pieces }) =>
    ['client', 'server'].map((side) =>
      toHex(concat(...pieces.filter(({ direction }) => direction === side).map(({ octets }) => octets))),
    ),
  );

function recorded(protocol: 'tcp' | 'udp' = 'tcp'): Uint8Array {
  const writer = new CaptureWriter({ protocol, comment: 'a test' });
  const begun = writer.begin(TIME);
  const sent = writer.add(AARQ, 'client', TIME + 10);
  writer.remark('what was tolerated');
  return concat(begun, sent, writer.add(AARE, 'server', TIME + 20), writer.end(TIME + 30));
}

/** pcap with the given packets, in either order of octets and either resolution. */
function pcap(linkType: number, packets: readonly Uint8Array[], little = true, nano = false): Uint8Array {
  const word = (value: number) => {
    const octets = new Uint8Array(4);
    new DataView(octets.buffer).setUint32(0, value, little);
    return octets;
  };
  const head = [nano ? 0xa1b23c4d : 0xa1b2c3d4, 0x00040002, 0, 0, 65_535, linkType].map(word);
  return concat(
    ...head,
    ...packets.flatMap((packet, i) => [
      word(1000 + i),
      word(nano ? 5e8 : 5e5),
      word(packet.length),
      word(packet.length),
      packet,
    ]),
  );
}

/** IPv4 and TCP without checksums, which no reader needs. */
function tcp(from: number, to: number, sequence: number, data: Uint8Array, flags = 0x18): Uint8Array {
  const view = new DataView(new ArrayBuffer(40));
  view.setUint8(0, 0x45);
  view.setUint16(2, 40 + data.length);
  view.setUint8(9, 6);
  view.setUint32(12, 0x0a000000 + (from === 4059 ? 2 : 1));
  view.setUint32(16, 0x0a000000 + (to === 4059 ? 2 : 1));
  view.setUint16(20, from);
  view.setUint16(22, to);
  view.setUint32(24, sequence);
  view.setUint8(32, 0x50);
  view.setUint8(33, flags);
  return concat(new Uint8Array(view.buffer), data);
}

function udp6(data: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(48));
  view.setUint8(0, 0x60);
  view.setUint16(4, 8 + data.length);
  view.setUint8(6, 17);
  view.setUint8(23, 1);
  view.setUint8(39, 2);
  view.setUint16(40, 40_000);
  view.setUint16(42, 4059);
  view.setUint16(44, 8 + data.length);
  return concat(new Uint8Array(view.buffer), data);
}

describe('a recording of our own', () => {
  it.each(['tcp', 'udp'] as const)('over %s gives back what was sent, by whom and when', (protocol) => {
    const input = readInput(recorded(protocol));
    expect(input.form).toBe('pcapng');
    expect(input.remarks).toEqual([]);
    expect(sides(input)).toEqual([[toHex(AARQ), toHex(AARE)]]);
    expect(input.streams[0]?.pieces.map(({ time }) => time)).toEqual([TIME + 10, TIME + 20]);
    const { node } = inspectInput(input);
    expect(node.children?.[0]?.text).toBe(`10.0.0.1:50000 to 10.0.0.2:4059, ${protocol.toUpperCase()}`);
    expect(node.children?.[0]?.children?.map(({ text }) => text)).toEqual(['->: 16 to 1', '<-: 1 to 16']);
  });

  it('has right checksums, and blocks that tell their length twice', () => {
    const bytes = recorded();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let packets = 0;
    for (let at = 0; at < bytes.length; ) {
      const length = view.getUint32(at + 4, true);
      expect(view.getUint32(at + length - 4, true)).toBe(length);
      if (view.getUint32(at, true) === 6) {
        packets++;
        const frame = bytes.subarray(at + 28, at + 28 + view.getUint32(at + 20, true));
        const segment = frame.subarray(34);
        const pseudo = concat(frame.subarray(26, 34), Uint8Array.of(0, 6, segment.length >> 8, segment.length & 0xff));
        expect([ones(frame.subarray(14, 34)), ones(concat(pseudo, segment))]).toEqual([0xffff, 0xffff]);
      }
      at += length;
    }
    expect(packets).toBe(6);
  });

  it('parts long messages as an Ethernet does, and puts them together', () => {
    const long = Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff);
    const writer = new CaptureWriter();
    const input = readInput(
      concat(writer.begin(TIME), writer.add(long, 'client', TIME), writer.add(long, 'server', TIME)),
    );
    expect(sides(input)).toEqual([[toHex(long), toHex(long)]]);
  });
});

function ones(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

describe('recordings of others', () => {
  const ip = tcp(50_123, 4059, 7, AARQ);
  const mac = new Uint8Array(12);
  it.each<[string, number, Uint8Array]>([
    ['Ethernet', 1, concat(mac, fromHex('0800'), ip)],
    ['Ethernet, VLAN', 1, concat(mac, fromHex('810000050800'), ip)],
    ['Ethernet, two VLANs', 1, concat(mac, fromHex('88A80005810000060800'), ip)],
    ['raw IP', 101, ip],
    ['IPv4', 228, ip],
    ['loopback of BSD', 0, concat(fromHex('02000000'), ip)],
    ['loopback', 108, concat(fromHex('00000002'), ip)],
    ['Linux cooked', 113, concat(new Uint8Array(14), fromHex('0800'), ip)],
    ['Linux cooked 2', 276, concat(fromHex('0800'), new Uint8Array(18), ip)],
    ['Ethernet, IPv6, UDP', 1, concat(mac, fromHex('86DD'), udp6(AARQ))],
    ['IPv6', 229, udp6(AARQ)],
  ])('%s', (_, linkType, packet) => {
    for (const little of [true, false]) {
      for (const nano of [true, false]) {
        const input = readInput(pcap(linkType, [packet], little, nano));
        expect([input.form, sides(input)]).toEqual(['pcap', [[toHex(AARQ), '']]]);
        expect(input.streams[0]?.pieces[0]?.time).toBe(1_000_500);
      }
    }
  });

  it.each([147, 162, 250])('a serial line, link type %s', (linkType) => {
    const data = fromHex('7EA0070321930F017E');
    const input = readInput(pcap(linkType, [linkType === 250 ? concat(new Uint8Array(12), data) : data]));
    expect(inspectInput(input).node.children?.[0]?.children?.[0]?.text).toBe('SNRM P/F, 16 to 1');
  });

  it('what comes twice, out of order or not at all is taken once, put in order, said', () => {
    const part = (from: number, to: number) => AARQ.subarray(from, to);
    const at = (from: number, to: number) =>
      tcp(50_123, 4059, 0xffff_fff0 + from > 0xffff_ffff ? from - 16 : 0xffff_fff0 + from, part(from, to));
    const inOrder = readInput(pcap(101, [at(0, 10), at(0, 10), at(20, 39), at(5, 20), at(10, 20)]));
    expect(sides(inOrder)).toEqual([[toHex(AARQ), '']]);
    expect(inOrder.remarks.join('\n')).toMatch(/2 packets sent again.*\n.*1 packet out of order/);
    const gap = readInput(pcap(101, [at(0, 10), at(20, 39)]));
    expect(gap.remarks.join()).toContain('10 octets missing in the recording');
    expect(sides(gap)[0]?.[0]).toHaveLength(2 * 29);
  });

  describe('what is sent again, cut in another way', () => {
    const whole = Uint8Array.from({ length: 200 }, (_, i) => i);
    const at = (from: number, to: number) =>
      tcp(50_123, 4059, (0xffff_ff80 + from) % 2 ** 32, whole.subarray(from, to));
    it.each<[string, [number, number][]]>([
      [
        'into an early segment',
        [
          [0, 100],
          [150, 200],
          [100, 160],
        ],
      ],
      [
        'over several early segments',
        [
          [0, 100],
          [120, 130],
          [140, 150],
          [180, 200],
          [100, 185],
        ],
      ],
      [
        'behind all early segments',
        [
          [0, 100],
          [150, 160],
          [120, 130],
          [100, 200],
        ],
      ],
      [
        'an early segment longer than before',
        [
          [0, 100],
          [150, 160],
          [150, 200],
          [100, 150],
        ],
      ],
      [
        'an early segment shorter than before',
        [
          [0, 100],
          [150, 200],
          [150, 160],
          [100, 150],
        ],
      ],
      [
        'early segments that overlap',
        [
          [0, 100],
          [120, 180],
          [110, 130],
          [170, 200],
          [100, 115],
        ],
      ],
      [
        'with the gap filled in two',
        [
          [0, 100],
          [150, 200],
          [100, 130],
          [120, 155],
        ],
      ],
    ])('%s: goes on at once, nothing missing', (_, cuts) => {
      // Behind it another packet: were the flow stalled, it would come after the answer.
      const packets = [...cuts.map(([from, to]) => at(from, to)), tcp(4059, 50_123, 7, AARE)];
      const input = readInput(pcap(101, packets));
      expect(sides(input)).toEqual([[toHex(whole), toHex(AARE)]]);
      expect(input.streams[0]?.pieces.at(-1)?.direction).toBe('server');
      expect(input.remarks.join()).not.toContain('missing');
    });
  });

  it('segments ahead of a gap are kept in bounds, however small they are', () => {
    // The last come first: when too many wait, the gap before them is believed, and what comes for it later is late.
    for (const [size, count, kept] of [
      [1, 6000, 4097],
      [1000, 400, 263],
    ] as const) {
      const whole = Uint8Array.from({ length: size * count }, (_, i) => i & 0xff);
      const parts = Array.from({ length: count }, (_, i) =>
        tcp(50_123, 4059, 10 + i * size, whole.subarray(i * size, (i + 1) * size)),
      );
      const input = readInput(pcap(101, [tcp(50_123, 4059, 1, Uint8Array.of(1)), ...parts.reverse()]));
      const came = concat(...(input.streams[0]?.pieces ?? []).map(({ octets }) => octets));
      expect(toHex(came)).toBe(`01${toHex(whole.subarray((count - kept) * size))}`);
      expect(input.remarks.join()).toContain(`${8 + (count - kept) * size} octets missing`);
    }
  });

  it('what is cut or of another kind is said', () => {
    const whole = pcap(101, [ip, ip]);
    expect(readInput(whole.subarray(0, whole.length - 5)).remarks.join()).toContain('the recording is cut');
    expect(() => readInput(pcap(1, [new Uint8Array(60)]))).toThrow(/none with data of TCP, UDP or a serial line/);
  });

  it('whatever the octets are: a value or one of our errors', () => {
    const bytes = recorded();
    for (let i = 0; i < 2000; i++) {
      const broken = bytes.slice(0, 1 + ((i * 7919) % bytes.length));
      for (let j = 0; j < 4; j++) broken[(i * 31 + j * 977) % broken.length] = (i * 13 + j * 101) & 0xff;
      if (!isCapture(broken)) continue;
      try {
        readCapture(broken);
      } catch (error) {
        expect((error as { code?: string }).code).toBe('state');
      }
    }
  });
});
