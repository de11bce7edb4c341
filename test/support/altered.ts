import type { Transport, TransportHandler } from '../../src/contracts/transport.js';

/** What becomes of octets on their way from the meter: other octets, or several chunks of them. */
export type Alter = (chunk: Uint8Array, count: number) => readonly Uint8Array[];

/** A transport on which something between meter and client changes what the meter sends. */
export function altered(transport: Transport, alter: Alter): Transport {
  let count = 0;
  return {
    name: transport.name,
    open: (handler: TransportHandler) =>
      transport.open({
        data: (chunk) => {
          for (const piece of alter(chunk, count++)) handler.data(piece);
        },
        closed: (error) => handler.closed(error),
      }),
    write: (bytes) => transport.write(bytes),
    close: () => transport.close(),
  };
}
