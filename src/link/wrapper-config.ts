import { checkOptions, type OptionNames } from '../base/known-options.js';

/** Options of all sides. */
export interface WrapperCommonConfig {
  /**
   * `stream` (TCP, default): WPDUs in any chunks. Where a header is missing, a client or listener looks for the next WPDU that fits, because modems write
   * text and keep-alives between the messages of a meter. A server ends the connection. `datagram` (UDP): each chunk holds whole WPDUs, and a wrong
   * one does not affect the next.
   */
  readonly mode?: 'stream' | 'datagram';
  /** The longest APDU that is accepted, in octets. A longer one ends the connection. Default 65535. */
  readonly maxApdu?: number;
}

export interface WrapperClientConfig extends WrapperCommonConfig {
  /** Our wPort: the client SAP. */
  readonly client: number;
  /** The logical device's wPort. */
  readonly server: number;
}

/** Options of a listener, which receives what any server sends to any client. */
export type WrapperListenerConfig = WrapperCommonConfig;

export interface WrapperServerConfig extends WrapperCommonConfig {
  /** wPorts to which it answers: the logical devices. WPDUs for others are discarded. Default any. */
  readonly devices?: readonly number[];
}

const COMMON: OptionNames<WrapperCommonConfig> = { mode: true, maxApdu: true };
const KNOWN: Readonly<Record<'client' | 'server' | 'listener', Readonly<Record<string, true>>>> = {
  client: { ...COMMON, client: true, server: true } satisfies OptionNames<WrapperClientConfig>,
  server: { ...COMMON, devices: true } satisfies OptionNames<WrapperServerConfig>,
  listener: COMMON,
};

/** @throws StateError for an unknown option. */
export function checkWrapperOptions(role: 'client' | 'server' | 'listener', config: WrapperCommonConfig): void {
  checkOptions<object>(config, KNOWN[role], 'WrapperLink', { others: { maxPdu: 'maxApdu' } });
}
