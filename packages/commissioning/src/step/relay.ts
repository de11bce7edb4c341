/** Step 7: the relay is opened and closed under supervision. The consumer's supply is cut once, and is never knowingly left off. */

import { AccessError, Decimal, type Millis } from 'cosem';
import type { LoadEvidence, RelayEvidence } from '../evidence.js';
import type { LoggedEvent, MeterPort, RelayState } from '../meter-port.js';
import { pause } from '../pause.js';
import { refuse } from '../refused.js';
import { StorageError } from '../storage-error.js';
import { intend, type StepContext } from './context.js';
import { type Between, commandedAt, isOpening, isWhole, newSwitchings, outagesOf } from './relay-log.js';

/** The progress of the test, for the person at the meter. `button`: somebody must press it. */
export type RelayPhase = 'opening' | 'closing' | 'button';

export interface RelayStepOptions {
  readonly onPhase?: ((phase: RelayPhase) => void) | undefined;
}

const LOOK: number = 1000;

/** How often the log is read again, where it does not have the end of the test yet. */
const LATE = 2;

/** What is known of a test when the relay must be closed again. */
interface Opened {
  readonly before: LoadEvidence;
  readonly open: LoadEvidence;
  /** When it opened. */
  readonly opened: Between;
  /** The last moment of which it is known that it was open. */
  readonly openAfter: Millis;
  readonly resumed: boolean;
}

/** The state of the relay, which it had at some moment between the question and the answer. */
interface Look extends RelayState {
  readonly asked: Millis;
  readonly answered: Millis;
}

/** Step 7. */
export async function testRelay(
  context: StepContext,
  port: MeterPort,
  options: RelayStepOptions = {},
): Promise<RelayEvidence> {
  const test = (await interrupted(context, port)) ?? (await open(context, port, options));
  const { before, open: whileOpen, opened, resumed } = test;
  const unwritten = noteOpened(context, test);
  const closed = await close(context, port, options, test.openAfter);
  if (unwritten !== undefined) throw unwritten;
  const { mode } = await port.relay();
  const after = await port.load();
  const off = outagesOf(await switchingsOf(context, port), { opened, closed });
  judge(context, whileOpen, after);
  const underLoad = flows(before) && whileOpen.amperes.length > 0;
  return { mode, off, before, open: whileOpen, after, underLoad, resumed };
}

/** A test that was interrupted after the relay had opened. It is continued from there, and the supply is not cut again. */
async function interrupted(context: StepContext, port: MeterPort): Promise<Opened | undefined> {
  const { journal, clock } = context;
  const begun = journal.pending('relay', 'open-relay');
  if (begun === undefined) return undefined;
  const { before } = begun;
  const after = commandedAt(journal);
  const noted = journal.pending('relay', 'close-relay');
  if (noted !== undefined) {
    const opened = { after, before: noted.openBefore ?? noted.openedAt ?? clock.now() };
    return { before, open: noted.open, opened, openAfter: noted.openAfter ?? after, resumed: true };
  }
  const state = await look(context, port);
  if (!state.connected) return { ...(await seenOpen(port, state, after)), before, resumed: true };
  return openedSince(context, port, true);
}

/** The relay is closed. If the log says that it was open meanwhile, that was the test: what flowed in between is unknown. */
async function openedSince(context: StepContext, port: MeterPort, resumed: boolean): Promise<Opened | undefined> {
  const { journal, clock } = context;
  const begun = journal.pending('relay', 'open-relay');
  if (begun === undefined || newSwitchings(await port.switchings(), begun)?.some(isOpening) !== true) return undefined;
  const after = commandedAt(journal);
  const unknown = { volts: [], amperes: [] };
  return { before: begun.before, open: unknown, opened: { after, before: clock.now() }, openAfter: after, resumed };
}

async function seenOpen(port: MeterPort, { asked, answered }: Look, after: Millis) {
  return { open: await port.load(), opened: { after, before: answered }, openAfter: asked };
}

