import type { Command } from 'commander';
import { CONTROL_MODES, companionWords } from '../../src/classes.js';
import { AccessError, DecodeError, type Meter, type RelayOrder, type RelayStatus } from '../../src/index.js';
import type { Language } from '../../src/inspect.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, isDryRun, mustBeAskable } from '../confirm.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import type { Io } from '../io.js';
import { languageOf } from '../language.js';
import type { Output } from '../output.js';
import { RELAY_WORDS } from '../read-words.js';
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
  const language = languageOf(run.io);
  const switchgear = meter.relay();
  if (action === 'status') {
    const status = await switchgear.status();
    output.document({ command: 'relay', action, done: true, ...status.toJSON() });
    showStatus(output, status, language);
    return;
  }
  const before = await statusBefore(() => switchgear.status());
  if (before?.needs(action) === false) {
    output.document({ command: 'relay', action, ...before.toJSON(), ...doneIn(run, !isDryRun(run)) });
    output.text(RELAY_WORDS[language].already(companionWords(before.state.replaceAll('-', ' '), language)));
    showStatus(output, before, language);
    return;
  }
  if (!(await agreed(run, action))) {
    output.document({ command: 'relay', action, ...before?.toJSON(), ...doneIn(run, false) });
    if (before !== undefined) showStatus(output, before, language);
    return;
  }
  const outcome = await carryOut(output, meter, action, language);
  output.document({ command: 'relay', action, ...outcome.toJSON(), ...doneIn(run, true) });
  output.text(outcomeText(action, outcome, language));
  showStatus(output, outcome, language);
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
  const words = RELAY_WORDS[languageOf(run.io)];
  return confirm(run, words.ask(action), action === 'connect' ? undefined : words.warning);
}

function showStatus(output: Output, { connected, state, mode }: RelayStatus, language: Language): void {
  const words = RELAY_WORDS[language];
  const shown = (text: string) => companionWords(text.replaceAll('-', ' '), language);
  output.table(
    [{ title: '' }, { title: '' }],
    [
      [words.supply, output.style('bold', shown(connected ? 'connected' : 'disconnected'))],
      [words.state, shown(state)],
      [words.mode, mode === undefined ? words.modeUnknown : companionWords(modeText(mode), language)],
    ],
  );
}

function modeText(mode: number): string {
  const words = (CONTROL_MODES as Readonly<Record<number, string>>)[mode];
  return words === undefined ? String(mode) : `${mode}, ${words}`;
}

/** An order that was carried out. */
function outcomeText(action: string, { state }: RelayStatus, language: Language): string {
  const words = RELAY_WORDS[language];
  if (action === 'disconnect') return words.disconnected;
  return state === 'ready-for-reconnection' ? words.ready : words.connected;
}

/** Sends a command to the relay and checks whether it moved. @throws AccessError `not-done` where it did not. */
async function carryOut(output: Output, meter: Meter, order: RelayOrder, language: Language): Promise<RelayStatus> {
  const relay = meter.relay();
  output.progress(RELAY_WORDS[language].moving);
  const outcome = await (order === 'connect' ? relay.reconnect() : relay.disconnect());
  output.endProgress();
  outcome.mustBeDone();
  return outcome;
}
