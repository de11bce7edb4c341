import { HdlcClient } from './hdlc-client.js';
import type { HdlcClientConfig } from './hdlc-config.js';
import { HdlcRoleLink } from './hdlc-role-link.js';

const INTER_OCTET_TIMEOUT = 1000;

/** HDLC for a client alone: a program that reads meters does not carry the other end. */
export class HdlcClientLink extends HdlcRoleLink {
  /** @throws StateError when the configuration cannot be. */
  constructor(config: HdlcClientConfig) {
    super(config.interOctetTimeout ?? INTER_OCTET_TIMEOUT, (line) => new HdlcClient(config, line));
  }
}
