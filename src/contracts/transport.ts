/** What a transport reports to its owner. */
export interface TransportHandler {
  /** Octets came. The array belongs to the owner: the transport does not touch it again. */
  data(chunk: Uint8Array): void;
  /** The line is closed; with an error when it was not closed by `close`. Called once. */
  closed(error?: Error): void;
}

/** Speed and format of a serial line: 8N1 unless told otherwise. */
export interface LineSettings {
  /** Speed in baud, such as 9600. */
  readonly baudRate: number;
  /** Data bits of an octet. Default 8. */
  readonly dataBits?: 7 | 8;
  /** Parity. Default `none`. */
  readonly parity?: 'none' | 'even';
}

/** A stream of octets, or of datagrams. It has no time-outs and no frames: both belong to the link. */
export interface Transport {
  /** A name for people: `tcp 127.0.0.1:4059`, `serial /dev/ttyUSB0 9600 8N1`. */
  readonly name: string;
  /**
   * Opens the line. What comes is given to `handler`.
   * @throws LinkError with a hint when the other end or the port cannot be reached.
   */
  open(handler: TransportHandler): Promise<void>;
  /** Queues octets. They are not copied, so the caller must not change the array. Errors are reported by `closed`. */
  write(bytes: Uint8Array): void;
  /** Serial lines only: changes speed and format after everything written so far has been sent. */
  configure?(settings: LineSettings): Promise<void>;
  /** Resolves when everything written has been sent; on serial lines that is later than when the system has taken it. */
  drain?(): Promise<void>;
  /** Closes the line. Never throws. */
  close(): Promise<void>;
  /** A new transport for the same line, not open yet, to connect again after this one was closed. Left out where that is not possible. */
  again?(): Transport;
}
