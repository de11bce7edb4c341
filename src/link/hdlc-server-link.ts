import { type HdlcServerConfig, SERVER_INTER_OCTET_TIMEOUT } from './hdlc-config.js';
import { HdlcRoleLink } from './hdlc-role-link.js';
import { HdlcServer } from './hdlc-server.js';

/** HDLC for servers only, so that a meter does not contain the client side. */
export class HdlcServerLink extends HdlcRoleLink {
  /** @throws StateError when the configuration is wrong. */
  constructor(config: HdlcServerConfig) {
    super(config.interOctetTimeout ?? SERVER_INTER_OCTET_TIMEOUT, (line) => new HdlcServer(config, line));
  }
}
