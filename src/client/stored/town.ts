import { StateError } from '../../base/errors.js';
import { given } from '../../base/given.js';
import { checkOptions, type OptionNames } from '../../base/known-options.js';
import { counted } from '../../base/words.js';
import type { AsyncCounterStore } from '../../contracts/async-counter-store.js';
import type { CounterStore } from '../../contracts/counter-store.js';
import type { AsyncReplayGuard } from '../../contracts/replay-guard.js';
import type { StoredLine } from '../../contracts/stored-line.js';
import type { OpenOptions } from '../options.js';
import { knownQuirks } from '../quirks/known.js';
import type { QuirkSheet } from '../quirks/sheet.js';
import { connectionNameIn, parseStored, type StoredFile, valuesIn } from './config.js';
import type { SettingWords } from './line.js';
import { optionsOf } from './options.js';
import { type StoredSettings, settingsOf } from './settings.js';

/** Options of {@link parseTown}. */
export interface TownOptions {
  /** Which connection of the file. Default the file's own `default`, or its only one. */
  readonly connection?: string;
  /** Where invocation counters are kept. By default each meter is asked for its own, which the public client reads first. */
  readonly counters?: CounterStore<AsyncReplayGuard> | AsyncCounterStore;
}

/** Every option of a town, by name. */
export const TOWN_OPTIONS: OptionNames<TownOptions> = { connection: true, counters: true };

/** A meter of a configuration. */
export interface StoredMeter {
  /** Which meter of the file, from 0; 0 of a file that is not that of a town. */
  readonly index: number;
  /** The name of the connection. */
  readonly connection: string;
  /** Where the meter is. */
  readonly place: StoredLine;
  /** The options of `open`: framing, address, client, keys and secrets. */
  readonly options: OpenOptions;
  /** All that the connection says, checked. Holds keys and secrets. */
  readonly settings: StoredSettings;
}

/**
 * The meters of a configuration, in their order. Each is made when it is asked for: a town of millions takes no memory. Go through it as often as
 * you like.
 */
export class Town<M extends StoredMeter = StoredMeter> implements Iterable<M> {
  /** How many meters there are. */
  readonly length: number;
  readonly #make: (index: number) => M;

  /** @internal */
  constructor(length: number, make: (index: number) => M) {
    this.length = length;
    this.#make = make;
  }

  /** One meter. @throws StateError when there is none of that number. */
  at(index: number): M {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new StateError(`there is no meter ${index}`, { hint: `the file has meters 0 to ${this.length - 1}` });
    }
    return this.#make(index);
  }

  /** All of them. */
  *[Symbol.iterator](): Generator<M, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.#make(index);
  }

  /** The same meters with more to each. */
  map<N extends StoredMeter>(more: (meter: M) => N): Town<N> {
    return new Town(this.length, (index) => more(this.#make(index)));
  }
}

/**
 * The meters of a configuration, as `cosem simulate --write-config` writes one and `--config` of the command reads it: of one meter, or of a town
 * (`--fleet`), in which a number such as `{256+meter}` depends on the meter.
 *
 * ```ts
 * const town = parseTown(await readFile('town.json', 'utf8'), 'town.json', { connection: 'reader' });
 * for (const { index, place, options } of town) console.log(index, place, options.client);
 * ```
 * `townFrom` of `cosem/node` reads the file and makes the transports too.
 * @param source the name of the file, for errors. They name file and setting and never repeat a value.
 * @throws StateError when the text is no configuration, or a setting of it is wrong.
 */
export function parseTown(text: string, source: string, options: TownOptions = {}): Town {
  checkOptions(options, TOWN_OPTIONS, 'parseTown');
  const file = parseStored(text, source);
  const connection = connectionNameIn(file, source, options.connection);
  const make = (index: number) => storedMeter(file, source, connection, index, options);
  const town = new Town(file.meters ?? 1, make);
  // What is wrong in the first or the last is wrong now, and not in the middle of the night.
  town.at(0);
  town.at(town.length - 1);
  return town;
}

function storedMeter(
  file: StoredFile,
  source: string,
  connection: string,
  index: number,
  { counters }: TownOptions,
): StoredMeter {
  const meter = file.meters === undefined ? undefined : index;
  const settings = settingsOf(valuesIn(file, source, connection, meter), wordsOf(source, connection));
  const { security, ...options } = optionsOf(settings);
  return {
    index,
    connection,
    place: settings.line,
    settings,
    options: {
      ...options,
      ...given({ quirks: quirksOf(settings.quirks, source) }),
      ...(security === undefined ? {} : { security: { ...security, ...given({ counters }) } }),
    },
  };
}

/** Sheets by their names; those of files are an option of `open`. */
function quirksOf(asked: string | undefined, source: string): readonly QuirkSheet[] | undefined {
  if (asked === undefined) return undefined;
  if (asked === 'none') return [];
  const names = asked.split(',').map((name) => name.trim());
  const named = names.map((name) => knownQuirks.find(({ id }) => id === name));
  if (named.some((sheet) => sheet === undefined)) {
    throw new StateError(`'quirks' of ${source} names ${counted(names.length, 'sheet')} that do not come with cosem`, {
      hint: 'read them by parseQuirks, and give them to open as quirks',
    });
  }
  // A sheet that is named holds whatever the meter says of itself.
  const held = named.flatMap((sheet) => {
    const { match: _match, ...rest } = sheet ?? {};
    return [rest as QuirkSheet];
  });
  return [...knownQuirks, ...held];
}

/** A value of a file is never repeated: what was put in the wrong place may be a key. */
function wordsOf(source: string, connection: string): SettingWords {
  const name = (setting: string) => `'${setting}' of connection '${connection}' in ${source}`;
  return {
    name,
    value: name,
    said: () => 'of that name',
    add: (setting) => `'${setting}' to connection '${connection}' of ${source}`,
    noLine: {
      message: `connection '${connection}' of ${source} names no line`,
      hint: 'add "tcp": "HOST:PORT", "udp": "HOST:PORT" or "serial": "PATH" to it',
    },
  };
}
