import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { systemClock } from '../../src/base/clock.js';
import { LinkError, StateError } from '../../src/base/errors.js';
import type { Transport } from '../../src/contracts/transport.js';
import { open } from '../../src/index.js';
import { duplex } from '../../src/transport/node-duplex.js';
import { type TlsOptions, tls } from '../../src/transport/node-tls.js';
import { listening } from '../support/listen.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A certificate that signs itself, for localhost unless told otherwise. */
function selfSigned(name: string, san = 'DNS:localhost,IP:127.0.0.1'): Identity {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${san}`];
  execFileSync(
    'openssl',
    ['req', '-x509', ...curve, '-nodes', '-days', '2', ...subject, '-out', cert, '-keyout', key],
    {
      stdio: 'ignore',
    },
  );
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const connections: TLSSocket[] = [];

/** Serves what comes by this. */
async function served(identity: Identity, take: (socket: TLSSocket) => void, options: object = {}) {
  const server = createServer({ ...identity, ...options }, (socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise<void>((done) => server.close(() => done())) };
}

async function refused(transport: Transport): Promise<LinkError> {
  const error = await transport
    .open({ data: () => undefined, closed: () => undefined })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LinkError);
  await transport.close();
  return error as LinkError;
}

describe.skipIf(!hasOpenssl())('TLS', () => {
  let identity: Identity;
  let other: Identity;
  let elsewhere: Identity;
  beforeAll(() => {
    identity = selfSigned('gateway');
    other = selfSigned('other');
    elsewhere = selfSigned('elsewhere', 'DNS:elsewhere.example');
  });
  const pin = ({ cert }: Identity) => new X509Certificate(cert).fingerprint256;

  it('refuses a certificate that nobody trusts, and sends nothing', async () => {
    const heard: Buffer[] = [];
    const server = await served(identity, (socket) => socket.on('data', (chunk: Buffer) => heard.push(chunk)));
    const error = await refused(tls('127.0.0.1', server.port));
    expect(error.reason).toBe('rejected');
    expect(error.message).toMatch(/not trusted: it signed its certificate itself/);
    expect(error.hint).toMatch(/ca\), or the fingerprint/);
    expect(heard).toEqual([]);
    await server.close();
  });

  it('takes the one of an authority that was told, and no other', async () => {
    const server = await served(identity, (socket) => socket.pipe(socket));
    const transport = tls('localhost', server.port, { ca: identity.cert });
    const heard = await listening(transport);
    transport.write(Uint8Array.of(1, 2, 3));
    expect(await heard.heard(3)).toEqual([1, 2, 3]);
    await transport.close();
    expect(await heard.closed).toBeUndefined();
    expect((await refused(tls('localhost', server.port, { ca: [other.cert] }))).reason).toBe('rejected');
    await server.close();
  });

  it('refuses a name that the certificate does not bear, unless that is the name meant', async () => {
    const server = await served(elsewhere, (socket) => socket.pipe(socket));
    const error = await refused(tls('127.0.0.1', server.port, { ca: elsewhere.cert }));
    expect(error.message).toMatch(/bears another name/);
    const transport = tls('127.0.0.1', server.port, { ca: elsewhere.cert, serverName: 'elsewhere.example' });
    const heard = await listening(transport);
    await transport.close();
    expect(await heard.closed).toBeUndefined();
    await server.close();
  });

  it('takes the one certificate of a fingerprint, and sends nothing to another', async () => {
    const heard: Buffer[] = [];
    const server = await served(identity, (socket) => socket.on('data', (chunk: Buffer) => heard.push(chunk)));
    const right = tls('127.0.0.1', server.port, { fingerprint: pin(identity).toLowerCase() });
    const listener = await listening(right);
    await right.close();
    expect(await listener.closed).toBeUndefined();
    const error = await refused(tls('127.0.0.1', server.port, { fingerprint: pin(other) }));
    expect(error).toMatchObject({
      reason: 'rejected',
      message: expect.stringMatching(/another certificate than the expected one/),
    });
    expect(heard).toEqual([]);
    expect(() => tls('127.0.0.1', 4059, { fingerprint: createHash('sha1').update('').digest('hex') })).toThrow(
      StateError,
    );
    await server.close();
  });

  it('shows a certificate of its own where one is asked for', async () => {
    const server = await served(identity, (socket) => socket.pipe(socket), { requestCert: true, ca: other.cert });
    const mutual: TlsOptions = { ca: identity.cert, cert: other.cert, key: other.key };
    const transport = tls('localhost', server.port, mutual);
    const heard = await listening(transport);
    transport.write(Uint8Array.of(9));
    expect(await heard.heard(1)).toEqual([9]);
    await transport.close();
    const useless = tls('localhost', server.port, { ...mutual, key: 'no key' });
    const error = await useless
      .open({ data: () => undefined, closed: () => undefined })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StateError);
    expect(String(error)).not.toContain('no key');
    await server.close();
  });

  it('says what does not speak TLS, and that nobody listens', async () => {
    const { createServer: plain } = await import('node:net');
    const server = plain((socket) =>
      socket.on('data', () => socket.end('no TLS here\r\n')).on('error', () => undefined),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect((await refused(tls('127.0.0.1', port))).message).toMatch(/handshake failed/);
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    expect((await refused(tls('127.0.0.1', port))).message).toMatch(/refused/);
  });

  it('carries a session with a meter, and takes it up again over a new connection', async () => {
    const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
    const sockets: TLSSocket[] = [];
    const server = await served(identity, (socket) => {
      sockets.push(socket);
      void virtual.attach(duplex(socket, { name: 'tls client' }), { framing: 'wrapper' });
    });
    const transport = tls('localhost', server.port, { ca: identity.cert });
    const meter = await open(transport, { framing: 'wrapper', ...openOptionsOf(virtual, 'utility'), reconnect: true });
    expect(await meter.get(meter.data('0.0.96.1.0.255').value)).toBeDefined();
    const resumed = new Promise<void>((resolve) => {
      meter.on('resumed', () => resolve());
    });
    sockets[0]?.destroy();
    await resumed;
    expect(await meter.get(meter.data('0.0.96.1.0.255').value)).toBeDefined();
    await meter.close();
    virtual.stop();
    await server.close();
  });
});
