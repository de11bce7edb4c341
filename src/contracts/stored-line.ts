import type { Millis } from '../base/clock.js';
import type { Framing } from './link.js';

/** A place on a network. */
export interface NetworkAddress {
  /** Host name or IP address. */
  readonly host: string;
  /** Port number. */
  readonly port: number;
}

/** A serial port. */
export interface StoredSerialLine {
  /** Tells it from other lines. */
  readonly type: 'serial';
  /** Its path, such as `/dev/ttyUSB0`. */
  readonly path: string;
  /** Its speed in baud. */
  readonly baud: number;
}

/** A place on a network, reached by TCP or UDP. */
export interface StoredNetworkLine extends NetworkAddress {
  /** Tells it from other lines. */
  readonly type: 'tcp' | 'udp';
}

/** The line to a meter, as a configuration names it. */
export type StoredLine = StoredSerialLine | StoredNetworkLine;

/** What the transport to a meter is made of. */
export interface StoredPlace {
  /** The line: serial port, TCP or UDP. */
  readonly line: StoredLine;
  /** Data link of the line. */
  readonly framing: Framing;
  /** How long the meter may stay silent, in milliseconds. */
  readonly timeout: Millis | undefined;
  /** Mode E: speed of the sign-on, in baud. */
  readonly signOnBaud: number | undefined;
  /** Control line RTS of the serial port. */
  readonly rts: 'on' | 'off' | 'send' | 'listen' | undefined;
  /** Control line DTR of the serial port. */
  readonly dtr: 'on' | 'off' | undefined;
}
