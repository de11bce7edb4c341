import type { Transport } from '../contracts/transport.js';

/** Octets sent for each one received to who has not proved that it is there. */
const FACTOR = 3;

/**
 * Bounds what goes to a peer over datagrams until it has proved itself. Anybody can write another's address into a datagram: a server that
 * answers a little with much would be his means to flood that other one.
 */
export class AnswerBound {
  readonly #proved: () => boolean;
  #room = 0;
  /** Who has proved itself once is there. */
  #lifted = false;

  /** @param proved whether the peer has shown that it knows a secret: then the bound is lifted for good. */
  constructor(proved: () => boolean) {
    this.#proved = proved;
  }

  /** Octets that may go out now. */
  get room(): number {
    this.#lifted ||= this.#proved();
    return this.#lifted ? Number.POSITIVE_INFINITY : this.#room;
  }

  /** The same transport, over which what is beyond the bound does not go out. */
  wrap(transport: Transport): Transport {
    return {
      name: transport.name,
      open: (handler) =>
        transport.open({
          data: (chunk) => {
            this.#room += FACTOR * chunk.length;
            handler.data(chunk);
          },
          closed: (error) => handler.closed(error),
        }),
      write: (bytes) => {
        if (bytes.length > this.room) return;
        this.#room -= bytes.length;
        transport.write(bytes);
      },
      close: () => transport.close(),
    };
  }
}
