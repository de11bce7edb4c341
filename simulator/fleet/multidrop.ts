import type { Transport } from '../../src/contracts/transport.js';
import type { Standing } from '../../src/transport/idle-peers.js';
import { memoryPair } from '../../src/transport/memory.js';
import type { ServedLink } from '../../src/transport/server.js';
import type { GatewayPlatform } from '../meter/platform.js';
import { type AttachOptions, type Served, serveMeter } from '../serve.js';
import type { Addresses, Meters } from './addresses.js';

/** The line of one meter. */
interface Drop {
  /** The gateway's end of it. */
  readonly end: Transport;
  readonly served: Promise<ServedLink>;
  /** How far the client of this meter has proved itself. */
  standing: () => Standing;
}

/** A physical address, or the gateway itself, which has none. */
type Station = number | 'gateway';

/** What a {@link Multidrop} is made of. */
export interface MultidropParts {
  readonly meters: Meters;
  /** The meters by their physical addresses. */
  readonly at: Addresses;
  /** The gateway itself, at the address without a physical part: it takes the header of a gateway. */
  readonly station: Served;
  readonly platform: GatewayPlatform;
  readonly transport: Transport;
  readonly options: AttachOptions;
}

/**
 * Many meters on one HDLC line: each frame goes to the meter at its physical address, over a line of that meter's own. That line goes when
 * the meter's data link is disconnected. A frame to all stations reaches every meter that has such a line.
 */
export class Multidrop {
  readonly #parts: MultidropParts;
  readonly #drops = new Map<Station, Drop>();
  /** The transport, watched where `peers` was given. */
  #out: Transport;

  constructor(parts: MultidropParts) {
    this.#parts = parts;
    this.#out = parts.transport;
  }

  /** @throws LinkError when the transport cannot be opened. */
  async serve(): Promise<ServedLink> {
    const { platform, options } = this.#parts;
    const cut = platform.hdlcFrames((physical, frame) => this.#hear(physical, frame));
    const transport = options.peers?.admit(this.#parts.transport, () => this.#standing) ?? this.#parts.transport;
    this.#out = transport;
    await transport.open({
      data: cut,
      closed: (error) => {
        for (const address of [...this.#drops.keys()]) this.#remove(address);
        options.onClosed?.(error);
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
    if (physical === 'all') {
      for (const { end } of this.#drops.values()) end.write(frame);
      return;
    }
    const at = physical ?? 'gateway';
    const drop = this.#drops.get(at) ?? this.#add(at);
    drop?.end.write(frame);
  }

  #servedAt(at: Station): Served | undefined {
    const { meters, station, at: indexAt } = this.#parts;
    if (at === 'gateway') return station;
    const index = indexAt(at);
    return index === undefined ? undefined : meters.served(index);
  }

  #add(at: Station): Drop | undefined {
    const meter = this.#servedAt(at);
    if (meter === undefined) return undefined;
    const [end, far] = memoryPair({ names: ['gateway', `station ${at}`] });
    const { onClosed: _, peers: __, ...options } = this.#parts.options;
    let connections = 0;
    const served = serveMeter(meter, far, {
      ...options,
      ...(at === 'gateway' ? {} : { lower: at }),
      onLinkEvent: (event, now) => {
        options.onLinkEvent?.(event, now);
        if (event.type === 'connected') connections++;
        else if (event.type === 'closed' && --connections === 0) this.#remove(at);
      },
    });
    const drop: Drop = { end, served, standing: () => 'stranger' };
    void served.then(({ standing }) => {
      drop.standing = standing;
    });
    this.#drops.set(at, drop);
    void end.open({
      data: (bytes) => this.#out.write(bytes),
      // A meter that hangs up takes the line of all with it.
      closed: () => {
        if (this.#drops.get(at) === drop) void this.#out.close();
      },
    });
    return drop;
  }

  /** Removes a meter's line. What was already sent on it still goes out. */
  #remove(at: Station): void {
    const drop = this.#drops.get(at);
    this.#drops.delete(at);
    void drop?.served.then((served) => served.close());
  }
}
