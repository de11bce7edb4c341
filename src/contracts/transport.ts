/** What a transport tells its owner. Set before `open`. */
export interface TransportHandler {
  /** The array is the owner's: the transport does not touch it again. */
  data(chunk: Uint8Array): void;
  /** The line is gone. With an error when nobody asked for it. Called once. */
  closed(error?: Error): void;
}

/** Speed and format of a serial line: 8N1 unless told otherwise. */
export interface LineSettings {
  readonly baudRate: number;
  readonly dataBits?: 7 | 8;
  readonly parity?: 'none' | 'even';
}

/** A stream of octets, or of datagrams. Times out nowhere, frames nothing: both are the link's business. */
export interface Transport {
  /** For people: `tcp 127.0.0.1:4059`, `serial /dev/ttyUSB0 9600 8N1`. */
  readonly name: string;
  /** @throws LinkError with a hint when the other end or the port is not to be had. */
  open(handler: TransportHandler): Promise<void>;
  /** Queues octets; nothing is copied, so the caller leaves the array alone. Errors reach `closed`. */
  write(bytes: Uint8Array): void;
  /** Serial lines only: changes speed and format, once what was written has left the line at the old ones. */
  configure?(settings: LineSettings): Promise<void>;
  /** Resolves when what was written has left the line, which on serial lines is later than when the system has taken it. */
  drain?(): Promise<void>;
  close(): Promise<void>;
  /** Another transport of the same line, not open yet, for who connects again when this one is gone. Left out where there is none. */
  again?(): Transport;
}
