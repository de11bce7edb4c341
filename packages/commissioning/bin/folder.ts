/** The commissioning folder that a command works in. */

import { existsSync, readFileSync } from 'node:fs';
import { SecurityError } from 'cosem';
import { environmentLanguage, type Io, languageOf, type Run, speak, tellOfFile, UsageError } from 'cosem/command';
import {
  inEach,
  type Language,
  type Preferences,
  parsePreferences,
  readTextFile,
  say,
  Workspace,
  workspacePaths,
  writeWholeFile,
} from '../src/index.js';
import { askLanguage, Prompts } from './prompted.js';

/** `--folder`, COSEM_FOLDER, or here. @throws UsageError when it is no commissioning folder. */
export function folderOf({ io, options }: Run): string {
  const folder = typeof options.folder === 'string' ? options.folder : io.env.COSEM_FOLDER || '.';
  if (!existsSync(workspacePaths(folder).orders)) {
    const where = inEach('folder-this');
    const named = (language: Language) =>
      say(language, 'folder-none', { folder: folder === '.' ? where[language] : folder });
    throw new UsageError({ en: named('en'), hi: named('hi') }, inEach('folder-none-try'));
  }
  // Errors from here on are told in the language that was chosen here.
  if (options.language === undefined) speak(io, new Remembered(folder).preferences.language);
  return folder;
}

/** Whether somebody is there to be asked. */
export function canAsk({ stdin, stderr }: Io): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** `--passphrase-file`, COSEM_PASSPHRASE, or asked for without showing it. @throws UsageError where nobody can be asked. */
export async function passphraseOf(run: Run, language: Language): Promise<string> {
  const { io } = run;
  const given = givenPassphrase(run);
  if (given !== undefined) return given;
  if (!canAsk(io)) {
    throw new UsageError(inEach('passphrase-nobody'), inEach('passphrase-nobody-try'));
  }
  const prompts = new Prompts(io, language);
  return prompts.secret(prompts.words('ask-passphrase'));
}

function givenPassphrase({ io, options }: Run): string | undefined {
  const { passphraseFile } = options;
  if (typeof passphraseFile === 'string') {
    tellOfFile(io, passphraseFile);
    try {
      return readFileSync(passphraseFile, 'utf8').replace(/\r?\n$/, '');
    } catch {
      throw new UsageError(
        inEach('file-unread', { file: passphraseFile }),
        inEach('file-unread-try', { option: '--passphrase-file' }),
      );
    }
  }
  return io.env.COSEM_PASSPHRASE || undefined;
}

/** Opens the folder for work: takes its lock. A passphrase that was mistyped is asked for again. */
export async function openFolder(run: Run, folder: string, language: Language): Promise<Workspace> {
  tellOfFile(run.io, workspacePaths(folder).keys);
  for (;;) {
    const passphrase = await passphraseOf(run, language);
    run.output.progress(say(language, 'doing-open'));
    try {
      return await Workspace.open(folder, { passphrase });
    } catch (error) {
      const isMistyped =
        error instanceof SecurityError && error.reason === 'bad-key' && givenPassphrase(run) === undefined;
      if (!isMistyped) throw error;
      run.output.endProgress();
      run.output.note(say(language, 'passphrase-wrong'));
    } finally {
      run.output.endProgress();
    }
  }
}

/** What the installer chose once in this folder. */
export class Remembered {
  readonly #file: string;
  #preferences: Preferences;

  constructor(folder: string) {
    this.#file = workspacePaths(folder).preferences;
    this.#preferences = parsePreferences(readTextFile(this.#file) ?? '{}');
  }

  get preferences(): Preferences {
    return this.#preferences;
  }

  /** Keeps it for the next time. A folder that cannot be written is told of by the work itself. */
  keep(changes: Preferences): void {
    this.#preferences = { ...this.#preferences, ...changes };
    try {
      writeWholeFile(this.#file, `${JSON.stringify(this.#preferences, undefined, 2)}\n`);
    } catch {
      // It is asked again.
    }
  }
}

/**
 * The language of work in a folder, by the rule of all commands: `--language`, what was chosen once in the folder, what the environment wants, or
 * English. Somebody whose environment does not say Hindi is asked once, for English is what most computers come with.
 * @param mayAsk whether this command may ask.
 */
export async function folderLanguage(run: Run, remembered: Remembered, mayAsk: boolean): Promise<Language> {
  const { io, options, output } = run;
  const before = remembered.preferences.language;
  const told = options.language === 'en' || options.language === 'hi' ? options.language : undefined;
  if (told !== undefined && before === undefined) remembered.keep({ language: told });
  speak(io, told ?? before);
  const isKnown = told !== undefined || before !== undefined || environmentLanguage(io.env) === 'hi';
  if (isKnown || !mayAsk || !canAsk(io) || output.json) return languageOf(io);
  const asked = await askLanguage(io);
  remembered.keep({ language: asked });
  speak(io, asked);
  return asked;
}
