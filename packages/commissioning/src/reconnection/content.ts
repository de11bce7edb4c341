/** What the record of a reconnection says of its visit. */

import { wordSupplyCause, wordSupplyPart } from 'cosem/inspect';
import type { SupplyFinding } from 'cosem/tools';
import { messages } from '../messages.js';
import type { RecordContent } from '../record/chain.js';
import type { Disclosure } from '../record/record-base.js';
import { recordHead } from '../step/sign.js';
import type { ReconnectionContext } from './close.js';
import type { LeftReason, ReconnectEvidence, ReconnectionEvidence, SupplyLook } from './evidence.js';
import type { FoundInRecord, ReconnectionRecord, SaidInRecord } from './record.js';

/** The record of a visit that ends now. */
export function reconnectionContent(
  context: ReconnectionContext,
  person: Disclosure,
  by: string,
): RecordContent<ReconnectionRecord> {
  const { order, journal } = context;
  const found = journal.evidence('diagnosis') as ReconnectionEvidence['diagnosis'];
  const done = journal.evidence('reconnect') as ReconnectEvidence;
  const { close, reason } = order.reconnect;
  return {
    format: 'cosem-reconnection-record-1',
    ...recordHead(context, person),
    by,
    meter: { serial: order.meter.serial },
    ordered: { close, reason },
    found: foundOf(found),
    before: foundOf(done.found),
    done:
      done.outcome === 'left'
        ? { outcome: done.outcome, why: done.why.map((reason) => saidOf(reason, done.found)), resumed: false }
        : { outcome: done.outcome, why: [], closed: done.closed, after: done.after, resumed: done.resumed },
  };
}

function foundOf({ verdict, also, evidence }: SupplyLook): FoundInRecord {
  const { clock, output, state, mode, credit, volts, amperes, unread } = evidence;
  return {
    time: clock?.time,
    verdict: said(verdict),
    also: also.map(said),
    relay: { closed: output, state, mode },
    prepaid: credit.prepaid,
    balance: credit.balance,
    balanceTime: credit.balanceTime,
    rechargeTime: credit.token?.time,
    volts,
    amperes,
    unread: unread.map((part) => ({ en: wordSupplyPart(part, 'en'), hi: wordSupplyPart(part, 'hi') })),
  };
}

function said({ id, facts }: SupplyFinding): SaidInRecord {
  return {
    id,
    en: wordSupplyCause(id, facts, 'en').sentence,
    hi: wordSupplyCause(id, facts, 'hi').sentence,
  };
}

/** A reason in words: a cause with the facts that were found, or a text of the visit. */
export function saidOf(reason: LeftReason, { verdict, also }: Pick<SupplyLook, 'verdict' | 'also'>): SaidInRecord {
  switch (reason) {
    case 'is-closed':
    case 'takes-no-order':
    case 'only-to-find-out':
    case 'no-own-credit':
    case 'declined': {
      const { en, hi } = messages[`left-${reason}`];
      return { id: reason, en, hi };
    }
    default:
      return said([verdict, ...also].find(({ id }) => id === reason) ?? { id: reason, facts: {} });
  }
}
