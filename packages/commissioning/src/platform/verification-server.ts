import { randomBytes } from 'node:crypto';
import { systemClock } from 'cosem';
import { type HttpRequest, type HttpRoute, listenHttp } from 'cosem/http';
import type { SignedRecord } from '../record/record.js';
import { RecordReceiver } from '../service/record-receiver.js';
import {
  type ServiceAnswer,
  VerificationService,
  type VerificationServiceOptions,
} from '../service/verification-service.js';

const LARGEST = 16_384;
/** Records of meters with many registers have some tens of kilobytes. */
const LARGEST_RECORD = 1_000_000;

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
  const post = (path: string, largest: number, handle: (request: HttpRequest) => ServiceAnswer): HttpRoute => ({
    method: 'POST',
    path,
    largest,
    answer: (request) => {
      const { status, headers, body } = handle(request);
      return { status, headers, body: JSON.stringify(body) };
    },
  });
  const server = await listenHttp({
    name: 'the verification service',
    port,
    routes: [
      post('/v1/codes', LARGEST, (request) => service.handle(request)),
      post('/v1/verifications', LARGEST, (request) => service.handle(request)),
      post('/v1/records', LARGEST_RECORD, (request) => receiver.handle(request)),
    ],
  });
  return {
    url: server.url,
    port: server.port,
    get records() {
      return receiver.records;
    },
    close: () => server.close(),
  };
}
