/** Packets of the usual link types down to the data of TCP, UDP and serial lines. */

/** The data of a packet, with sender and receiver. */
export type Packet =
  | {
      readonly kind: 'tcp' | 'udp';
      readonly from: string;
      readonly to: string;
      readonly fromPort: number;
      readonly toPort: number;
      readonly data: Uint8Array;
      /** TCP. */
      readonly sequence: number;
      readonly syn: boolean;
      readonly ack: boolean;
      readonly end: boolean;
    }
  | { readonly kind: 'serial'; readonly data: Uint8Array; readonly direction: 'in' | 'out' | undefined };

const ETHER_IPV4 = 0x0800;
const ETHER_IPV6 = 0x86dd;
const VLAN: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
/** LINKTYPE_USER0 to USER15, for private use: here the octets of a serial line. */
const USER_FIRST = 147;
const USER_LAST = 162;
/** RTAC_SERIAL: twelve octets before the data. */
const RTAC_SERIAL = 250;
const MAX_HEADERS = 8;

/** The data of a recorded packet; undefined when it carries no data of TCP, UDP or a serial line. */
export function packetOf(
  linkType: number,
  octets: Uint8Array,
  direction: 'in' | 'out' | undefined,
): Packet | undefined {
  if (linkType >= USER_FIRST && linkType <= USER_LAST) return { kind: 'serial', data: octets, direction };
  switch (linkType) {
    case 0: // NULL, the loopback of BSD: the family in the order of the machine's octets
    case 108: // LOOP
      return networkOf(octets, 4);
    case 1:
      return ethernet(octets, 12);
    case 12: // RAW, by its number on some systems
    case 14:
    case 101:
    case 228:
    case 229:
      return networkOf(octets, 0);
    case 113: // Linux cooked
      return ethernet(octets, 14);
    case 276: // Linux cooked, version 2
      return u16(octets, 0) === undefined ? undefined : typed(octets, u16(octets, 0), 20);
    case RTAC_SERIAL:
      return octets.length <= 12 ? undefined : { kind: 'serial', data: octets.subarray(12), direction: rtac(octets) };
    default:
      return undefined;
  }
}

/** The octet after the time is the event: 1 data sent, 2 data received. */
function rtac(octets: Uint8Array): 'in' | 'out' | undefined {
  return octets[8] === 1 ? 'out' : octets[8] === 2 ? 'in' : undefined;
}

function ethernet(octets: Uint8Array, at: number): Packet | undefined {
  let place = at;
  for (let tags = 0; tags < MAX_HEADERS; tags++) {
    const type = u16(octets, place);
    if (type === undefined || !VLAN.has(type)) return typed(octets, type, place + 2);
    place += 4;
  }
  return undefined;
}

function typed(octets: Uint8Array, type: number | undefined, at: number): Packet | undefined {
  if (type !== undefined && VLAN.has(type)) return ethernet(octets, at + 2);
  return type === ETHER_IPV4 || type === ETHER_IPV6 ? networkOf(octets, at) : undefined;
}

function networkOf(octets: Uint8Array, at: number): Packet | undefined {
  const version = (octets[at] ?? 0) >> 4;
  return version === 4 ? ipv4(octets, at) : version === 6 ? ipv6(octets, at) : undefined;
}

function ipv4(octets: Uint8Array, at: number): Packet | undefined {
  const header = ((octets[at] ?? 0) & 0x0f) * 4;
  const length = u16(octets, at + 2);
  const fragment = u16(octets, at + 6);
  if (header < 20 || length === undefined || fragment === undefined || at + header > octets.length) return undefined;
  // Fragments are skipped: packets of DLMS are too short to be fragmented.
  if ((fragment & 0x3fff) !== 0) return undefined;
  // With segmentation offload the recorded length is 0.
  const end = length < header ? octets.length : Math.min(octets.length, at + length);
  const from = octets.subarray(at + 12, at + 16).join('.');
  const to = octets.subarray(at + 16, at + 20).join('.');
  return transport(octets, octets[at + 9] as number, at + header, end, from, to);
}

/** Extension headers whose length follows the number of the next header. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135]);

function ipv6(octets: Uint8Array, at: number): Packet | undefined {
  const length = u16(octets, at + 4);
  if (length === undefined || at + 40 > octets.length) return undefined;
  const end = length === 0 ? octets.length : Math.min(octets.length, at + 40 + length);
  let next = octets[at + 6] as number;
  let place = at + 40;
  for (let i = 0; i < MAX_HEADERS && EXTENSIONS.has(next); i++) {
    if (place + 2 > end) return undefined;
    next = octets[place] as number;
    place += 8 * ((octets[place + 1] as number) + 1);
  }
  return transport(octets, next, place, end, address6(octets, at + 8), address6(octets, at + 24));
}

function transport(
  octets: Uint8Array,
  protocol: number,
  at: number,
  end: number,
  from: string,
  to: string,
): Packet | undefined {
  const fromPort = u16(octets, at);
  const toPort = u16(octets, at + 2);
  if (fromPort === undefined || toPort === undefined || at + 8 > end) return undefined;
  const ends = { from, to, fromPort, toPort };
  if (protocol === 17) {
    const length = u16(octets, at + 4) ?? 0;
    const data = octets.subarray(at + 8, length < 8 ? end : Math.min(end, at + length));
    return { kind: 'udp', ...ends, data, sequence: 0, syn: false, ack: false, end: false };
  }
  if (protocol !== 6 || at + 20 > end) return undefined;
  const header = ((octets[at + 12] as number) >> 4) * 4;
  if (header < 20 || at + header > end) return undefined;
  const flags = octets[at + 13] as number;
  const sequence = (u16(octets, at + 4) ?? 0) * 0x10000 + (u16(octets, at + 6) ?? 0);
  return {
    kind: 'tcp',
    ...ends,
    data: octets.subarray(at + header, end),
    sequence,
    syn: (flags & 2) !== 0,
    ack: (flags & 16) !== 0,
    end: (flags & 5) !== 0,
  };
}

function address6(octets: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => (u16(octets, at + 2 * i) ?? 0).toString(16));
  return `[${groups.join(':').replace(/(?:^|:)0(?::0)+(?::|$)/, '::')}]`;
}

function u16(octets: Uint8Array, at: number): number | undefined {
  const [high, low] = [octets[at], octets[at + 1]];
  return high === undefined || low === undefined ? undefined : (high << 8) | low;
}
