/** Secrets that others can see: told once, with what to do. Nothing is refused. */

import { statSync } from 'node:fs';
import type { Command } from 'commander';
import type { Language } from '../src/inspect.js';
import type { Io } from './io.js';
import { languageOf } from './language.js';
import { Output } from './output.js';

/** Settings of a connection that others must not know. */
const SECRETS: readonly string[] = ['password', 'secret', 'ek', 'ak', 'dedicated-key'];
/** Options that hold one. Each can stand in the environment instead, as `COSEM_` and its name. */
const SECRET_OPTIONS: readonly string[] = [
  ...SECRETS,
  'kek',
  'new-ek',
  'new-ak',
  'new-password',
  'new-secret',
  'customer-ek',
  'customer-ak',
];
/** It is made up, and shown nowhere. */
const MADE_UP = 'random';
/** Rights of the group and of all others. */
const OTHERS = 0o077;

/** What was told in a run. A run has one signal, also where parts of it have streams of their own. */
const told = new WeakMap<AbortSignal, Set<string>>();

function tellOnce(io: Io, about: string, sentences: Readonly<Record<Language, string>>): void {
  const before = told.get(io.signal) ?? new Set();
  told.set(io.signal, before);
  if (before.has(about)) return;
  before.add(about);
  new Output(io, false).sentence('cosem: ', sentences[languageOf(io)]);
}

/** Warns about secrets on the command line, by the names of their options: process lists and the shell's history show them. */
export function tellOfArguments(io: Io, command: Command): void {
  const options = command.options.filter((option) => {
    const key = option.attributeName();
    const isSecret = SECRET_OPTIONS.includes(option.name());
    return isSecret && command.getOptionValueSource(key) === 'cli' && command.getOptionValue(key) !== MADE_UP;
  });
  if (options.length === 0) return;
  const names = options.map((option) => `--${option.name()}`).join(', ');
  const variables = options.map((option) => `COSEM_${option.name().toUpperCase().replaceAll('-', '_')}`).join(', ');
  tellOnce(io, 'arguments', {
    en: `others on this computer can read ${names} on the command line, and the shell keeps it: put it into the environment (${variables}) or a configuration file`,
    hi: `कमांड लाइन पर लिखा ${names} इस कंप्यूटर के दूसरे लोग पढ़ सकते हैं, और शेल उसे याद रखता है: उसे एनवायरनमेंट (${variables}) या कॉन्फ़िगरेशन फ़ाइल में रखें`,
  });
}

/** Warns about a configuration that others may read, where the used part contains a secret; the public client has none. */
export function tellOfConnection(io: Io, file: string, settings: Readonly<Record<string, unknown>>): void {
  if (SECRETS.some((name) => settings[name] !== undefined && settings[name] !== MADE_UP)) tellOfFile(io, file);
}

/** Warns about a file with keys that others may read. */
export function tellOfFile(io: Io, file: string): void {
  // Windows has other rights.
  if (process.platform === 'win32') return;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || (stat.mode & OTHERS) === 0) return;
  const path = /^[\w./~@+-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
  tellOnce(io, file, {
    en: `others on this computer may open ${file}, which holds keys: chmod 600 ${path}`,
    hi: `${file} में कुंजियाँ हैं और इस कंप्यूटर के दूसरे लोग उसे खोल सकते हैं: chmod 600 ${path}`,
  });
}
