/** The three-phase virtual meter on the bench of the conformance tool: octets in, octets out, in virtual time. */
import { type CreateMeterOptions, createMeter, type VirtualMeter } from '../../simulator/index.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { Transport } from '../../src/contracts/transport.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { memoryPair } from '../../src/transport/memory.js';
import { events } from '../link/harness.js';
import { AARQ, type HdlcUnderTest, INACTIVITY_TIMEOUT, INTER_OCTET_TIMEOUT, LOWER } from '../link/hdlc-themes.js';
import { KEY, READER, type UnderTest, UTILITY } from '../server/bench.js';
import { START } from './support.js';

/** A three-phase meter with the secrets and time-outs of the bench. */
export function benchMeter(clock: VirtualClock, options: Partial<CreateMeterOptions> = {}): VirtualMeter {
  return createMeter('is15959-3ph', {
    clock,
    seed: 45,
    mechanism: 'md5',
    interOctetTimeout: INTER_OCTET_TIMEOUT,
    inactivityTimeout: INACTIVITY_TIMEOUT / 1000,
    secrets: {
      encryptionKey: KEY,
      readerKey: KEY,
      authenticationKey: KEY,
      lls: READER.secret as Uint8Array,
      hls: UTILITY.secret as Uint8Array,
    },
    ...options,
  });
}

/** A line to the meter; what it says is heard at once. */
function lineTo(
  meter: VirtualMeter,
  hear: (bytes: Uint8Array) => void,
  onPayload?: (bytes: Uint8Array) => void,
): Transport {
  const [near, far] = memoryPair({ delivery: 'synchronous' });
  // Both ends are open when these return: nothing is waited for.
  void near.open({ data: hear, closed: () => {} });
  void meter.attach(far, {
    framing: 'hdlc',
    lower: LOWER,
    onLinkEvent: (event) => event.type === 'payload' && onPayload?.(event.bytes),
  });
  return near;
}

/** For the HDLC suite: frames as they are. */
export class MeterOnLine implements HdlcUnderTest {
  readonly clock = new VirtualClock(START);
  readonly meter: VirtualMeter;
  readonly payloads: string[] = [];
  readonly #heard: Uint8Array[] = [];
  readonly #line: Transport;

  constructor(options: Partial<CreateMeterOptions> = {}) {
    this.meter = benchMeter(this.clock, options);
    this.#line = lineTo(
      this.meter,
      (bytes) => this.#heard.push(bytes.slice()),
      (bytes) => this.payloads.push(toHex(bytes)),
    );
  }

  get now(): number {
    return this.clock.now();
  }

  put(bytes: Uint8Array, at: number): Uint8Array[] {
    this.clock.advance(at - this.clock.now());
    if (this.#heard.length > 0) throw new Error(`said unasked: ${this.#heard.map(toHex).join(' ')}`);
    this.#line.write(bytes);
    return this.#heard.splice(0);
  }
}

/** An HDLC client of one SAP, as far as a tester needs one: it sends APDUs and gets the first APDU that comes back. */
class Client {
  readonly #link: HdlcLink;
  readonly #clock: VirtualClock;
  readonly #line: Transport;
  #connected = false;
  #answers: Uint8Array[] = [];

  constructor(meter: VirtualMeter, clock: VirtualClock, client: number) {
    this.#clock = clock;
    this.#link = new HdlcLink('client', {
      client,
      server: 1,
      lower: LOWER,
      parameters: { maxInfoTransmit: 832, maxInfoReceive: 832 },
    });
    this.#line = lineTo(meter, (bytes) => {
      this.#link.receive(bytes, clock.now());
      this.#settle();
    });
  }

  exchange(apdu: Uint8Array): Uint8Array | undefined {
    const now = this.#clock.now();
    if (!this.#connected) {
      this.#link.connect(now);
      this.#settle();
    }
    this.#answers = [];
    this.#link.send(apdu, now);
    this.#settle();
    return this.#answers[0];
  }

  disconnect(): void {
    this.#link.disconnect(this.#clock.now());
    this.#settle();
  }

  #settle(): void {
    for (let frame = this.#link.pollTransmit(); frame; frame = this.#link.pollTransmit()) this.#line.write(frame);
    for (const event of events(this.#link)) {
      if (event.type === 'payload') this.#answers.push(event.bytes);
      if (event.type === 'connected') this.#connected = true;
      if (event.type === 'closed') this.#connected = false;
    }
  }
}

const GET_COUNTER = fromHex('C001C1000100002B0103FF0200');

/** For the APPL suite: APDUs over HDLC, each client with a data link of its own. */
export class MeterUnderTest implements UnderTest {
  readonly clock = new VirtualClock(START);
  readonly meter: VirtualMeter;
  readonly longAnswers: 'service-blocks' | 'general-blocks';
  readonly publicListFits = true;
  readonly #clients = new Map<number, Client>();

  constructor(options: Partial<CreateMeterOptions> = {}) {
    this.meter = benchMeter(this.clock, options);
    this.longAnswers = options.quirks?.includes('get-blocks') ? 'service-blocks' : 'general-blocks';
  }

  get serverTitle(): Uint8Array {
    return this.meter.identity.systemTitle;
  }

  handle(client: number, apdu: Uint8Array): Uint8Array | undefined {
    const known = this.#clients.get(client) ?? new Client(this.meter, this.clock, client);
    this.#clients.set(client, known);
    return known.exchange(apdu);
  }

  disconnect(client: number): void {
    this.#clients.get(client)?.disconnect();
  }

  /** Read as the tool reads it: from the counter object, through the public client. */
  lowestCounter(): number {
    this.handle(16, AARQ);
    const answer = toHex(this.handle(16, GET_COUNTER) as Uint8Array);
    if (!answer.startsWith('C401C10006')) throw new Error(answer);
    return Number.parseInt(answer.slice(10), 16);
  }
}
