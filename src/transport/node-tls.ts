import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Millis } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { Transport } from '../contracts/transport.js';
import { DuplexTransport } from './node-duplex.js';
import { endpoint, socketError } from './node-socket-error.js';

export interface TlsOptions {
  /** Certificates of authorities that are trusted in place of those of the system, PEM. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /**
   * The SHA-256 fingerprint of the one certificate that is taken, whoever signed it, as `AB:CD:…`: for a gateway that signed its own. Names and
   * dates in it are not looked at.
   */
  readonly fingerprint?: string;
  /** Our own certificate and its key, PEM, where the other end asks for one. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** Of `key`. */
  readonly passphrase?: string;
  /** The name in the certificate, where it is not the host. */
  readonly serverName?: string;
  /** How long connecting may take, the handshake included. 10 s unless told. */
  readonly connectTimeout?: Millis;
  /** As that of `tcp`: 60 s unless told, 0 never. */
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
 * A TCP connection under TLS (1.2 or later) to a gateway or a concentrator. Its certificate must be signed by an authority that is trusted and
 * bear its name, or be the one of `fingerprint`: else `open` throws LinkError before an octet of ours went out.
 *
 * ```ts
 * const meter = await open(tls('gateway.example', 4059, { ca: await readFile('authority.pem') }), { framing: 'wrapper' });
 * ```
 * @throws StateError for what is no port or no fingerprint.
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
      // A certificate or a key of ours that cannot be read. The message of OpenSSL shows nothing of it.
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
          new LinkError('rejected', `${name}: the certificate of the other end is another one than was told`, {
            hint: 'look who answers there before you trust it: its certificate may have been renewed, or somebody sits between',
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

/** As Node writes it. */
function fingerprintOf(text: string): string {
  const digits = text.replaceAll(/[\s:]/g, '').toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits)) {
    throw new StateError('a fingerprint of a certificate has 32 octets (SHA-256)', {
      hint: 'openssl x509 -noout -fingerprint -sha256 -in certificate.pem',
    });
  }
  return digits.replaceAll(/(..)(?=.)/g, '$1:');
}

/** What OpenSSL and Node say of certificates, in words. */
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
  const code = (error as { code?: string }).code ?? '';
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
