import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMeter, VirtualLine } from '../../../simulator/index.js';
import { fromHex } from '../../../src/base/bytes.js';
import { VirtualClock } from '../../../src/base/clock.js';
import { type Meter, type OpenOptions, open } from '../../../src/index.js';
import { nodeCrypto } from '../../../src/transport/node-crypto.js';
import { FileAttemptStore } from '../src/attempts.js';
import { ClientMeterPort } from '../src/client-meter-port.js';
import { ConsumerIndex } from '../src/index/consumer-index.js';
import { IndexKeys } from '../src/index/sealing.js';
import { OfflineVerifier } from '../src/offline-verifier.js';
import { provisionCode } from '../src/otp.js';
import { Outbox } from '../src/outbox.js';
import { openSqlite } from '../src/platform/sqlite.js';
import { defaultPolicy, type Policy } from '../src/policy.js';
import { RecordChain } from '../src/record/chain.js';
import type { CommissioningRecord } from '../src/record/commissioning-record.js';
import type { Certificate } from '../src/record/record-base.js';
import { signerOf } from '../src/record/signing.js';
import { CommissioningSession, type SessionParts, type StepResult } from '../src/session.js';
import type { StepId } from '../src/steps.js';
import { type ConsumerVerifier, OneTimeCode } from '../src/verification.js';
import { type InstallationOrder, parseWorkOrder } from '../src/work-order.js';
import { MemoryDisk } from './memory-file.js';

/** Half past ten in India. */
export const START = Date.UTC(2026, 10, 23, 5, 0, 0);
export const SERIAL = '10000042';
export const CODE = '274913';
export const INDEX_KEY = fromHex('11'.repeat(32));
const SIGNING_KEY = fromHex('22'.repeat(32));
export const WORK = { n: 2, r: 1, p: 1 };

export const INSTALLER = {
  id: 'EMP-77',
  name: 'R. Sharma',
  letter: 'AMI/2026/118',
  letterValidUntil: '2026-12-31',
  identityCardShown: true,
};
export const DOCUMENTS = [{ type: 'aadhaar', number: '9876 5432 1012' }];
export const OLD_METER = { serial: 'OLD-5567', finalReading: '18442.7', condition: 'good, seal intact' };
export const SEALS = { seals: ['S-100', 'S-101'] };

/** A work order as the utility writes it. */
export function orderJson(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    format: 'cosem-work-order-1',
    id: 'WO-1',
    issued: '2026-11-20T09:00:00+05:30',
    consumer: {
      number: '1100220033',
      name: 'Asha Devi',
      address: '12 Gandhi Marg, Lucknow 226001',
      mobile: '+919812344321',
    },
    sanctionedLoad: 2000,
    network: { feeder: 'F-11', transformer: 'T-204', pole: 'P-9' },
    position: { latitude: 26.8467, longitude: 80.9462 },
    oldMeter: { serial: OLD_METER.serial },
    newMeter: { serial: SERIAL, profile: 'is15959/D1' },
    keys: { config: 'meters.json', connection: 'utility' },
    ...changes,
  };
}

export function orderOf(changes: Record<string, unknown> = {}): InstallationOrder {
  return parseWorkOrder(JSON.stringify(orderJson(changes)), 'test.json').order as InstallationOrder;
}

/** Octets that look random and are the same each time. */
export function countedRandom(): (length: number) => Uint8Array {
  let next = 1;
  return (length) => Uint8Array.from({ length }, () => (next = (next * 73 + 41) % 251));
}

export interface BenchOptions {
  readonly order?: InstallationOrder;
  readonly policy?: Partial<Policy>;
  readonly verifier?: ConsumerVerifier;
  readonly code?: string;
  readonly seed?: number;
}

/** A virtual meter, an installer's laptop, and one clock for both. */
export class Bench {
  readonly clock = new VirtualClock(START);
  readonly meter;
  readonly folder = mkdtempSync(join(tmpdir(), 'cosem-commission-'));
  readonly disk = new MemoryDisk();
  readonly order: InstallationOrder;
  readonly policy: Policy;
  readonly certificates: Certificate<CommissioningRecord>[] = [];
  readonly random = countedRandom();
  /** What others expect. */
  readonly expected = new Map<string, string>();
  readonly signer = signerOf('ed25519', SIGNING_KEY);
  index!: ConsumerIndex;
  line: VirtualLine | undefined;
  readonly #options: BenchOptions;

