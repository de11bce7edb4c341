import type { Data } from '../../src/codec/data.js';
import type { ServerSecurity } from '../../src/contracts/association.js';
import type { CryptoProvider } from '../../src/contracts/crypto-provider.js';

/** Under which key, and how, a message of a customer port is sealed. */
export interface PortSealing {
  /** Encryption and authentication key of the customer. */
  readonly keys: ServerSecurity['keys'];
  /** System title of the meter. */
  readonly systemTitle: Uint8Array;
  /** Its invocation counter, never used before under this key. */
  readonly invocationCounter: number;
  /** Whether it is authenticated too. */
  readonly protection: 'encryption' | 'authenticated-encryption';
}

/** The frames and the protection of customer ports, provided by the entry. */
export interface PortPlatform {
  /** A telegram with its CRC-16. */
  telegram(head: string, lines: readonly string[]): Uint8Array;
  /** A data-notification APDU. */
  notification(body: Data): Uint8Array;
  /** UI frames of HDLC, with segments where the APDU is long. */
  hdlc(apdu: Uint8Array): readonly Uint8Array[];
  /** Long frames of the M-Bus. */
  mbus(apdu: Uint8Array): readonly Uint8Array[];
  /** general-glo-ciphering. */
  seal(crypto: CryptoProvider, sealing: PortSealing, content: Uint8Array): Uint8Array;
}
