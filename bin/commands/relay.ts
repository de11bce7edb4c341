import type { Command } from 'commander';
import { CONTROL_MODES } from '../../src/classes.js';
import {
  AccessError,
  DecodeError,
  type LogicalName,
  type Meter,
  type RelayOrder,
  type RelayStatus,
} from '../../src/index.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, isDryRun, mustBeAskable } from '../confirm.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import type { Io } from '../io.js';
import type { Output } from '../output.js';
import { addConnectionOptions } from '../settings.js';
import { wordArgument } from '../suggest.js';

/** `cosem relay` */
export function defineRelay(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.relay,
      examples: [
        'cosem relay status --config meter.json --connection reader',
        'cosem relay disconnect --config meter.json --connection utility',
      ],
    },
    (run, [action = 'status']) => {
      if (action !== 'status') mustBeAskable(run);
      return withMeter(run, (connected) => relay(run, connected, action as 'status' | RelayOrder));
    },
  );
  wordArgument(command, 'action', 'what to do', ['status', 'connect', 'disconnect'], 'status');
  addConnectionOptions(addChangeOptions(command));
}

async function relay(run: Run, { meter }: MeterOnLine, action: 'status' | RelayOrder): Promise<void> {
  const { output } = run;
  const switchgear = meter.relay();
  if (action === 'status') {
    const status = await switchgear.status();
    output.document({ command: 'relay', action, done: true, ...status.toJSON() });
    showStatus(output, status);
    return;
  }
  const before = await statusBefore(() => switchgear.status());
  if (before?.needs(action) === false) {
    output.document({ command: 'relay', action, ...before.toJSON(), ...doneIn(run, !isDryRun(run)) });
    output.line(`The supply is already ${before.state}.`);
    showStatus(output, before);
    return;
  }
  if (!(await agreed(run, action))) {
    output.document({ command: 'relay', action, ...before?.toJSON(), ...doneIn(run, false) });
    if (before !== undefined) showStatus(output, before);
    return;
  }
  const outcome = await carryOut(output, meter, action);
  output.document({ command: 'relay', action, ...outcome.toJSON(), ...doneIn(run, true) });
  output.line(outcomeText(action, outcome));
  showStatus(output, outcome);
}

/** The status before a command; a status that cannot be read does not prevent the command. */
async function statusBefore(read: () => Promise<RelayStatus>): Promise<RelayStatus | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AccessError || error instanceof DecodeError) return undefined;
    throw error;
  }
}

function agreed(run: Run, action: RelayOrder): Promise<boolean> {
  return action === 'connect'
    ? confirm(run, 'Connect the supply of this meter')
    : confirm(run, 'Disconnect the supply of this meter', 'Whoever lives there will be in the dark.');
}

function showStatus(output: Output, { connected, state, mode }: RelayStatus): void {
  output.table(
    [{ title: '' }, { title: '' }],
    [
      ['Supply', output.style('bold', connected ? 'connected' : 'disconnected')],
      ['Control state', state.replaceAll('-', ' ')],
      ['Control mode', modeText(mode)],
    ],
  );
}

function modeText(mode: number | undefined): string {
  if (mode === undefined) return 'not told to this client';
  const words = (CONTROL_MODES as Readonly<Record<number, string>>)[mode];
  return words === undefined ? String(mode) : `${mode}, ${words}`;
}

/** An order that was carried out. */
function outcomeText(action: string, { state }: RelayStatus): string {
  if (action === 'disconnect') return 'The supply is disconnected.';
  if (state !== 'ready-for-reconnection') return 'The supply is connected.';
  return "The meter is ready: the supply comes back when the consumer presses the meter's button.";
}

/** Sends a command to the relay and checks whether it moved. @throws AccessError `not-done` where it did not. */
export async function carryOut(
  output: Output,
  meter: Meter,
  order: RelayOrder,
  name?: LogicalName,
): Promise<RelayStatus> {
  const relay = meter.relay(name);
  output.progress('looking whether the relay moves');
  const outcome = await (order === 'connect' ? relay.reconnect() : relay.disconnect());
  output.endProgress();
  outcome.mustBeDone();
  return outcome;
}
