/**
 * The entry for packages that add commands to `cosem`: how a command is defined, what it sees of the world, how it speaks to people, what
 * ends it, and the connection options that all commands share. A package exports `commands(program, io)` from its entry `commands`.
 *
 * ```ts
 * import { type Commands, define } from 'cosem/command';
 *
 * export const commands: Commands = (program, io) => {
 *   define(program, io, { usage: 'greet', summary: 'say hello', examples: ['cosem greet'] }, async ({ output }) => output.line('hello'));
 * };
 * ```
 *
 * @module cosem/command
 */

export { Command, Option } from 'commander';
export { ANNOUNCED, type Announced, type CommandName } from './announced.js';
export { type CommandSpec, define, Ended, type Run } from './command.js';
export { writeConfig } from './config.js';
export { addChangeOptions, type ChangeDone, confirm, doneIn, mustBeAskable } from './confirm.js';
export { lineTo, type MeterOnLine, withMeter, withMeterOn } from './connect.js';
export { tellOfFile } from './exposed.js';
export { EXIT, type ExitCode, type Failure, failureOf, UsageError } from './failure.js';
export type { FailureWords } from './failure-words.js';
export { alignNumbers, wrapWords } from './format.js';
export { aborted, type EventLog, Interrupted, type Io, type LogFields } from './io.js';
export { environmentLanguage, languageOf, speak } from './language.js';
export { type Column, type Json, Output } from './output.js';
export type { Commands, Support } from './packages.js';
export { type PtyPair, ptyPair } from './pty-pair.js';
export { addConnectionOptions, type ConnectionSettings, connectionSettings, wholeIn } from './settings.js';
export { configOf } from './simulate/connections.js';
export { configFolder, stateFolder } from './state-folder.js';
export { failureText } from './tell.js';
export { causeFound, causeKnown, type Trying } from './why.js';
