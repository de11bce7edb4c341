import { verifyRecord } from '../record/record.js';
import type { SignedRecord } from '../record/record-base.js';
import type { ServiceAnswer, ServiceRequest } from './verification-service.js';

export interface RecordReceiverLimits {
  /** How many records are kept. Default 10,000. */
  readonly records?: number | undefined;
  /** Total characters of their JSON. Default 64 million. */
  readonly characters?: number | undefined;
}

/**
 * The utility's endpoint for finished records of every kind, as docs/commissioning-records.openapi.yaml describes it, for tests and demonstrations; it
 * keeps records in memory. It refuses records that were changed after signing. Which signers count is left to the utility.
 */
export class RecordReceiver {
  readonly #records = new Map<string, SignedRecord>();
  readonly #limits: RecordReceiverLimits;
  #characters = 0;

  constructor(limits: RecordReceiverLimits = {}) {
    this.#limits = limits;
  }

  /** The records in the order in which they came. */
  get records(): readonly SignedRecord[] {
    return [...this.#records.values()];
  }

  handle({ method, headers, body }: Omit<ServiceRequest, 'path'>): ServiceAnswer {
    if (method !== 'POST') return { status: 405, body: { reason: 'method' } };
    const key = headers['idempotency-key'];
    if (key === undefined || !/^[0-9a-f]{64}$/.test(key)) return { status: 400, body: { reason: 'idempotency-key' } };
    // A certificate names a person, so only the record in it may be sent.
    if (typeof body === 'object' && body !== null && 'person' in body) {
      return { status: 400, body: { reason: 'certificate' } };
    }
    if (verifyRecord(body, []).verdict === 'altered') return { status: 422, body: { reason: 'altered' } };
    const signed = body as SignedRecord;
    if (signed.hash !== key) return { status: 400, body: { reason: 'idempotency-key' } };
    if (this.#records.has(key)) return { status: 409, body: { reason: 'known' } };
    const { records = 10_000, characters = 64_000_000 } = this.#limits;
    const after = this.#characters + JSON.stringify(signed).length;
    if (this.#records.size >= records || after > characters) return { status: 507, body: { reason: 'full' } };
    this.#records.set(key, signed);
    this.#characters = after;
    return { status: 201, body: { taken: true } };
  }
}
