import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from 'cosem';
import { type HttpRequest, type HttpRoute, listenHttp } from 'cosem/http';
import { checkOptions, type OptionNames } from 'cosem/protocol';
import { FileAttemptStore } from '../attempts.js';
import type { AttemptStore } from '../offline-verifier.js';
import type { SignedRecord } from '../record/record-base.js';
import { RecordReceiver } from '../service/record-receiver.js';
import {
  type ServiceAnswer,
  VerificationService,
  type VerificationServiceOptions,
} from '../service/verification-service.js';
import { lockFolder, makeFolder } from './files.js';
import { NodeLogFile } from './node-log-file.js';

const LARGEST = 16_384;
/** Largest record in octets. Records of meters with many registers have some tens of kilobytes. */
const LARGEST_RECORD = 1_000_000;

export interface VerificationServerOptions extends Partial<Omit<VerificationServiceOptions, 'send' | 'attempts'>> {
  /**
   * Where the number of wrong codes of each work order is kept, so that a restart gives no new tries: a store, or the path of a folder. The
   * folder is made where it does not exist, and no other service may use it meanwhile. Left out, the numbers are in memory only.
   */
  readonly attempts?: AttemptStore | string | undefined;
  readonly send: VerificationServiceOptions['send'];
  /** Port to listen on. Default 0, which picks a free one. */
  readonly port?: number;
}

const OPTIONS: OptionNames<VerificationServerOptions> = {
  ...{ clock: true, random: true, send: true, lifetime: true },
  ...{ attempts: true, port: true },
};

/** A running verification service. */
export interface VerificationServer {
  readonly url: string;
  readonly port: number;
  /** The records that were accepted. */
  readonly records: readonly SignedRecord[];
  close(): Promise<void>;
}

/**
 * Serves a {@link VerificationService} and a {@link RecordReceiver} on this machine alone (127.0.0.1), for tests and demonstrations.
 * @throws StateError for an option that there is not; LinkError when the port is not available; StorageError when another service uses the folder of the tries, or its files are
 * damaged.
 */
export async function createVerificationService(options: VerificationServerOptions): Promise<VerificationServer> {
  checkOptions(options, OPTIONS, 'createVerificationService');
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

/** The number of tries must not start again, so a folder that cannot be read, or that another service uses, is an error. */
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
