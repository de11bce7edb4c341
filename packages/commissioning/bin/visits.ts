/** What is done at a house, by the kind of its work order. */

import type { Run } from 'cosem/command';
import type { Refusal, WorkOrderKind, Workspace } from '../src/index.js';
import { type Work, workIn } from './commission.js';
import { compareMetersIn } from './compare-meters.js';
import { paymentModeIn } from './payment-mode.js';
import { reconnectIn } from './reconnect.js';
import { surveyIn } from './survey.js';
import { sendWaiting } from './sync.js';

/** How the work at a house ended: without a refusal somebody chose to stop. */
export interface VisitEnd {
  readonly done: boolean;
  readonly refusal?: Refusal | undefined;
}

/** Does the work of one order in a folder that is open already: nobody is asked for the passphrase. @throws Interrupted, UsageError */
export type Visit = (run: Run, workspace: Workspace, work: Work) => Promise<VisitEnd>;

/** Each kind of order that can be done here. */
export const visits: Readonly<Record<WorkOrderKind, Visit>> = {
  installation: visitBy(workIn),
  survey: visitBy(surveyIn),
  reconnection: sent(visitBy(reconnectIn)),
  'payment-mode': sent(visitBy(paymentModeIn)),
  'meter-comparison': sent(visitBy(compareMetersIn)),
};

/** The work of a command, told only by how it ended. */
function visitBy(
  work: (run: Run, workspace: Workspace, parts: Work) => Promise<{ readonly outcome: VisitEnd }>,
): Visit {
  return async (run, workspace, parts) => {
    const { outcome } = await work(run, workspace, parts);
    return outcome.done ? { done: true } : { done: false, refusal: outcome.refusal };
  };
}

/** What was signed goes to the utility at once; installations and surveys send by themselves. */
function sent(work: Visit): Visit {
  return async (run, workspace, parts) => {
    const end = await work(run, workspace, parts);
    if (end.done) await sendWaiting(run, workspace);
    return end;
  };
}
