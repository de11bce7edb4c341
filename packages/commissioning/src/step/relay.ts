/** Step 7: the relay is opened and closed under supervision. The consumer's supply is cut once, and is never knowingly left off. */

import { AccessError, Decimal } from 'cosem';
import type { LoadEvidence, RelayEvidence } from '../evidence.js';
import { type LoggedEvent, type MeterPort, OPENED, type RelayState } from '../meter-port.js';
import { pause } from '../pause.js';
import { refuse } from '../refused.js';
import { StorageError } from '../storage-error.js';
import { intend, type StepContext } from './context.js';

/** The progress of the test, for the person at the meter. `button`: somebody must press it. */
export type RelayPhase = 'opening' | 'closing' | 'button';

export interface RelayStepOptions {
  readonly onPhase?: ((phase: RelayPhase) => void) | undefined;
}

const LOOK: number = 1000;

/** What is known of a test when the relay must be closed again. */
interface Opened {
  readonly before: LoadEvidence;
  readonly open: LoadEvidence;
  readonly openedAt: number;
  readonly resumed: boolean;
}

/** Step 7. */
export async function testRelay(
  context: StepContext,
  port: MeterPort,
  options: RelayStepOptions = {},
): Promise<RelayEvidence> {
  const opened = (await interrupted(context, port)) ?? (await open(context, port, options));
  const { before, open: whileOpen, openedAt, resumed } = opened;
  const unwritten = noteOpened(context, opened);
  await close(context, port, options);
  if (unwritten !== undefined) throw unwritten;
  const closedAt = context.clock.now();
  const { mode } = await port.relay();
  const after = await port.load();
  judge(context, whileOpen, after);
  return { mode, openedAt, closedAt, before, open: whileOpen, after, underLoad: flows(before), resumed };
}

/** A test that was interrupted after the relay had opened. It is continued from there, and the supply is not cut again. */
async function interrupted({ journal, clock }: StepContext, port: MeterPort): Promise<Opened | undefined> {
  const begun = journal.pending('relay', 'open-relay');
  if (begun === undefined) return undefined;
  const { before } = begun;
  const closing = journal.pending('relay', 'close-relay');
  if (closing !== undefined) return { before, open: closing.open, openedAt: closing.openedAt, resumed: true };
  const { connected } = await port.relay();
  if (!connected) return { before, open: await port.load(), openedAt: clock.now(), resumed: true };
  const last = lastOpening(await port.switchings());
  const wasOpened = last !== null && last !== begun.lastOpening;
  // It opened, and somebody has closed it since: what flowed in between is unknown.
  return wasOpened ? { before, open: { volts: [], amperes: [] }, openedAt: clock.now(), resumed: true } : undefined;
}

async function open(context: StepContext, port: MeterPort, options: RelayStepOptions): Promise<Opened> {
  const { policy, clock } = context;
  if (!(await port.relay()).connected) await close(context, port, options);
  const before = await port.load();
  if (policy.relay.loadRequired && !flows(before)) refuse('no-load');
  const switchings = await port.switchings();
  intend(context, 'relay', { action: 'open-relay', before, lastOpening: lastOpening(switchings) });
  options.onPhase?.('opening');
  await command(() => port.openRelay());
  const { connected, state } = await becomes(context, port, false);
  if (connected) {
    if (state === 'disconnected') await command(() => port.closeRelay());
    refuse('relay-stuck');
  }
  return { before, open: await port.load(), openedAt: clock.now(), resumed: false };
}

/** The supply must be restored even when the disk is full; the error is reported afterwards. */
function noteOpened(context: StepContext, { openedAt, open: whileOpen }: Opened): StorageError | undefined {
  if (context.journal.pending('relay', 'close-relay') !== undefined) return undefined;
  try {
    intend(context, 'relay', { action: 'close-relay', openedAt, open: whileOpen });
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  return undefined;
}

async function close(context: StepContext, port: MeterPort, { onPhase }: RelayStepOptions): Promise<void> {
  onPhase?.('closing');
  const { connected, state } = await port.relay();
  if (connected) return;
  // In the state "ready" the button or the meter itself closes the relay.
  if (state === 'disconnected') await command(() => port.closeRelay());
  let told = false;
  const look = ({ state: now }: RelayState) => {
    if (!told && now === 'ready-for-reconnection') onPhase?.('button');
    told ||= now === 'ready-for-reconnection';
  };
  const closed = await becomes(context, port, true, look);
  if (!closed.connected) refuse('relay-stays-open', { helpline: context.policy.helpline }, false);
}

/** Waits until the relay has the wanted state, or until the patience of the policy is over. @returns its state then. */
async function becomes(
  { clock, policy }: StepContext,
  port: MeterPort,
  connected: boolean,
  look: (state: RelayState) => void = () => {},
): Promise<RelayState> {
  const until = clock.now() + policy.relay.patience * 1000;
  for (;;) {
    const state = await port.relay();
    if (state.connected === connected || clock.now() >= until) return state;
    look(state);
    await pause(clock, LOOK);
  }
}

/** Sends a command. A command that the meter refuses was not carried out. */
async function command(send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (error instanceof AccessError) refuse('meter-refused', { what: `${error.target} ${error.result}` });
    throw error;
  }
}

function judge({ policy }: StepContext, whileOpen: LoadEvidence, after: LoadEvidence): void {
  const residual = new Decimal(BigInt(policy.relay.residualCurrent), -3);
  const leak = whileOpen.amperes.find((current) => absolute(current).compare(residual) > 0);
  if (leak !== undefined) refuse('relay-leaks', { current: leak });
  const lowest = new Decimal(BigInt(policy.relay.lowestVoltage));
  const low = after.volts.find((voltage) => Decimal.parse(voltage).compare(lowest) < 0);
  if (low !== undefined) refuse('no-voltage', { voltage: low });
}

function lastOpening(events: readonly LoggedEvent[] | undefined): string | null {
  return events?.findLast(({ code }) => code === OPENED)?.time ?? null;
}

function flows({ amperes }: LoadEvidence): boolean {
  return amperes.some((current) => absolute(current).coefficient > 0n);
}

function absolute(text: string): Decimal {
  return Decimal.parse(text.replace('-', ''));
}
