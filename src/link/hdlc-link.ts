import { HdlcClient } from './hdlc-client.js';
import type { HdlcClientConfig, HdlcCommonConfig, HdlcServerConfig } from './hdlc-config.js';
import { HdlcListener } from './hdlc-listener.js';
import { HdlcRoleLink } from './hdlc-role-link.js';
import { HdlcServer } from './hdlc-server.js';

/**
 * The HDLC data link of IEC 62056-46, for either side, or for listening to pushes alone. It finds frames in the octets, writes and reads LLC headers, cuts and joins
 * segments, repeats what is lost and never delivers anything twice. Frames that are not right or not for us, as an echo that nobody took out
 * before, end as `discarded` events and have no other effect.
 */
export class HdlcLink extends HdlcRoleLink {
  /** @throws StateError when the configuration cannot be. */
  constructor(role: 'client', config: HdlcClientConfig);
  constructor(role: 'server', config: HdlcServerConfig);
  constructor(role: 'listener', config: HdlcCommonConfig);
  constructor(role: 'client' | 'server' | 'listener', config: HdlcClientConfig | HdlcServerConfig | HdlcCommonConfig) {
    super(config.interOctetTimeout ?? (role === 'server' ? 500 : 1000), (line) => {
      if (role === 'client') return new HdlcClient(config as HdlcClientConfig, line);
      if (role === 'server') return new HdlcServer(config as HdlcServerConfig, line);
      return new HdlcListener(config, line);
    });
  }
}
