import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { systemClock } from '../../base/clock.js';
import { LinkError } from '../../base/errors.js';
import { VerificationService, type VerificationServiceOptions } from '../service/verification-service.js';

const LARGEST = 16_384;

export interface VerificationServerOptions extends Partial<Omit<VerificationServiceOptions, 'send'>> {
  readonly send: VerificationServiceOptions['send'];
  /** 0, unless told, picks a free one. */
  readonly port?: number;
}

/** A verification service that listens. */
export interface VerificationServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves a {@link VerificationService} on this machine alone (127.0.0.1), for tests and demonstrations.
 * @throws LinkError when the port cannot be had.
 */
export async function createVerificationService(options: VerificationServerOptions): Promise<VerificationServer> {
  const { clock = systemClock, random = (length: number) => randomBytes(length), port = 0 } = options;
  const service = new VerificationService({ ...options, clock, random });
  const server = createServer((request, response) => {
    answer(service, request, response).catch(() => response.destroy());
  });
  const bound = await listen(server, port);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const hint = 'give another port, or 0 for any that is free';
      reject(new LinkError('transport', `the verification service cannot listen on port ${port}`, { hint, cause }));
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function answer(service: VerificationService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  const { method = '', url = '' } = request;
  const answered =
    body === undefined
      ? { status: 413, body: { reason: 'too-large' } }
      : service.handle({ method, path: url, headers, body: body.value });
  response.writeHead(answered.status, { 'content-type': 'application/json', ...answered.headers });
  response.end(JSON.stringify(answered.body));
}

/** Undefined when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<{ readonly value: unknown } | undefined> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LARGEST) return undefined;
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { value: undefined };
  }
}
