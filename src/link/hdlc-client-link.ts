import { HdlcClient } from './hdlc-client.js';
import type { HdlcClientConfig } from './hdlc-config.js';
import { HdlcRoleLink } from './hdlc-role-link.js';

const INTER_OCTET_TIMEOUT = 1000;

/** HDLC for clients only, so that a program that reads meters does not contain the server side. */
export class HdlcClientLink extends HdlcRoleLink {
  /** @throws StateError when the configuration is wrong. */
  constructor(config: HdlcClientConfig) {
    super(config.interOctetTimeout ?? INTER_OCTET_TIMEOUT, (line) => new HdlcClient(config, line));
  }
}
