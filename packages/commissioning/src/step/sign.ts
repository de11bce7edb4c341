/** The last step of every visit: a signed record, its place in the queue, and its certificate. */

import { toHex } from 'cosem';
import type { Json } from '../canonical.js';
import type { CertificateEvidence } from '../evidence.js';
import type { RandomOctets } from '../index/sealing.js';
import type { Outbox } from '../outbox.js';
import type { RecordChain, RecordContent } from '../record/chain.js';
import { compactOf } from '../record/compact.js';
import { type Certificate, commitmentOf, type Disclosure, type RecordBase } from '../record/record-base.js';
import type { Signer } from '../record/signing.js';
import { type WorkOrder, workOrderDigest } from '../work-order.js';
import { isoTime, type VisitContext } from './context.js';

/** Who signs, and where certificates and records are written. */
export interface Signing<R extends RecordBase = RecordBase> {
  readonly signer: Signer;
  readonly chain: RecordChain;
  readonly outbox: Outbox;
  readonly random: RandomOctets;
  /** Writes the certificate; a second call overwrites the same files. */
  readonly write: (certificate: Certificate<R>) => Promise<void>;
}

/**
 * The personal data of an order's consumer, for the certificate beside the record.
 * @param salt that of an interrupted try, which the journal has (intent `sign`): the same record must come of it.
 */
export function disclosureOf(
  { consumer }: Pick<WorkOrder, 'consumer'>,
  salt: string | undefined,
  { random }: { readonly random: RandomOctets },
): Disclosure {
  const { name, address, mobileLast4 } = consumer;
  return { salt: salt ?? toHex(random(16)).toLowerCase(), name, address, mobileLast4 };
}

/** What the records of all kinds say, of a visit that ends now. */
export function recordHead(
  context: Pick<VisitContext<object, WorkOrder>, 'order' | 'policy' | 'clock'>,
  person: Disclosure,
): Omit<RecordBase, 'format' | 'sequence' | 'previous'> {
  const { order, policy, clock } = context;
  return {
    at: isoTime(context, clock.now()),
    utility: policy.utility,
    helpline: policy.helpline,
    freeOfCharge: true,
    workOrder: { id: order.id, digest: workOrderDigest(order) },
    consumer: { number: order.consumer.number, commitment: commitmentOf(person) },
  };
}

/**
 * Signs a record of any kind, queues it for the utility and has its certificate written. Each part may be repeated after a power cut and then has
 * the same result, where the salt of `person` is the same: write it to the journal first.
 */
export async function signAndWrite<R extends RecordBase>(
  content: RecordContent<R>,
  person: Disclosure,
  { chain, outbox, signer, write }: Signing<R>,
): Promise<CertificateEvidence> {
  const signed = chain.add<R>(content, signer);
  outbox.add(signed.hash, signed as unknown as Json);
  await write({ format: 'cosem-certificate-1', signed, person, compact: compactOf(signed, signer) });
  return { sequence: signed.record.sequence, hash: signed.hash };
}
