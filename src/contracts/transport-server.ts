import type { Transport } from './transport.js';

/** What listens now. */
export interface Listening {
  /** Address that was bound. */
  readonly host: string;
  /** Port that was bound, also when 0 was asked for. */
  readonly port: number;
  /** Stops listening and closes every line. Never throws. */
  close(): Promise<void>;
}

/** What makes a line of each peer that connects: `tcpServer` and `udpServer` of `cosem/node` are some. */
export interface TransportServer {
  /** What carries APDUs there unless told otherwise: the wrapper in a stream or in datagrams (IEC 62056-47), or HDLC. */
  readonly framing: 'wrapper' | 'wrapper-udp' | 'hdlc';
  /**
   * Listens. Each line is handed over not open yet.
   * @throws LinkError when the address cannot be bound.
   */
  listen(onLine: (transport: Transport) => void): Promise<Listening>;
}
