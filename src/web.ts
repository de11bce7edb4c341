/**
 * The entry for browsers: Web Serial. Everything else is in the entry `cosem`.
 *
 * @module cosem/web
 */

export type { Transport, TransportHandler } from './contracts/transport.js';
export {
  type WebSerialOptions,
  type WebSerialPort,
  type WebSerialSettings,
  type WebSerialSignals,
  webSerial,
} from './transport/web-serial.js';
