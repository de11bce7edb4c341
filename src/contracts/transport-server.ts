import type { Transport } from './transport.js';

/** A server socket that is listening. */
export interface Listening {
  /** Address that was bound. */
  readonly host: string;
  /** Port that was bound; when 0 was asked for, the one that the system chose. */
  readonly port: number;
  /** Stops listening and closes every line. Never throws. */
  close(): Promise<void>;
}

/** Makes a transport for each peer that connects. `tcpServer` and `udpServer` of `cosem/node` give such servers. */
export interface TransportServer {
  /** What carries APDUs there by default: the wrapper in a stream or in datagrams (IEC 62056-47), or HDLC. */
  readonly framing: 'wrapper' | 'wrapper-udp' | 'hdlc';
  /**
   * Begins to listen. Each transport is given to `onLine` before it is opened.
   * @throws LinkError when the address cannot be bound.
   */
  listen(onLine: (transport: Transport) => void): Promise<Listening>;
}
