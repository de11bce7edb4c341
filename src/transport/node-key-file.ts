import * as nodeFs from 'node:fs';
import { StateError } from '../base/errors.js';
import { systemErrorCode, systemErrorText } from '../base/system-error.js';
import { jsonText } from '../base/words.js';
import { type DurableFileSystem, durableReplace } from './node-durable.js';

/** Keys of a connection that no association proved yet stand in it under this name. */
export const PENDING_CHANGE = 'pending';

/** A connection as it stands in a configuration file: options by their names, values as text or numbers. */
export type StoredConnection = Readonly<Record<string, string | number>>;

/** What is needed of `node:fs`: an argument, so that tests can cut the power at every step. */
export type KeyFileSystem = DurableFileSystem & Pick<typeof nodeFs, 'readFileSync' | 'realpathSync'>;

/** Keys or secrets that take the place of others, by the names of their settings, as `keyOctets` and `secretOctets` read them. */
export type FreshSecrets = Readonly<Partial<Record<'ek' | 'ak' | 'password' | 'secret', string>>>;

interface Content {
  readonly generatedBy?: string;
  readonly meters?: number;
  readonly connections: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * The keys and secrets of a configuration file while they are changed. The new ones stand beside the old ones, under
 * {@link PENDING_CHANGE} of their connection, before the meter hears of them, and take their place when an association proved them. Every
 * write replaces the whole file or nothing, so that after a power cut at any moment the file holds whatever the meter may hold.
 * `changeKept` and `settlePending` of `cosem/tools` go through a change with it.
 *
 * Its text is `{"connections": {"NAME": {"tcp": "HOST:PORT", "client": 48, "ek": "…"}}}`, that of `--config` of the command.
 * @throws StateError, from each method, when the file cannot be read or is none of this kind. No message repeats a value.
 */
export class KeyFile {
  /** Where the file is. */
  readonly path: string;
  readonly #fs: KeyFileSystem;

  constructor(path: string, fs: KeyFileSystem = nodeFs) {
    this.path = path;
    this.#fs = fs;
  }

  /** The names of its connections. */
  get names(): string[] {
    return Object.keys(this.#read().connections);
  }

  /** The connections whose change was not proved. */
  get pending(): string[] {
    const { connections } = this.#read();
    return Object.keys(connections).filter((name) => connections[name]?.[PENDING_CHANGE] !== undefined);
  }

  /** The settings of a connection: as they hold, or with what is pending. */
  values(name: string, which: 'old' | 'new' = 'old'): StoredConnection {
    const { [PENDING_CHANGE]: fresh, ...settings } = this.#connection(this.#read(), name);
    return { ...settings, ...(which === 'new' ? (fresh as object | undefined) : {}) } as StoredConnection;
  }

  /**
   * Puts new keys or secrets beside the old ones.
   * @throws StateError when an earlier change is not over, or the file cannot be written: then it is as it was.
   */
  begin(names: readonly string[], fresh: FreshSecrets): void {
    const unproved = this.pending;
    if (unproved.length > 0) {
      throw new StateError(`${this.path} holds a change that was not proved (${unproved.join(', ')})`, {
        hint: 'settle it first: cosem keys resume, or settlePending',
      });
    }
    this.#change(names, (settings) => ({ ...settings, [PENDING_CHANGE]: fresh }));
  }

  /** The new ones hold: they take the place of the old ones. */
  commit(names: readonly string[]): void {
    this.#change(names, ({ [PENDING_CHANGE]: fresh, ...settings }) => ({ ...settings, ...(fresh as object) }));
  }

  /** The old ones hold: the new ones are dropped. */
  rollBack(names: readonly string[]): void {
    this.#change(names, ({ [PENDING_CHANGE]: _dropped, ...settings }) => settings);
  }

  #change(
    names: readonly string[],
    change: (settings: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
  ): void {
    // From now on it holds more than its first writer knows.
    const { generatedBy: _writer, ...content } = this.#read();
    const changed = names.map((name) => [name, change(this.#connection(content, name))]);
    const connections = { ...content.connections, ...Object.fromEntries(changed) };
    this.#replace(`${jsonText({ ...content, connections }, 2)}\n`);
  }

  #connection(content: Content, name: string): Readonly<Record<string, unknown>> {
    const connection = Object.hasOwn(content.connections, name) ? content.connections[name] : undefined;
    if (connection === undefined) {
      throw new StateError(`${this.path} has no connection '${name}'`, {
        hint: Object.keys(content.connections).join(', '),
      });
    }
    return connection;
  }

  #read(): Content {
    let content: Content;
    try {
      content = JSON.parse(this.#fs.readFileSync(this.path, 'utf8'));
    } catch (error) {
      // The parser's message would quote the text, which may hold keys.
      const code = systemErrorCode(error);
      const why = code === undefined ? 'is not JSON' : `cannot be read: ${systemErrorText(error)}`;
      throw new StateError(`${this.path} ${why}`, { hint: 'is --config, or COSEM_CONFIG, the right file?' });
    }
    if (content.meters !== undefined) {
      throw new StateError(`${this.path} is that of a fleet: its keys are made up anew for each meter`);
    }
    return content;
  }

  /** Durably, all or nothing. */
  #replace(text: string): void {
    try {
      durableReplace(this.#fs.realpathSync(this.path), text, this.#fs);
    } catch (error) {
      throw new StateError(`${this.path} cannot be written: ${systemErrorText(error)}`, {
        hint: 'nothing was sent to the meter that it does not hold; may you write to its folder?',
        cause: error,
      });
    }
  }
}
