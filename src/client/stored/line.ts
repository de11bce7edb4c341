import { StateError } from '../../base/errors.js';
import type { Framing } from '../../contracts/link.js';
import type { StoredLine } from '../../contracts/stored-line.js';
import { writtenAddress, writtenWhole, writtenWord } from './written.js';

/** Settings by their names, as they are written. */
export type SettingValues = Readonly<Record<string, string | undefined>>;

/** What messages call settings, and how somebody gives one. */
export interface SettingWords {
  /** The setting alone: `--ek`. It is all that is said of a secret. */
  name(setting: string): string;
  /** A setting that is no secret, with what was written where that may be repeated: `--client '-1'`. */
  value(setting: string, text: string): string;
  /** What was written, where that may be repeated: `'mars'`, else `of that name`. */
  said(text: string): string;
  /** How it is added: `--password, or COSEM_PASSWORD to the environment`. */
  add(setting: string): string;
  /** What is said where no line is named. */
  readonly noLine: {
    /** What happened. */
    readonly message: string;
    /** What to try. */
    readonly hint: string;
  };
}

/** The settings that name a line; one of them does. */
export const LINE_SETTINGS = ['serial', 'tcp', 'udp'] as const;

/** What a line may carry; `wrapper` over UDP is `wrapper-udp` of {@link Framing}. */
export const WRITTEN_FRAMINGS = ['hdlc', 'wrapper', 'mode-e'] as const;

/** The line that settings name. @throws StateError where none or several do. */
export function lineIn(values: SettingValues, words: SettingWords): StoredLine {
  const told = LINE_SETTINGS.filter((name) => values[name] !== undefined);
  if (told.length > 1) {
    throw new StateError(`${told.map((name) => words.name(name)).join(' and ')} at once`, {
      hint: 'a meter is reached by one of them',
    });
  }
  const { serial, tcp, udp, baud } = values;
  if (serial !== undefined) {
    const speed = baud === undefined ? 9600 : writtenWhole(baud, words.value('baud', baud), 50, 4_000_000);
    return { type: 'serial', path: serial, baud: speed };
  }
  if (tcp !== undefined) return { type: 'tcp', ...writtenAddress(tcp, words.value('tcp', tcp), 4059) };
  if (udp !== undefined) return { type: 'udp', ...writtenAddress(udp, words.value('udp', udp), 4059) };
  throw new StateError(words.noLine.message, { hint: words.noLine.hint });
}

/** The framing of a line: the named one, or the usual one for such a line. @throws StateError */
export function framingIn(name: string | undefined, what: string, { type }: Pick<StoredLine, 'type'>): Framing {
  const usual = type === 'serial' ? 'hdlc' : 'wrapper';
  const framing = name === undefined ? usual : writtenWord(name, what, WRITTEN_FRAMINGS);
  if (type !== 'udp') return framing;
  if (framing === 'wrapper') return 'wrapper-udp';
  throw new StateError(`${framing} over udp`, { hint: 'datagrams carry the wrapper' });
}
