/** Step 7: the relay is opened and closed under supervision. The consumer's supply is cut once, and never left off knowingly. */

import { AccessError, Decimal } from 'cosem';
import type { LoadEvidence, RelayEvidence } from '../evidence.js';
import { type LoggedEvent, type MeterPort, OPENED, type RelayState } from '../meter-port.js';
import { pause } from '../pause.js';
import { refuse } from '../refused.js';
import { StorageError } from '../storage-error.js';
import { intend, type StepContext } from './context.js';

/** What is going on, for whoever stands before the meter. `button`: somebody must press it. */
export type RelayPhase = 'opening' | 'closing' | 'button';

export interface RelayStepOptions {
  readonly onPhase?: ((phase: RelayPhase) => void) | undefined;
}

const LOOK: number = 1000;

/** How far a test has come when it is time to close the relay. */
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

/** A test that was cut short after the relay had opened: it is taken up where it was, and the supply not cut again. */
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
  // It opened and somebody closed it since: what flowed meanwhile nobody knows.
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

/** The supply must come back even when the disk takes no more: what went wrong is told afterwards. */
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
  // From "ready" on it is the button's turn, or the meter's own.
  if (state === 'disconnected') await command(() => port.closeRelay());
  let told = false;
  const look = ({ state: now }: RelayState) => {
    if (!told && now === 'ready-for-reconnection') onPhase?.('button');
    told ||= now === 'ready-for-reconnection';
  };
  const closed = await becomes(context, port, true, look);
  if (!closed.connected) refuse('relay-stays-open', { helpline: context.policy.helpline }, false);
}

/** What the relay is when it has become what it should, or when patience is at its end. */
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

/** A switching that the meter refuses has not happened. */
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
