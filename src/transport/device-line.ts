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
  /** Whether it carries datagrams, whose senders can be forged: what goes out is bounded until the peer has proved itself. */
  readonly datagrams?: boolean;
  /** Who closes lines that are kept open for nothing, and makes room when there are too many; nobody unless given. */
  readonly peers?: Pick<IdlePeers, 'admit'> | undefined;
  readonly onClosed?: ServedLineOptions['onClosed'] | undefined;
}

const WRAPPER_HEADER = 8;

/** What stands between the sessions of one line and its link and transport: who is there, and how much may go out. */
export class DeviceLine {
  readonly #answering: AnsweringLine;
  readonly #options: DeviceLineOptions;
  readonly #bound: AnswerBound | undefined;

  constructor(answering: AnsweringLine, options: DeviceLineOptions) {
    this.#answering = answering;
    this.#options = options;
    if (options.datagrams === true) this.#bound = new AnswerBound(() => answering.proved);
  }

  /** What is known by now of who is at the other end. */
  get standing(): Standing {
    const { proved, associated } = this.#answering;
    return proved ? 'proved' : associated ? 'associated' : 'stranger';
  }

  /** The transport as the line is to be served over. */
  over(transport: Transport): Transport {
    const admitted = this.#options.peers?.admit(transport, () => this.standing) ?? transport;
    return this.#bound?.wrap(admitted) ?? admitted;
  }

  /** The answer to what came; undefined where none is due. */
  answer({ client, server, bytes, unconfirmed }: PayloadEvent, now: Millis): Uint8Array | undefined {
    const room = this.#bound === undefined ? undefined : this.#bound.room - WRAPPER_HEADER;
    return this.#answering.handle(client, server, bytes, now, unconfirmed, room);
  }

  /** What {@link serveLink} asks; `payload` stands in for the plain answer where one is given. */
  handler(payload?: ServerHandler['payload']): ServerHandler {
    const answering = this.#answering;
    return {
      payload: payload ?? ((event, now) => this.answer(event, now) ?? 'none'),
      following: ({ client, server }) => answering.session(client, server)?.following(),
      // A new data link begins without association, whatever was before.
      connected: ({ client }) => answering.released(client),
      disconnected: ({ client }) => answering.released(client),
      closed: (error) => {
        answering.released();
        this.#options.onClosed?.(error);
      },
    };
  }
}
