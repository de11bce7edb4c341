/**
 * The entry for browsers: Web Serial, and the cryptography that runs wherever JavaScript does. Everything else is in the entry `cosem`.
 *
 * @module cosem/web
 */

export type { Transport, TransportHandler } from './contracts/transport.js';
export { nobleCrypto } from './security/noble-crypto.js';
export {
  type WebSerialOptions,
  type WebSerialPort,
  type WebSerialSettings,
  type WebSerialSignals,
  webSerial,
} from './transport/web-serial.js';
