/** What is done at a house, by the kind of its work order. */

import type { Run } from 'cosem/command';
import type { Refusal, WorkOrderKind, Workspace } from '../src/index.js';
import { type Work, workIn } from './commission.js';

/** How the work at a house ended: without a refusal somebody chose to stop. */
export interface VisitEnd {
  readonly done: boolean;
  readonly refusal?: Refusal | undefined;
}

/** Does the work of one order in a folder that is open already: nobody is asked for the passphrase. @throws Interrupted, UsageError */
export type Visit = (run: Run, workspace: Workspace, work: Work) => Promise<VisitEnd>;

/** Each kind of order that can be done here. */
export const visits: Readonly<Partial<Record<WorkOrderKind, Visit>>> = {
  installation: async (run, workspace, work) => {
    const { outcome } = await workIn(run, workspace, work);
    return outcome.done ? { done: true } : { done: false, refusal: outcome.refusal };
  },
};
