// What the head-end knows of its meters: a file of its own, here JSON. In yours it is a database, and the keys are in a vault.
import { readFile } from 'node:fs/promises';
import { fromHex, StateError } from 'cosem';

export interface ListedMeter {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The wPort: which meter of those behind the host. */
  readonly server: number;
  readonly secret: Uint8Array;
  readonly encryptionKey: Uint8Array;
  readonly authenticationKey: Uint8Array;
}

/** @throws StateError for a list that is none: it says which entry. */
export async function meterList(file: string): Promise<ListedMeter[]> {
  const list: unknown = await readFile(file, 'utf8')
    .then(JSON.parse)
    .catch((cause: unknown) => {
      throw new StateError(`the list of meters cannot be read: ${(cause as Error).message}`, { cause });
    });
  if (!Array.isArray(list)) throw new StateError(`${file} holds no list of meters`);
  return list.map((entry: unknown, index) => {
    try {
      return listed(entry);
    } catch (error) {
      throw new StateError(`${file}: meter ${index + 1} of the list: ${(error as Error).message}`, { cause: error });
    }
  });
}

function listed(entry: unknown): ListedMeter {
  const fields: Record<string, unknown> = Object.fromEntries(Object.entries(entry ?? {}));
  const text = (name: string) => {
    const value = fields[name];
    if (typeof value !== 'string') throw new StateError(`"${name}" is no text`);
    return value;
  };
  const number = (name: string) => {
    const value = fields[name];
    if (typeof value !== 'number') throw new StateError(`"${name}" is no number`);
    return value;
  };
  return {
    name: text('name'),
    host: text('host'),
    port: number('port'),
    server: number('server'),
    secret: fromHex(text('secret')),
    encryptionKey: fromHex(text('encryptionKey')),
    authenticationKey: fromHex(text('authenticationKey')),
  };
}
