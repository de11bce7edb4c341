import type { Transport } from '../contracts/transport.js';

/** How many octets may be sent for each one received from a peer that has not proved itself. */
const FACTOR = 3;

/**
 * Limits what is sent to a peer over datagrams until it has proved itself. Anybody can put a false sender address into a datagram. A server
 * that answers a short request with a long answer could then be used to flood the owner of that address.
 */
export class AnswerBound {
  readonly #proved: () => boolean;
  #room = 0;
  /** True once the peer has proved itself. */
  #lifted = false;

  /** @param proved tells whether the peer has shown that it knows a secret. Then the limit is lifted for good. */
  constructor(proved: () => boolean) {
    this.#proved = proved;
  }

  /** How many octets may be sent now. */
  get room(): number {
    this.#lifted ||= this.#proved();
    return this.#lifted ? Number.POSITIVE_INFINITY : this.#room;
  }

  /** Wraps a transport so that writes beyond the limit are dropped. */
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
