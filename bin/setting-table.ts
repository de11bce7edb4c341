import { AUTHENTICATIONS, LARGEST_COUNTER_STEP, PROTECTIONS } from '../src/tools.js';

/** A setting of a connection. */
export interface Setting {
  /** Name in the configuration; the flag is `--name` and the variable `COSEM_NAME`, with `-` as `_`. */
  readonly name: string;
  readonly value: string;
  readonly help: string;
}

export const LINE: readonly Setting[] = [
  { name: 'serial', value: '<path>', help: 'serial port, such as /dev/ttyUSB0 or COM3' },
  { name: 'tcp', value: '<host:port>', help: 'meter or gateway on a network; port 4059 when left out' },
  { name: 'udp', value: '<host:port>', help: 'the same by datagrams' },
];

export const OTHERS: readonly Setting[] = [
  { name: 'baud', value: '<n>', help: 'speed of the serial port (9600)' },
  {
    name: 'rts',
    value: '<mode>',
    help: 'on or off for good; send or listen: while sending or not, for RS-485 adapters',
  },
  { name: 'dtr', value: '<mode>', help: 'on or off: powers some optical probes' },
  { name: 'echo', value: '<mode>', help: 'on, off or auto: take out what the line brings back of what is sent (auto)' },
  { name: 'turnaround', value: '<ms>', help: 'silence before the meter is spoken to again, in milliseconds (0)' },
  { name: 'inter-frame-delay', value: '<ms>', help: 'silence between frames sent in a row, in milliseconds (0)' },
  { name: 'strict', value: '[yes|no]', help: 'refuse by name what deviates from the standard in its form (no)' },
  { name: 'lenient', value: '[yes|no]', help: 'bear such deviations of this meter (yes unless --strict)' },
  { name: 'acknowledge-by-answer', value: '[yes|no]', help: 'hdlc: an answer acknowledges its request (no)' },
  {
    name: 'framing',
    value: '<name>',
    help: 'hdlc on a serial port and wrapper on a network when left out; mode-e: optical probe of IEC 62056-21',
  },
  {
    name: 'device-address',
    value: '<text>',
    help: 'mode-e: device address of IEC 62056-21, on a line with several meters',
  },
  { name: 'wake-up', value: '[yes|no]', help: 'mode-e: send a wake-up sequence first, for meters on a battery (no)' },
  { name: 'sign-on-baud', value: '<n>', help: 'mode-e: speed of the sign-on (300)' },
  { name: 'hdlc-baud', value: '<n>', help: 'mode-e: HDLC goes on at this speed, whatever the sign-on agreed on' },
  { name: 'client', value: '<n>', help: "who asks, the client's SAP: 16 public, 32 reader, 48 utility in India (16)" },
  { name: 'server', value: '<n>', help: 'logical device asked (1)' },
  {
    name: 'gateway',
    value: '<network/address>',
    help: 'the meter behind a gateway: 0/12345678 for a text, 0/hex:AABB for octets',
  },
  { name: 'physical', value: '<n>', help: "lower part of the meter's HDLC address, when it has one" },
  { name: 'address-size', value: '<n>', help: 'octets of that address: 1, 2 or 4; as few as hold it when left out' },
  { name: 'naming', value: '<ln|sn>', help: 'objects by logical or by short names; found out when left out' },
  { name: 'auth', value: '<mechanism>', help: `${AUTHENTICATIONS.join(', ')}; told from what is given` },
  { name: 'password', value: '<text>', help: 'low level security' },
  { name: 'secret', value: '<text>', help: 'high level security' },
  { name: 'ek', value: '<key>', help: 'encryption key (GUEK)' },
  { name: 'ak', value: '<key>', help: 'authentication key (GAK)' },
  { name: 'title', value: '<title>', help: 'our system title, 8 octets' },
  { name: 'dedicated-key', value: '<random>', help: 'draw a key for each association alone' },
  { name: 'security', value: '<policy>', help: `${PROTECTIONS.join(', ')}; the last when keys are given` },
  { name: 'counters', value: '<file>', help: 'where invocation counters are kept' },
  {
    name: 'counter-object',
    value: '<obis>',
    help: 'where the meter publishes its invocation counter, such as 0.0.43.1.0.255; looked for at the usual places',
  },
  {
    name: 'counter-step',
    value: '<n>',
    help: `how far our invocation counter follows that of the meter unasked (${LARGEST_COUNTER_STEP})`,
  },
  {
    name: 'companion',
    value: '<id>',
    help: 'specification the meter follows: is15959 or generic; what the meter shows when left out',
  },
  {
    name: 'quirks',
    value: '<file|id|none>',
    help: 'more sheets of quirks, or which shall hold; cosem quirks lists them',
  },
  { name: 'timeout', value: '<seconds>', help: 'how long the meter may stay silent (10)' },
  {
    name: 'patience',
    value: '<seconds>',
    help: 'how long a meter that is lost, or busy with another client (DM), is tried anew (60); 0: not at all',
  },
];
