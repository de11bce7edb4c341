import type { Transport } from '../../src/contracts/transport.js';
import type { Standing } from '../../src/transport/idle-peers.js';
import { memoryPair } from '../../src/transport/memory.js';
import type { ServedLink } from '../../src/transport/server.js';
import type { GatewayPlatform } from '../meter/platform.js';
import { type AttachOptions, serveMeter } from '../serve.js';
import type { Addresses, Meters } from './addresses.js';

/** The line of one meter. */
interface Drop {
  /** The gateway's end of it. */
  readonly end: Transport;
  readonly served: Promise<ServedLink>;
  /** How far the client of this meter has proved itself. */
  standing: () => Standing;
}

/**
 * Many meters on one HDLC line: each frame goes to the meter at its physical address, over a line of that meter's own. That line goes when
 * the meter's data link is disconnected. A frame to all stations reaches every meter that has such a line.
 */
export class Multidrop {
  readonly #meters: Meters;
  readonly #at: Addresses;
  readonly #platform: GatewayPlatform;
  readonly #transport: Transport;
  readonly #options: AttachOptions;
  readonly #drops = new Map<number, Drop>();
  /** The transport, watched where `peers` was given. */
  #out: Transport;

  constructor(meters: Meters, at: Addresses, platform: GatewayPlatform, transport: Transport, options: AttachOptions) {
    this.#meters = meters;
    this.#at = at;
    this.#platform = platform;
    this.#transport = transport;
    this.#out = transport;
    this.#options = options;
  }

  /** @throws LinkError when the transport cannot be opened. */
  async serve(): Promise<ServedLink> {
    const cut = this.#platform.hdlcFrames((physical, frame) => this.#hear(physical, frame));
    const transport = this.#options.peers?.admit(this.#transport, () => this.#standing) ?? this.#transport;
    this.#out = transport;
    await transport.open({
      data: cut,
      closed: (error) => {
        for (const address of [...this.#drops.keys()]) this.#remove(address);
        this.#options.onClosed?.(error);
      },
    });
    return {
      // A gateway sends nothing by itself.
      push() {},
      close: () => transport.close(),
    };
  }

  /** The highest standing that any client of any meter has reached. */
  get #standing(): Standing {
    const all = [...this.#drops.values()].map(({ standing }) => standing());
    return all.find((one) => one === 'proved') ?? all.find((one) => one === 'associated') ?? 'stranger';
  }

  #hear(physical: number | 'all' | undefined, frame: Uint8Array): void {
    if (physical === undefined) return;
    if (physical === 'all') {
      for (const { end } of this.#drops.values()) end.write(frame);
      return;
    }
    const index = this.#at(physical);
    if (index === undefined) return;
    const drop = this.#drops.get(physical) ?? this.#add(physical, index);
    drop.end.write(frame);
  }

  #add(physical: number, index: number): Drop {
    const [end, far] = memoryPair({ names: ['gateway', `meter ${index}`] });
    const { onClosed: _, peers: __, ...options } = this.#options;
    let connections = 0;
    const served = serveMeter(this.#meters.served(index), far, {
      ...options,
      lower: physical,
      onLinkEvent: (event, now) => {
        options.onLinkEvent?.(event, now);
        if (event.type === 'connected') connections++;
        else if (event.type === 'closed' && --connections === 0) this.#remove(physical);
      },
    });
    const drop: Drop = { end, served, standing: () => 'stranger' };
    void served.then(({ standing }) => {
      drop.standing = standing;
    });
    this.#drops.set(physical, drop);
    void end.open({
      data: (bytes) => this.#out.write(bytes),
      // A meter that hangs up takes the line of all with it.
      closed: () => {
        if (this.#drops.get(physical) === drop) void this.#out.close();
      },
    });
    return drop;
  }

  /** Removes a meter's line. What was already sent on it still goes out. */
  #remove(physical: number): void {
    const drop = this.#drops.get(physical);
    this.#drops.delete(physical);
    void drop?.served.then((served) => served.close());
  }
}
