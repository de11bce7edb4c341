import type { Command } from 'commander';
import { CONTROL_MODES, type RelayStatus } from '../../src/index.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, isDryRun } from '../confirm.js';
import { type Connected, withMeter } from '../connect.js';
import type { Io } from '../io.js';
import type { Output } from '../output.js';
import { addConnectionOptions } from '../settings.js';
import { wordArgument } from '../suggest.js';

const NAME = '0.0.96.3.10.255';

/** `cosem relay` */
export function defineRelay(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      usage: 'relay',
      summary: 'show, disconnect or reconnect the supply',
      examples: [
        'cosem relay status --config meter.json --connection reader',
        'cosem relay disconnect --config meter.json --connection utility',
      ],
    },
    (run, [action = 'status']) => withMeter(run, (connected) => relay(run, connected, action)),
  );
  command.addArgument(wordArgument('action', 'what to do', ['status', 'connect', 'disconnect'], 'status'));
  addConnectionOptions(addChangeOptions(command));
}

async function relay(run: Run, { meter }: Connected, action: string): Promise<void> {
  const { output } = run;
  const switchgear = meter.relay(NAME);
  const already = action === 'status' ? undefined : await switchgear.status();
  if (already !== undefined && already.state === (action === 'connect' ? 'connected' : 'disconnected')) {
    output.document({ command: 'relay', action, ...doneIn(run, !isDryRun(run)), ...already });
    output.line(`The supply is already ${already.state}.`);
    showStatus(output, already);
    return;
  }
  const meant = action === 'status' || (await agreed(run, action));
  const status =
    !meant || action === 'status'
      ? (already ?? (await switchgear.status()))
      : action === 'connect'
        ? await switchgear.reconnect()
        : await switchgear.disconnect();
  output.document({
    command: 'relay',
    action,
    ...(action === 'status' ? { done: true } : doneIn(run, meant)),
    ...status,
  });
  if (action !== 'status' && meant) output.line(outcome(action, status));
  showStatus(output, status);
}

function agreed(run: Run, action: string): Promise<boolean> {
  return action === 'connect'
    ? confirm(run, 'Connect the supply of this meter')
    : confirm(run, 'Disconnect the supply of this meter', 'Whoever lives there will be in the dark.');
}

function showStatus(output: Output, { connected, state, mode }: RelayStatus): void {
  const words = (CONTROL_MODES as Readonly<Record<number, string>>)[mode];
  output.table(
    [{ title: '' }, { title: '' }],
    [
      ['Supply', output.style('bold', connected ? 'connected' : 'disconnected')],
      ['Control state', state.replaceAll('-', ' ')],
      ['Control mode', words === undefined ? String(mode) : `${mode}, ${words}`],
    ],
  );
}

function outcome(action: string, { connected, state }: RelayStatus): string {
  if (action === 'disconnect') {
    return connected ? 'The meter took the order, but the supply is still connected.' : 'The supply is disconnected.';
  }
  if (connected) return 'The supply is connected.';
  return state === 'ready-for-reconnection'
    ? "The meter is ready: the supply comes back when the consumer presses the meter's button."
    : 'The meter took the order, but the supply is still disconnected.';
}
