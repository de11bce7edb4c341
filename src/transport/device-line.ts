import type { Millis } from '../base/clock.js';
import type { AnsweringLine } from '../contracts/answering-line.js';
import type { LineObserver } from '../contracts/line-observer.js';
import type { PayloadEvent } from '../contracts/link.js';
import type { Transport } from '../contracts/transport.js';
import { AnswerBound } from './answer-bound.js';
import type { IdlePeers, Standing } from './idle-peers.js';
import type { ServerHandler } from './server.js';

/** What whoever serves a line says of it, a meter of one's own and a virtual one alike. */
export interface ServedLineOptions extends LineObserver {
  /** HDLC: the physical address answered to; any, unless given. */
  readonly lower?: number;
  /** Told when the line is gone; with an error when nobody asked for it. */
  readonly onClosed?: (error: Error | undefined) => void;
}

/** What stands between a line and its devices. */
export interface DeviceLineOptions {
  /** Whether the line carries datagrams. Their senders can be forged, so what is sent is limited until the peer has proved itself. */
  readonly datagrams?: boolean;
  /** Closes idle lines and makes room when there are too many. By default no line is closed. */
  readonly peers?: Pick<IdlePeers, 'admit'> | undefined;
  /** Told when the line is gone; with an error when nobody asked for it. */
  readonly onClosed?: ServedLineOptions['onClosed'] | undefined;
}

const WRAPPER_HEADER = 8;

/** Connects the sessions of one line with its link and transport: it knows how far the peer has proved itself, and how much may be sent. */
export class DeviceLine {
  readonly #answering: AnsweringLine;
  readonly #options: DeviceLineOptions;
  readonly #bound: AnswerBound | undefined;

  constructor(answering: AnsweringLine, options: DeviceLineOptions) {
    this.#answering = answering;
    this.#options = options;
    if (options.datagrams === true) this.#bound = new AnswerBound(() => answering.proved);
  }

  /** How far the peer has proved itself. */
  get standing(): Standing {
    const { proved, associated } = this.#answering;
    return proved ? 'proved' : associated ? 'associated' : 'stranger';
  }

  /** Wraps the transport over which the line must be served. */
  over(transport: Transport): Transport {
    const admitted = this.#options.peers?.admit(transport, () => this.standing) ?? transport;
    return this.#bound?.wrap(admitted) ?? admitted;
  }

  /** The answer to a received APDU; undefined where none is due. */
  answer({ client, server, bytes, unconfirmed }: PayloadEvent, now: Millis): Uint8Array | undefined {
    const room = this.#bound === undefined ? undefined : this.#bound.room - WRAPPER_HEADER;
    return this.#answering.handle(client, server, bytes, now, unconfirmed, room);
  }

  /** The handler for {@link serveLink}; `payload` replaces the normal answer where it is given. */
  handler(payload?: ServerHandler['payload']): ServerHandler {
    const answering = this.#answering;
    return {
      payload: payload ?? ((event, now) => this.answer(event, now) ?? 'none'),
      following: ({ client, server }) => answering.session(client, server)?.following(),
      // A new data link starts without an association.
      connected: ({ client }) => answering.released(client),
      disconnected: ({ client }) => answering.released(client),
      closed: (error) => {
        answering.released();
        this.#options.onClosed?.(error);
      },
    };
  }
}