  constructor(options: BenchOptions = {}) {
    this.#options = options;
    this.order = options.order ?? orderOf();
    // The virtual meter has served a household for months: no utility would take it as a new one.
    const meter = { ...defaultPolicy.meter, highestStartReading: null };
    this.policy = { ...defaultPolicy, meter, ...options.policy };
    this.meter = createMeter('is15959-1ph', {
      clock: this.clock,
      seed: options.seed ?? 7,
      serial: SERIAL,
      crypto: nodeCrypto,
    });
  }

  async openIndex(): Promise<ConsumerIndex> {
    const database = await openSqlite(join(this.folder, 'index.db'));
    const keys = new IndexKeys(INDEX_KEY, this.random);
    this.index = new ConsumerIndex({ database, keys, clock: this.clock, policy: this.policy });
    return this.index;
  }

  get trusted() {
    return [{ name: 'R. Sharma', algorithm: this.signer.algorithm, publicKey: this.signer.publicKey }];
  }

  /** The next run of the program: everything is read from the disk again. */
  session(changes: Partial<SessionParts> = {}): CommissioningSession {
    const credential = provisionCode(
      '1',
      OneTimeCode.parse(this.#options.code ?? CODE),
      fromHex('33'.repeat(16)),
      new Date(START + 86_400_000).toISOString(),
      WORK,
    );
    const attempts = new FileAttemptStore(this.disk.file('attempts'));
    return new CommissioningSession({
      order: this.order,
      policy: this.policy,
      clock: this.clock,
      journal: this.disk.file(`journal-${this.order.id}`),
      verifier: this.#options.verifier ?? new OfflineVerifier(() => credential, attempts, this.clock),
      index: this.index,
      expectedBy: (serial) => this.expected.get(serial),
      signing: {
        signer: this.signer,
        chain: new RecordChain(this.disk.file('records')),
        outbox: new Outbox(this.disk.file('outbox'), this.clock),
        random: this.random,
      },
      ...changes,
    });
  }

  /** Opens the meter as the utility, does some work with it, closes it: in virtual time. */
  async withMeter<T>(work: (port: ClientMeterPort, meter: Meter) => Promise<T>): Promise<T> {
    const doing = async () => {
      const meter = await this.connect();
      try {
        return await work(new ClientMeterPort(meter, this.order.newMeter.profile), meter);
      } finally {
        await meter.close();
      }
    };
    return this.clock.run(doing());
  }

  async connect(): Promise<Meter> {
    const { secret, security, client } = this.meter.connections.find(({ name }) => name === 'utility')!;
    this.line = new VirtualLine(this.clock, { baudRate: 57_600 });
    await this.meter.attach(this.line.b, { framing: 'hdlc' });
    const options: OpenOptions = {
      client,
      clock: this.clock,
      crypto: nodeCrypto,
      authentication: 'hls2',
      secret: secret!,
      responseTimeout: 4000,
      octetTime: 10_000 / 57_600,
      security: {
        systemTitle: security!.clientTitle,
        encryptionKey: security!.encryptionKey,
        authenticationKey: security!.authenticationKey,
        readInvocationCounter: security!.invocationCounter!,
      },
    };
    return open(this.line.a, options);
  }

  /** Does one step as it should be done. */
  async do(session: CommissioningSession, step: StepId): Promise<StepResult> {
    switch (step) {
      case 'installer':
        return session.installer(INSTALLER);
      case 'consumer':
        return session.consumer(OneTimeCode.parse(this.#options.code ?? CODE));
      case 'documents':
        return session.documents(DOCUMENTS);
      case 'old-meter':
        return session.oldMeter(this.order.oldMeter === null ? null : OLD_METER);
      case 'new-meter':
        return this.withMeter((port) => session.newMeter(port, SEALS));
      case 'clock':
        return this.withMeter((port) => session.clock(port));
      case 'relay':
        return this.withMeter((port) => session.relay(port));
      case 'readings':
        return this.withMeter((port) => session.readings(port));
      case 'events':
        return this.withMeter((port) => session.events(port));
      case 'index':
        return session.index();
      case 'certificate':
        return session.certificate(async (certificate) => {
          this.certificates.push(certificate);
        });
    }
  }

  /** Does all steps before one; fails when one of them is refused. */
  async upTo(session: CommissioningSession, step: StepId | undefined): Promise<void> {
    while (session.next !== undefined && session.next !== step) {
      const result = await this.do(session, session.next);
      if (!result.ok) throw new Error(`${result.step}: ${JSON.stringify(result.refusal)}`);
    }
  }

  dispose(): void {
    this.index?.close();
    rmSync(this.folder, { recursive: true });
  }
}
