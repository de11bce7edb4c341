import type { Transport, TransportHandler } from '../../src/contracts/transport.js';

/** What a client hears after each of its writes. */
export type Recording = readonly { readonly heard: readonly Uint8Array[] }[];

/** An attacker without any key: says again what a meter said, turn by turn, whatever the client asks. */
export class ReplayedLine implements Transport {
  readonly name = 'replay';
  readonly #recording: Recording;
  #turn = 0;
  #handler: TransportHandler | undefined;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  open(handler: TransportHandler): Promise<void> {
    this.#handler = handler;
    return Promise.resolve();
  }

  write(): void {
    const turn = this.#recording[this.#turn++];
    // Beyond what was recorded it has nothing to say.
    if (turn === undefined) return;
    // As a line does: not before the write is over.
    queueMicrotask(() => {
      for (const chunk of turn.heard) this.#handler?.data(chunk.slice());
    });
  }

  close(): Promise<void> {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.closed();
    return Promise.resolve();
  }
}
