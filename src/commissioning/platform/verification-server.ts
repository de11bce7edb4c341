import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { systemClock } from '../../base/clock.js';
import { LinkError } from '../../base/errors.js';
import type { SignedRecord } from '../record/record.js';
import { RecordReceiver } from '../service/record-receiver.js';
import {
  type ServiceAnswer,
  type ServiceRequest,
  VerificationService,
  type VerificationServiceOptions,
} from '../service/verification-service.js';

const LARGEST = 16_384;
/** Records of meters with many registers have some tens of kilobytes. */
const LARGEST_RECORD = 1_000_000;
const RECORDS = '/v1/records';

export interface VerificationServerOptions extends Partial<Omit<VerificationServiceOptions, 'send'>> {
  readonly send: VerificationServiceOptions['send'];
  /** 0, unless told, picks a free one. */
  readonly port?: number;
}

/** A verification service that listens. */
export interface VerificationServer {
  readonly url: string;
  readonly port: number;
  /** Records that were taken. */
  readonly records: readonly SignedRecord[];
  close(): Promise<void>;
}

/**
 * Serves a {@link VerificationService} and a {@link RecordReceiver} on this machine alone (127.0.0.1), for tests and demonstrations.
 * @throws LinkError when the port cannot be had.
 */
export async function createVerificationService(options: VerificationServerOptions): Promise<VerificationServer> {
  const { clock = systemClock, random = (length: number) => randomBytes(length), port = 0 } = options;
  const service = new VerificationService({ ...options, clock, random });
  const receiver = new RecordReceiver();
  const handle = (request: ServiceRequest) =>
    request.path === RECORDS ? receiver.handle(request) : service.handle(request);
  const server = createServer((request, response) => {
    answer(handle, request, response).catch(() => response.destroy());
  });
  const bound = await listen(server, port);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    get records() {
      return receiver.records;
    },
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

async function answer(
  handle: (request: ServiceRequest) => ServiceAnswer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request, request.url === RECORDS ? LARGEST_RECORD : LARGEST);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  const { method = '', url = '' } = request;
  const answered =
    body === undefined
      ? { status: 413, body: { reason: 'too-large' } }
      : handle({ method, path: url, headers, body: body.value });
  response.writeHead(answered.status, { 'content-type': 'application/json', ...answered.headers });
  response.end(JSON.stringify(answered.body));
}

/** Undefined when it is too large. */
async function bodyOf(request: IncomingMessage, largest: number): Promise<{ readonly value: unknown } | undefined> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > largest) return undefined;
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { value: undefined };
  }
}
