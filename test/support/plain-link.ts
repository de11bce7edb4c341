import type { Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import type { Link, LinkEvent, SendOptions } from '../../src/contracts/link.js';

const [DATA, CONNECT, ACCEPT, REFUSE, DISCONNECT, BYE] = [1, 2, 3, 4, 5, 6];

/** The least that is a link: every chunk is a frame, its first octet says which. For tests of what drives links. */
export class PlainLink implements Link {
  readonly role: 'client' | 'server';
  connected = false;
  refusing = false;
  /** Thrown by the next call of `receive`. */
  fault: Error | undefined;
  /** When it wants `handleTimeout`, which then closes it, as HDLC does after its last repetition. */
  timeout: Millis | undefined;
  readonly sent: { payload: Uint8Array; options: SendOptions | undefined }[] = [];
  readonly #frames: Uint8Array[] = [];
  readonly #events: LinkEvent[] = [];

  constructor(role: 'client' | 'server') {
    this.role = role;
  }

  connect(_now: Millis): void {
    this.#frames.push(Uint8Array.of(CONNECT));
  }

  send(payload: Uint8Array, _now: Millis, options?: SendOptions): void {
    if (!this.connected) throw new StateError('the plain link is not connected');
    this.sent.push({ payload, options });
    this.#frames.push(Uint8Array.of(DATA, ...payload));
  }

  disconnect(_now: Millis): void {
    if (this.connected) this.#frames.push(Uint8Array.of(DISCONNECT));
    else this.event({ type: 'closed', cause: 'local', reason: 'was not connected' });
  }

  receive(chunk: Uint8Array, _now: Millis): void {
    const { fault } = this;
    this.fault = undefined;
    if (fault !== undefined) throw fault;
    const bytes = chunk.subarray(1);
    switch (chunk[0]) {
      case DATA:
        this.event({ type: 'payload', bytes, client: 16, server: 1, unconfirmed: false });
        return;
      case CONNECT:
        this.connected = !this.refusing;
        this.#frames.push(Uint8Array.of(this.refusing ? REFUSE : ACCEPT));
        if (this.connected) this.event({ type: 'connected', maxInfo: 128, window: 1, client: 16, server: 1 });
        return;
      case ACCEPT:
        this.connected = true;
        this.event({ type: 'connected', maxInfo: 128, window: 1, client: 16, server: 1 });
        return;
      case REFUSE:
        this.event({ type: 'closed', cause: 'rejected', reason: 'DM' });
        return;
      case DISCONNECT:
        this.connected = false;
        this.#frames.push(Uint8Array.of(BYE));
        this.event({ type: 'closed', cause: 'peer', reason: 'DISC' });
        return;
      case BYE:
        this.connected = false;
        this.event({ type: 'closed', cause: 'local', reason: 'UA' });
        return;
      default:
        this.event({ type: 'discarded', bytes: chunk, reason: 'no frame' });
    }
  }

  event(event: LinkEvent): void {
    this.#events.push(event);
  }

  handleTimeout(_now: Millis): void {
    this.timeout = undefined;
    this.connected = false;
    this.event({ type: 'closed', cause: 'timeout', reason: 'asked 3 times' });
  }

  pollTimeout(): Millis | undefined {
    return this.timeout;
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#frames.shift();
  }

  pollEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }
}
