/** Why a command did not get what it wanted from its meter, by the table of causes. */

import { SecurityError } from '../src/index.js';
import { causeOf, type DiagnoseOptions, type Diagnosis, diagnose } from '../src/tools.js';
import { connectionOf, flagsOf } from './commands/discover.js';
import { failureNotedOf } from './failed-calls.js';
import { type ConnectionSettings, lineText } from './settings.js';

/** Told what is being tried. */
export type Trying = NonNullable<DiagnoseOptions['onTrying']>;

/** What `diagnose` is told of a line that the options name. */
export function lineKnown({ line, companion }: ConnectionSettings): DiagnoseOptions {
  const place = lineText(line);
  return {
    ...(line.type === 'serial' ? { baud: line.baud } : {}),
    place,
    companion,
    optionsOf: (found) =>
      flagsOf(connectionOf({ type: line.type === 'serial' ? 'serial' : 'tcp', name: place }, found)),
  };
}

/** The cause that an error of a command shows by itself; undefined where the error says it all. */
export function causeKnown(error: unknown): Diagnosis | undefined {
  const noted = failureNotedOf(error);
  if (noted !== undefined) return causeOf(noted.failed, noted.options, lineKnown(noted.settings));
  // Of messages without a connection: recorded, listened to, kept in a file.
  return error instanceof SecurityError ? { id: error.reason, facts: error.facts, cause: error } : undefined;
}

/**
 * The cause of an error, for which the meter is asked where its error leaves more than one. Nothing is sent that needs a key or a password.
 * @param onTrying told what is being tried. What cannot be found out, also because it was interrupted, stays as it was known.
 */
export async function causeFound(error: unknown, onTrying: Trying | undefined): Promise<Diagnosis | undefined> {
  const known = causeKnown(error);
  const noted = failureNotedOf(error);
  if (known?.unsettled !== true || noted?.connect === undefined) return known;
  const { failed, settings, options, connect } = noted;
  try {
    return await diagnose(connect, options, { ...lineKnown(settings), failed, ...(onTrying && { onTrying }) });
  } catch {
    return known;
  }
}