async function open(context: StepContext, port: MeterPort, options: RelayStepOptions): Promise<Opened> {
  const { policy, journal, clock } = context;
  const resumed = journal.pending('relay', 'open-relay') !== undefined;
  if (!isClosed(await port.relay())) await close(context, port, options, clock.now());
  const before = await port.load();
  if (policy.relay.loadRequired && !flows(before)) refuse('no-load');
  const log = (await port.switchings()) ?? null;
  intend(context, 'relay', { action: 'open-relay', before, log });
  options.onPhase?.('opening');
  await command(() => port.openRelay());
  const state = await becomes(context, port, ({ connected }) => !connected);
  if (!state.connected) return { ...(await seenOpen(port, state, commandedAt(journal))), before, resumed };
  // Contacts that do not follow their state are stuck, whatever the log says of the command.
  if (state.state === 'connected') return (await openedSince(context, port, resumed)) ?? refuse('relay-stuck');
  // Contacts that are late still follow: what was begun has ended only when the relay is seen closed.
  if (!isClosed(state)) await close(context, port, options, clock.now());
  return refuse('relay-stuck');
}

/** The supply must be restored even when the disk is full; the error is reported afterwards. */
function noteOpened(context: StepContext, { opened, openAfter, open: whileOpen }: Opened): StorageError | undefined {
  if (context.journal.pending('relay', 'close-relay') !== undefined) return undefined;
  try {
    intend(context, 'relay', { action: 'close-relay', openBefore: opened.before, openAfter, open: whileOpen });
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  return undefined;
}

/** @param openAfter when it was still open. @returns when it closed. */
async function close(
  context: StepContext,
  port: MeterPort,
  { onPhase }: RelayStepOptions,
  openAfter: Millis,
): Promise<Between> {
  onPhase?.('closing');
  const first = await look(context, port);
  if (isClosed(first)) return { after: openAfter, before: first.answered };
  // In the state "ready" the button or the meter itself closes the relay.
  if (first.state === 'disconnected') await command(() => port.closeRelay(), false);
  let told = false;
  let after = first.asked;
  const closed = await becomes(context, port, isClosed, ({ state, asked }) => {
    if (!told && state === 'ready-for-reconnection') onPhase?.('button');
    told ||= state === 'ready-for-reconnection';
    after = asked;
  });
  if (closed.connected && !isClosed(closed)) refuse('relay-unsure', {}, false);
  if (!closed.connected) refuse('relay-stays-open', { helpline: context.policy.helpline }, false);
  return { after, before: closed.answered };
}

/** Waits until the relay has the wanted state, or until the patience of the policy is over. @returns its state then. */
async function becomes(
  context: StepContext,
  port: MeterPort,
  reached: (state: RelayState) => boolean,
  each: (state: Look) => void = () => {},
): Promise<Look> {
  const { clock, policy } = context;
  const until = clock.now() + policy.relay.patience * 1000;
  for (;;) {
    const state = await look(context, port);
    if (reached(state) || clock.now() >= until) return state;
    each(state);
    await pause(clock, LOOK);
  }
}

/** Whether the supply is on and stays so: the contacts of some relays follow a command to open seconds later. */
function isClosed({ connected, state }: RelayState): boolean {
  return connected && state !== 'disconnected';
}

async function look({ clock }: StepContext, port: MeterPort): Promise<Look> {
  const asked = clock.now();
  const state = await port.relay();
  // The clock gives whole milliseconds.
  return { ...state, asked, answered: clock.now() + 1 };
}

/** The switchings of this test in the meter's log, which some meters write a little later. */
async function switchingsOf({ journal, clock }: StepContext, port: MeterPort): Promise<readonly LoggedEvent[]> {
  const begun = journal.pending('relay', 'open-relay');
  if (begun === undefined) return [];
  for (let again = 0; ; again++) {
    const events = newSwitchings(await port.switchings(), begun);
    if (events === undefined || isWhole(events) || again >= LATE) return events ?? [];
    await pause(clock, LOOK);
  }
}

/**
 * Sends a command. A command that the meter refuses was not carried out.
 * @param settled whether a refusal ends what was begun: not that of closing, as the supply stays off.
 */
async function command(send: () => Promise<void>, settled = true): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (error instanceof AccessError) refuse('meter-refused', { what: `${error.target} ${error.result}` }, settled);
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

function flows({ amperes }: LoadEvidence): boolean {
  return amperes.some((current) => absolute(current).coefficient > 0n);
}

function absolute(text: string): Decimal {
  return Decimal.parse(text.replace('-', ''));
}
