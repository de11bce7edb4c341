import { HdlcClient } from './hdlc-client.js';
import { type HdlcClientConfig, INTER_OCTET_TIMEOUT } from './hdlc-config.js';
import { HdlcRoleLink } from './hdlc-role-link.js';

/** HDLC for clients only, so that a program that reads meters does not contain the server side. */
export class HdlcClientLink extends HdlcRoleLink {
  /** @throws StateError when the configuration is wrong. */
  constructor(config: HdlcClientConfig) {
    super(config.interOctetTimeout ?? INTER_OCTET_TIMEOUT, (line) => new HdlcClient(config, line));
  }
}
