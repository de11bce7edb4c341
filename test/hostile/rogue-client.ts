/** A client that says what it likes, over a line of its own: built on our own link, with no session that would keep it honest. */

import { Faults } from '../../simulator/index.js';
import { serveMeter } from '../../simulator/serve.js';
import { toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { Link } from '../../src/contracts/link.js';
import type { Transport } from '../../src/contracts/transport.js';
import type { Framing } from '../../src/index.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { WrapperLink } from '../../src/link/wrapper-link.js';
import type { MeterServer } from '../../src/server/server.js';
import { memoryPair } from '../../src/transport/memory.js';

/** What is behind a line in these tests. */
export interface Attackable {
  readonly clock: VirtualClock;
  line(options: { readonly framing?: Framing }): Promise<Transport>;
}

/** A server of the session tests, on lines as a meter's. */
export function onLines(server: MeterServer, clock = new VirtualClock()): Attackable {
  return {
    clock,
    async line({ framing = 'wrapper' }) {
      const [client, meter] = memoryPair({ names: ['rogue', 'meter'] });
      const link = () =>
        framing === 'hdlc' ? new HdlcLink('server', { devices: [1] }) : new WrapperLink('server', {});
      await serveMeter({ answerer: server, clock, faults: new Faults(undefined, { seed: 0 }), link }, meter, {
        framing,
      });
      return client;
    },
  };
}

/** One rogue connection. */
export class RogueClient {
  readonly #transport: Transport;
  readonly #link: Link;
  readonly #clock: VirtualClock;
  readonly #heard: Uint8Array[] = [];
  /** Whether the meter has closed the line. */
  closed = false;

  private constructor(transport: Transport, link: Link, clock: VirtualClock) {
    this.#transport = transport;
    this.#link = link;
    this.#clock = clock;
  }

  static async connect(
    meter: Attackable,
    client: number,
    framing: 'wrapper' | 'hdlc' = 'wrapper',
  ): Promise<RogueClient> {
    const address = { client, server: 1 };
    const link = framing === 'hdlc' ? new HdlcLink('client', address) : new WrapperLink('client', address);
    const transport = await meter.line({ framing });
    const rogue = new RogueClient(transport, link, meter.clock);
    await transport.open({
      data: (chunk) => {
        link.receive(chunk, meter.clock.now());
        rogue.#turn();
      },
      closed: () => {
        rogue.closed = true;
      },
    });
    link.connect(meter.clock.now());
    await rogue.#settle();
    return rogue;
  }

  /** Sends one APDU. @returns what came in answer; undefined when nothing did. */
  async ask(apdu: Uint8Array): Promise<Uint8Array | undefined> {
    this.#heard.length = 0;
    this.#link.send(apdu, this.#clock.now());
    await this.#settle();
    return this.#heard.shift();
  }

  /** The same, in hexadecimal: `silence` when nothing came. */
  async asked(apdu: Uint8Array): Promise<string> {
    const answer = await this.ask(apdu);
    return answer === undefined ? 'silence' : toHex(answer);
  }

  /** Ends the data link: DISC over HDLC. */
  async disconnect(): Promise<void> {
    this.#link.disconnect(this.#clock.now());
    await this.#settle();
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #settle(): Promise<void> {
    // What is written is heard in a later microtask, and answered within it.
    for (let round = 0; round < 10; round++) {
      this.#turn();
      await Promise.resolve();
    }
  }

  #turn(): void {
    for (let out = this.#link.pollTransmit(); out !== undefined; out = this.#link.pollTransmit())
      this.#transport.write(out);
    for (let event = this.#link.pollEvent(); event !== undefined; event = this.#link.pollEvent()) {
      if (event.type === 'payload') this.#heard.push(event.bytes);
    }
  }
}
