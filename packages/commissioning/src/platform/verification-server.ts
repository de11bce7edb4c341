import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from 'cosem';
import { type HttpRequest, type HttpRoute, listenHttp } from 'cosem/http';
import { FileAttemptStore } from '../attempts.js';
import type { AttemptStore } from '../offline-verifier.js';
import type { SignedRecord } from '../record/commissioning-record.js';
import { RecordReceiver } from '../service/record-receiver.js';
import {
  type ServiceAnswer,
  VerificationService,
  type VerificationServiceOptions,
} from '../service/verification-service.js';
import { lockFolder, makeFolder } from './files.js';
import { NodeLogFile } from './node-log-file.js';

const LARGEST = 16_384;
/** Records of meters with many registers have some tens of kilobytes. */
const LARGEST_RECORD = 1_000_000;

export interface VerificationServerOptions extends Partial<Omit<VerificationServiceOptions, 'send' | 'attempts'>> {
  /**
   * Keeps the wrong codes of each work order, so that a restart gives no tries back: a store, or the folder of one, which is made where it is not
   * there and is this service's alone while it runs. Left out, they live in memory.
   */
  readonly attempts?: AttemptStore | string | undefined;
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
 * @throws LinkError when the port cannot be had; StorageError when another service has the folder of its tries, or they are damaged.
 */
export async function createVerificationService(options: VerificationServerOptions): Promise<VerificationServer> {
  const { clock = systemClock, random = (length: number) => randomBytes(length), port = 0 } = options;
  const { store, unlock } = attemptsIn(options.attempts);
  const service = new VerificationService({ ...options, attempts: store, clock, random });
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
  const listening = listenHttp({
    name: 'the verification service',
    port,
    routes: [
      post('/v1/codes', LARGEST, (request) => service.handle(request)),
      post('/v1/verifications', LARGEST, (request) => service.handle(request)),
      post('/v1/records', LARGEST_RECORD, (request) => receiver.handle(request)),
    ],
  });
  const server = await listening.catch((error: unknown) => {
    unlock();
    throw error;
  });
  return {
    url: server.url,
    port: server.port,
    get records() {
      return receiver.records;
    },
    close: () => server.close().finally(unlock),
  };
}

/** Tries must not begin anew: a folder that cannot be read, or is another's, is an error. */
function attemptsIn(attempts: AttemptStore | string | undefined): {
  readonly store: AttemptStore | undefined;
  readonly unlock: () => void;
} {
  if (typeof attempts !== 'string') return { store: attempts, unlock: () => {} };
  makeFolder(attempts);
  const unlock = lockFolder(attempts);
  try {
    return { store: new FileAttemptStore(new NodeLogFile(join(attempts, 'attempts.log'))), unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}
