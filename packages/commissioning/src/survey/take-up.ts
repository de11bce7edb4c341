/** Surveys that were signed, and what an installation takes over from one. */

import type { TakenSurvey } from '../evidence.js';
import type { MessageParams } from '../messages.js';
import type { Policy } from '../policy.js';
import { isSigned } from '../record/kinds.js';
import { verifyRecord } from '../record/record.js';
import type { Certificate } from '../record/record-base.js';
import type { TrustedSigner } from '../record/signing.js';
import type { SurveyRecord } from '../record/survey-record.js';
import { readStrictJson } from '../strict-json.js';
import type { InstallationOrder } from '../work-order.js';

/** A survey that an installation takes up, or why not. */
export type SurveyFound =
  | { readonly taken: TakenSurvey }
  | {
      readonly refused: 'survey-not-altered' | 'survey-not-known' | 'survey-not-same' | 'survey-not-recent';
      readonly params: MessageParams;
    };

export interface SurveyRules {
  readonly policy: Policy;
  readonly trusted: readonly TrustedSigner[];
  readonly now: number;
}

/**
 * The newest survey of the order's consumer.
 * @param texts the certificates of surveys, as JSON; others are passed over.
 * @returns undefined where the consumer was not surveyed.
 */
export function surveyFor(
  order: InstallationOrder,
  texts: readonly string[],
  rules: SurveyRules,
): SurveyFound | undefined {
  const [newest] = surveysIn(texts)
    .filter(({ signed }) => signed.record.consumer?.number === order.consumer.number)
    .sort((a, b) => (String(a.signed.record.at) < String(b.signed.record.at) ? 1 : -1));
  return newest === undefined ? undefined : judged(order, newest, rules);
}

/** Those certificates that are of surveys; whether they are valid is not looked at. */
export function surveysIn(texts: readonly string[]): readonly Certificate<SurveyRecord>[] {
  return texts.flatMap((text) => {
    const value = readStrictJson(text)?.value as Partial<Certificate> | undefined;
    const signed = value?.signed;
    const isWhole = typeof signed?.record === 'object' && signed.record !== null;
    return isWhole && isSigned(signed, 'cosem-survey-record-1') ? [value as Certificate<SurveyRecord>] : [];
  });
}

function judged(
  order: InstallationOrder,
  certificate: Certificate<SurveyRecord>,
  { policy, trusted, now }: SurveyRules,
): SurveyFound {
  const { verdict } = verifyRecord(certificate, trusted);
  const { record, hash } = certificate.signed;
  const id = String(record.workOrder?.id ?? '?');
  if (verdict === 'altered') return { refused: 'survey-not-altered', params: { order: id } };
  if (verdict === 'unknown-signer') return { refused: 'survey-not-known', params: { order: id } };
  const { person } = certificate;
  const { name, address, mobileLast4 } = order.consumer;
  if (person.name !== name || person.address !== address || person.mobileLast4 !== mobileLast4) {
    return { refused: 'survey-not-same', params: { order: id } };
  }
  const days = policy.survey.validDays;
  if (Math.abs(now - Date.parse(record.at)) > days * 86_400_000) {
    return { refused: 'survey-not-recent', params: { order: id, at: record.at, days } };
  }
  const { method, reference } = record.verification;
  return {
    taken: {
      workOrder: id,
      at: record.at,
      by: record.installer.name,
      hash,
      verification: { method: method as TakenSurvey['verification']['method'], reference },
      documents: person.documents ?? [],
      network: record.network,
      ...(person.position === undefined ? {} : { position: person.position }),
      oldMeter: record.oldMeter,
      photos: (record.photos ?? []).map(({ kind }) => kind),
    },
  };
}
