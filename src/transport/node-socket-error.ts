import { isIPv6 } from 'node:net';
import { LinkError } from '../base/errors.js';
import { systemErrorCode } from '../base/system-error.js';

/** `host:port`, an IPv6 address in brackets. */
export function endpoint(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

interface Explanation {
  readonly what: string;
  readonly hint: string;
}

const CHECK_HOST = 'check the name or write the IP address';

/** Explanations of the system's socket errors for people. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: {
    what: 'the connection was refused',
    hint: 'nothing listens on that port: check the port, and that the meter or simulator is running',
  },
  ECONNRESET: {
    what: 'the other end reset the connection',
    hint: 'connect again; some meters serve one client at a time',
  },
  EPIPE: { what: 'the other end has closed the connection', hint: 'connect again' },
  EHOSTUNREACH: {
    what: 'there is no route to that host',
    hint: 'check the address, the network and the VPN',
  },
  ENETUNREACH: { what: 'that network cannot be reached', hint: 'check the address, the network and the VPN' },
  ETIMEDOUT: {
    what: 'the host does not answer',
    hint: 'check the address and the port, and that a firewall or the mobile network lets you through',
  },
  ENOTFOUND: { what: 'there is no host of that name', hint: CHECK_HOST },
  EAI_AGAIN: { what: 'the name could not be looked up', hint: `${CHECK_HOST}; is the network up?` },
  EADDRINUSE: {
    what: 'the address is in use',
    hint: 'another program listens there: stop it, take another port, or let port 0 pick one',
  },
  EADDRNOTAVAIL: { what: 'that address is not of this machine', hint: 'bind 127.0.0.1, or an address of this machine' },
  EACCES: { what: 'binding that port is not permitted', hint: 'take a port above 1023' },
  EMFILE: {
    what: 'this process has too many sockets and files open',
    hint: 'raise the limit (ulimit -n), or use fewer: a fleet behind one address needs few',
  },
  EMSGSIZE: { what: 'the datagram is too long', hint: 'agree on a smaller max PDU size, or use TCP' },
};

/** A LinkError for an error of a socket, with a hint. */
export function socketError(error: Error, name: string, doing: 'connect' | 'listen'): LinkError {
  const code = systemErrorCode(error) ?? '';
  const known = EXPLANATIONS[code];
  const what = known?.what ?? error.message;
  const verb = doing === 'listen' ? 'cannot listen: ' : '';
  return new LinkError('transport', `${name}: ${verb}${what}${known === undefined ? '' : ` (${code})`}`, {
    ...(known === undefined ? {} : { hint: known.hint }),
    cause: error,
  });
}
