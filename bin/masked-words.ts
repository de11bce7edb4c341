/** A command line as it may be kept: what is secret or personal, or may be, is left out. */

import type { Command, Option } from 'commander';
import { LINE, OTHERS } from './setting-table.js';

/** What stands for what is left out. */
export const MASK = '***';

/** Settings of a connection that are shown nowhere. */
export const HIDDEN_SETTINGS: ReadonlySet<string> = new Set([
  ...['password', 'secret', 'ek', 'ak', 'title', 'dedicated-key'],
  'device-address',
]);

/** Options whose value may be kept. */
const SHOWN: ReadonlySet<string> = new Set([
  ...[...LINE, ...OTHERS].map(({ name }) => name).filter((name) => !HIDDEN_SETTINGS.has(name)),
  ...['config', 'connection', 'folder', 'language', 'log', 'meter', 'trace-file', 'last', 'from', 'to', 'format'],
]);

/** Values that are kept as they are: words, numbers, times, addresses, plain paths. */
const PLAIN = /^[\w.,:/\\@%+~-]{1,200}$/;
const OBJECT = /^(\d+:)?\d+(\.\d+){5}(:\d+)?$/;

/**
 * The words of a command line in one text: commands, options and values that say nothing about a person. Everything else is `***`, also what
 * the program does not know.
 * @param root undefined where the program could not be made: then the first word alone may be shown.
 * @param known names of commands.
 */
export function maskedWords(argv: readonly string[], root: Command | undefined, known: readonly string[]): string {
  const words: string[] = ['cosem'];
  let command = root;
  let rest = false;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (rest) words.push(MASK);
    else if (word === '--') {
      rest = true;
      words.push(word);
    } else if (word.startsWith('-')) {
      const [name = '', ...value] = word.split('=');
      const option = optionOf(command, name);
      if (option === undefined) words.push(MASK);
      else if (value.length > 0) words.push(`${name}=${shownValue(option, value.join('='))}`);
      else words.push(name, ...(takesNext(option, argv[i + 1]) ? [shownValue(option, argv[++i] as string)] : []));
    } else {
      const below: Command | undefined = command?.commands.find((one) => one.name() === word);
      const isWord = below !== undefined || (command === undefined ? known.includes(word) : isChoice(command, word));
      words.push(isWord || OBJECT.test(word) ? word : MASK);
      command = below ?? command;
    }
  }
  return words.join(' ');
}

function optionOf(command: Command | undefined, name: string): Option | undefined {
  for (let one = command ?? null; one !== null; one = one.parent) {
    const found = one.options.find(({ long, short }) => long === name || short === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function takesNext(option: Option, next: string | undefined): boolean {
  return next !== undefined && (option.required || (option.optional && !next.startsWith('-')));
}

function shownValue(option: Option, value: string): string {
  const isWord = option.argChoices?.includes(value) === true;
  return isWord || (SHOWN.has(option.name()) && PLAIN.test(value)) ? value : MASK;
}

function isChoice(command: Command, word: string): boolean {
  return command.registeredArguments.some(({ argChoices }) => argChoices?.includes(word) === true);
}
