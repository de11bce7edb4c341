import type { LinkOptions } from '../client/platform.js';
import type { Link } from '../contracts/link.js';
import { WrapperLink } from '../link/wrapper-link.js';
import { paced } from './paced.js';

/** The wrapper over a connection. */
export function wrapperLink(options: LinkOptions): Link {
  return paced(new WrapperLink('client', { client: options.client, server: options.server }), options);
}

/** The wrapper in datagrams. */
export function datagramLink({ client, server }: LinkOptions): Link {
  return new WrapperLink('client', { client, server, mode: 'datagram' });
}
