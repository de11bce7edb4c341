import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Millis } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import { systemErrorCode } from '../base/system-error.js';
import type { Transport } from '../contracts/transport.js';
import { DuplexTransport } from './node-duplex.js';
import { endpoint, socketError } from './node-socket-error.js';

/** Options of {@link tls}. */
export interface TlsOptions {
  /** Certificates of trusted authorities, PEM, instead of those of the system. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /**
   * SHA-256 fingerprint of the only accepted certificate, as `AB:CD:…`, whoever signed it: for a gateway with a self-signed certificate.
   * Its names and dates are not checked.
   */
  readonly fingerprint?: string;
  /** Our own certificate, PEM, where the other end asks for one. */
  readonly cert?: string | Uint8Array;
  /** The private key of our certificate, PEM. */
  readonly key?: string | Uint8Array;
  /** Passphrase of `key`. */
  readonly passphrase?: string;
  /** The name that the certificate must have, where it is not the host. */
  readonly serverName?: string;
  /** How long connecting may take including the handshake, in milliseconds. Default 10 s. */
  readonly connectTimeout?: Millis;
  /** As that of `tcp`, in milliseconds. Default 60 s; 0 for never. */
  readonly keepAlive?: Millis;
}

const TLS_OPTIONS: OptionNames<TlsOptions> = {
  ca: true,
  fingerprint: true,
  cert: true,
  key: true,
  passphrase: true,
  serverName: true,
  connectTimeout: true,
  keepAlive: true,
};

const CONNECT_TIMEOUT: Millis = 10_000;
const KEEP_ALIVE: Millis = 60_000;

/**
 * A TCP connection under TLS (1.2 or later) to a gateway or a concentrator. Its certificate must be signed by a trusted authority for the
 * right name, or have the given `fingerprint`; otherwise `open` throws LinkError before any of our octets is sent.
 *
 * ```ts
 * const meter = await open(tls('gateway.example', 4059, { ca: await readFile('authority.pem') }), { framing: 'wrapper' });
 * ```
 * @throws StateError for an invalid port or fingerprint.
 */
export function tls(host: string, port: number, options: TlsOptions = {}): Transport {
  checkOptions(options, TLS_OPTIONS, 'tls');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StateError(`${port} is not a TCP port`, { hint: 'ports are 1 to 65535' });
  }
  const pinned = options.fingerprint === undefined ? undefined : fingerprintOf(options.fingerprint);
  const name = `tls ${endpoint(host, port)}`;
  return new DuplexTransport(name, (stop) => dial(name, host, port, options, pinned, stop), true);
}

function dial(
  name: string,
  host: string,
  port: number,
  options: TlsOptions,
  pinned: string | undefined,
  stop: AbortSignal,
): Promise<Duplex> {
  const { connectTimeout = CONNECT_TIMEOUT, keepAlive = KEEP_ALIVE } = options;
  return new Promise((resolve, reject) => {
    let socket: TLSSocket;
    try {
      socket = connect(settingsOf(host, port, options, pinned));
    } catch (error) {
      // Our certificate or key cannot be read. The message of OpenSSL does not show its content.
      reject(new StateError(`${name}: our certificate or key cannot be used`, { cause: error }));
      return;
    }
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => {
      const hint = 'check the address and the port; does the other end speak TLS?';
      fail(new LinkError('transport', `${name}: no connection within ${connectTimeout / 1000} s`, { hint }));
    }, connectTimeout);
    const onError = (error: Error) => fail(tlsError(error, name));
    socket.once('error', onError);
    stop.addEventListener(
      'abort',
      () => fail(new LinkError('transport', `${name} was closed while it was being opened`)),
      {
        once: true,
      },
    );
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      if (pinned !== undefined && socket.getPeerCertificate().fingerprint256 !== pinned) {
        fail(
          new LinkError('rejected', `${name}: the other end has another certificate than the expected one`, {
            hint: 'find out who answers there before you trust it: the certificate may have been renewed, or somebody intercepts the connection',
          }),
        );
        return;
      }
      socket.setNoDelay(true);
      if (keepAlive > 0) socket.setKeepAlive(true, keepAlive);
      resolve(socket);
    });
  });
}

function settingsOf(host: string, port: number, options: TlsOptions, pinned: string | undefined): ConnectionOptions {
  const { ca, cert, key, passphrase, serverName = isIP(host) === 0 ? host : undefined } = options;
  const pem = (text: string | Uint8Array) => (typeof text === 'string' ? text : Buffer.from(text));
  return {
    host,
    port,
    minVersion: 'TLSv1.2',
    // With a fingerprint the certificate itself is compared, before anything is sent.
    rejectUnauthorized: pinned === undefined,
    ...given({ servername: serverName }),
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' || ca instanceof Uint8Array ? pem(ca) : ca.map(pem) }),
    ...(cert === undefined ? {} : { cert: pem(cert) }),
    ...(key === undefined ? {} : { key: pem(key) }),
    ...given({ passphrase }),
  };
}

/** The fingerprint in the form that Node uses. */
function fingerprintOf(text: string): string {
  const digits = text.replaceAll(/[\s:]/g, '').toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits)) {
    throw new StateError('a fingerprint of a certificate has 32 octets (SHA-256)', {
      hint: 'openssl x509 -noout -fingerprint -sha256 -in certificate.pem',
    });
  }
  return digits.replaceAll(/(..)(?=.)/g, '$1:');
}

/** The certificate errors of OpenSSL and Node in words. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it signed its certificate itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not trusted here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate bears another name',
};

function tlsError(error: Error, name: string): LinkError {
  const code = systemErrorCode(error) ?? '';
  const why = UNTRUSTED[code];
  if (why !== undefined) {
    return new LinkError('rejected', `${name}: the other end is not trusted: ${why} (${code})`, {
      hint: 'give the certificate of its authority (ca), or the fingerprint of its own that you had from its owner',
      cause: error,
    });
  }
  if (/^(ERR_SSL|EPROTO)/.test(code)) {
    return new LinkError('transport', `${name}: the handshake failed (${code})`, {
      hint: 'does the other end speak TLS 1.2 or later on that port, and does it ask for a certificate of ours?',
      cause: error,
    });
  }
  return socketError(error, name, 'connect');
}
