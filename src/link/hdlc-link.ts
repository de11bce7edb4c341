import { HdlcClient } from './hdlc-client.js';
import {
  type HdlcClientConfig,
  type HdlcCommonConfig,
  type HdlcServerConfig,
  INTER_OCTET_TIMEOUT,
  SERVER_INTER_OCTET_TIMEOUT,
} from './hdlc-config.js';
import { HdlcListener } from './hdlc-listener.js';
import { HdlcRoleLink } from './hdlc-role-link.js';
import { HdlcServer } from './hdlc-server.js';

/**
 * The HDLC data link of IEC 62056-46, for a client, for a server, or for a listener that only receives pushes. It finds frames in octets, adds and
 * removes LLC headers, cuts and joins segments, repeats what was lost and never delivers anything twice. Frames that are damaged or not for us, such
 * as an echo, give `discarded` events and have no other effect.
 *
 * @example
 * ```ts
 * const link = new HdlcLink('client', { client: 16, server: 1 });
 * link.connect(now);
 * for (let octets = link.pollTransmit(); octets !== undefined; octets = link.pollTransmit()) write(octets);
 * ```
 */
export class HdlcLink extends HdlcRoleLink {
  /** @throws StateError when the configuration is wrong. */
  constructor(role: 'client', config: HdlcClientConfig);
  constructor(role: 'server', config: HdlcServerConfig);
  constructor(role: 'listener', config: HdlcCommonConfig);
  constructor(role: 'client' | 'server' | 'listener', config: HdlcClientConfig | HdlcServerConfig | HdlcCommonConfig) {
    super(
      config.interOctetTimeout ?? (role === 'server' ? SERVER_INTER_OCTET_TIMEOUT : INTER_OCTET_TIMEOUT),
      (line) => {
        if (role === 'client') return new HdlcClient(config as HdlcClientConfig, line);
        if (role === 'server') return new HdlcServer(config as HdlcServerConfig, line);
        return new HdlcListener(config, line);
      },
    );
  }
}
