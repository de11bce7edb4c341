import type { SignedRecord } from '../record/record.js';
import { verifyRecord } from '../record/record.js';
import type { ServiceAnswer, ServiceRequest } from './verification-service.js';

/**
 * The utility's endpoint for finished records as docs/commissioning-records.openapi.yaml has it, for tests and demonstrations: it lives
 * in memory. What is not what was signed it does not take; whose signatures count is the utility's to say.
 */
export class RecordReceiver {
  readonly #records = new Map<string, SignedRecord>();

  /** In the order they came. */
  get records(): readonly SignedRecord[] {
    return [...this.#records.values()];
  }

  handle({ method, headers, body }: Omit<ServiceRequest, 'path'>): ServiceAnswer {
    if (method !== 'POST') return { status: 405, body: { reason: 'method' } };
    const key = headers['idempotency-key'];
    if (verifyRecord(body, []).verdict === 'altered') return { status: 422, body: { reason: 'altered' } };
    const signed = body as SignedRecord;
    if (signed.hash !== key) return { status: 400, body: { reason: 'idempotency-key' } };
    if (this.#records.has(key)) return { status: 409, body: { reason: 'known' } };
    this.#records.set(key, signed);
    return { status: 201, body: { taken: true } };
  }
}
