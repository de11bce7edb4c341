import { existsSync, readFileSync } from 'node:fs';
import { systemErrorText } from '../../src/node.js';
import { knownPushSheets, type PushSheet, parsePushSheets } from '../../src/tools.js';
import { UsageError } from '../failure.js';
import { suggestion } from '../suggest.js';

/**
 * The sheets that a person names, by files or by the names of those that come with cosem: they go before all others.
 * @throws UsageError, StateError that name the file and what is wrong in it.
 */
export function pushSheets(asked: string): readonly PushSheet[] {
  return asked.split(',').flatMap((one) => sheetsCalled(one.trim()));
}

function sheetsCalled(name: string): readonly PushSheet[] {
  const known = knownPushSheets.find(({ id }) => id === name);
  if (known !== undefined) return [known];
  if (!existsSync(name)) {
    const ids = knownPushSheets.map(({ id }) => id);
    throw new UsageError(`--sheets '${name}' is neither a file nor a sheet`, suggestion(name, ids));
  }
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (error) {
    throw new UsageError(`${name} cannot be read: ${systemErrorText(error)}`, 'is --sheets the right file?');
  }
  return parsePushSheets(text, name);
}
