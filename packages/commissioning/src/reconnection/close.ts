/** Closing the relay of a recharged house: only where order or credit allow it, once, and proved by read-back. */

import { AccessError } from 'cosem';
import type { SupplyCauseId } from 'cosem/inspect';
import type { SwitchTime } from '../evidence.js';
import { CLOSED, type LoggedEvent, type MeterPort, type RelayState } from '../meter-port.js';
import { pause } from '../pause.js';
import { refuse } from '../refused.js';
import { intend, localTime, type VisitContext } from '../step/context.js';
import { without } from '../step/relay-log.js';
import type { ReconnectionOrder } from '../work-order.js';
import type {
  LeftReason,
  ReconnectEvidence,
  ReconnectionEvidence,
  ReconnectionIntent,
  SupplyLook,
} from './evidence.js';

export type ReconnectionContext = VisitContext<ReconnectionEvidence, ReconnectionOrder, ReconnectionIntent>;

/** What the person at the meter is asked and told. */
export interface ReconnectOptions {
  /** Whether the relay shall be closed now: false finishes without. It may throw, and then nothing was done. */
  readonly confirm: (found: SupplyLook) => Promise<boolean>;
  /** The meter waits for its button. */
  readonly onButton?: (() => void) | undefined;
}

const LOOK = 1000;
/** The log says another time than this machine: an order was given at most this long before its entry. */
const LATE_LOG = 2;

/** Looks at the meter: which it is, and why its house is dark. */
export async function lookAtSupply(
  { order, policy, clock }: Pick<ReconnectionContext, 'order' | 'policy' | 'clock'>,
  port: MeterPort,
): Promise<SupplyLook> {
  const { recharge, hours } = order.reconnect;
  const found = await port.supply({
    serial: order.meter.serial,
    localTime: () => localTime(clock.now(), policy),
    ...(recharge === undefined
      ? {}
      : { recharge: { time: wallText(recharge.at, policy), amount: amountText(recharge.rupees) } }),
    ...(hours === undefined ? {} : { hours }),
  });
  if (found.verdict.id === 'wrong-meter') {
    const { serial, expected } = found.verdict.facts;
    refuse('wrong-meter', { serial: String(serial), expected: String(expected) }, false);
  }
  return { ...found, at: clock.now() };
}

/** The step. @throws RefusedError where it cannot be proved what became of an order that was given. */
export async function reconnect(
  context: ReconnectionContext,
  port: MeterPort,
  options: ReconnectOptions,
): Promise<ReconnectEvidence> {
  const begun = context.journal.pending('reconnect', 'close-relay');
  if (begun !== undefined) {
    const resumed = await resume(context, port, begun, options);
    if (resumed !== undefined) return resumed;
  }
  const found = await lookAtSupply(context, port);
  const why = leftReasons(context.order.reconnect.close, found);
  if (why.length > 0) return { outcome: 'left', found, why };
  if (!(await options.confirm(found))) return { outcome: 'left', found, why: ['declined'] };
  const log = (await port.switchings()) ?? null;
  intend(context, 'reconnect', { action: 'close-relay', found, log });
  await command(port);
  return proof(context, port, { found, log, resumed: false }, options);
}

/** Why nothing may be closed; empty where it may. */
export function leftReasons(close: ReconnectionOrder['reconnect']['close'], found: SupplyLook): readonly LeftReason[] {
  const { evidence, closing } = found;
  if (evidence.output === true && evidence.state === 'connected') return ['is-closed'];
  if (closing.barriers.length > 0) return closing.barriers as readonly SupplyCauseId[];
  if (closing.order === undefined) return ['takes-no-order'];
  if (close === 'never') return ['only-to-find-out'];
  return close === 'own-credit' && !closing.byCredit ? ['no-own-credit'] : [];
}

interface Begun {
  readonly found: SupplyLook;
  readonly log: readonly LoggedEvent[] | null;
}

/** An order was given, or was about to be, when the visit ended. @returns undefined where it is proved that nothing came of it. */
async function resume(
  context: ReconnectionContext,
  port: MeterPort,
  { found, log }: Begun,
  options: ReconnectOptions,
): Promise<ReconnectEvidence | undefined> {
  const expected = context.order.meter.serial;
  const serial = await port.serial();
  if (serial !== expected) refuse('wrong-meter', { serial: serial ?? '?', expected }, false);
  const { state } = await port.relay();
  if (state !== 'disconnected') return proof(context, port, { found, log, resumed: true }, options);
  const now = await port.switchings();
  if (log === null || now === undefined) refuse('reconnect-unproved', {}, false);
  // It closed and opened again: that order is used up.
  if (without(now, log).some(({ code }) => code === CLOSED)) refuse('reconnect-reopened', {}, false);
  return undefined;
}

/** Sends the order, once. One that the meter refuses was not carried out. */
async function command(port: MeterPort): Promise<void> {
  try {
    await port.closeRelay();
  } catch (error) {
    if (error instanceof AccessError) refuse('meter-refused', { what: `${error.target} ${error.result}` });
    throw error;
  }
}

/** Waits until the relay is closed, or the patience of the policy is over, and reads what proves it. */
async function proof(
  { clock, policy }: ReconnectionContext,
  port: MeterPort,
  { found, log, resumed }: Begun & { readonly resumed: boolean },
  { onButton }: ReconnectOptions,
): Promise<ReconnectEvidence> {
  const ordered = clock.now();
  const until = ordered + policy.relay.patience * 1000;
  let state: RelayState;
  let told = false;
  for (;;) {
    state = await port.relay();
    if ((state.connected && state.state === 'connected') || clock.now() >= until) break;
    if (state.state === 'ready-for-reconnection' && !told) onButton?.();
    told ||= state.state === 'ready-for-reconnection';
    await pause(clock, LOOK);
  }
  const seen = clock.now() + 1;
  if (!state.connected || state.state !== 'connected') {
    if (state.state !== 'ready-for-reconnection') refuse('reconnect-not-done');
    return { outcome: 'ready', found, after: await port.load(), resumed };
  }
  const after = await port.load();
  const closed = (await loggedClosing(clock, port, log)) ?? {
    by: 'looks' as const,
    after: Math.min(found.at, seen),
    before: Math.max(found.at, seen),
  };
  return { outcome: 'closed', found, closed, after, resumed };
}

/** The closing in the meter's own log, which some meters write a little later. */
async function loggedClosing(
  clock: ReconnectionContext['clock'],
  port: MeterPort,
  log: readonly LoggedEvent[] | null,
): Promise<SwitchTime | undefined> {
  for (let again = 0; log !== null; again++) {
    const now = await port.switchings();
    if (now === undefined) return undefined;
    const closing = without(now, log).findLast(({ code }) => code === CLOSED);
    if (closing !== undefined) return WHOLE.test(closing.time) ? { by: 'meter', time: closing.time } : undefined;
    if (again >= LATE_LOG) return undefined;
    await pause(clock, LOOK);
  }
  return undefined;
}

const WHOLE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;

/** An instant of an order as local time of the utility: `2026-11-23 14:05:00`. */
function wallText(at: string, policy: ReconnectionContext['policy']): string {
  return new Date(localTime(Date.parse(at), policy)).toISOString().slice(0, 19).replace('T', ' ');
}

function amountText(rupees: string | undefined): string | undefined {
  return rupees === undefined ? undefined : `₹ ${rupees}`;
}
