import { changeProved, KeyChangeError } from './keys.js';
import type { Meter } from './meter.js';

/**
 * Where keys and secrets are kept while they change: the new ones beside the old ones until an association proved them. `KeyFile` of
 * `cosem/node` is one; a vault may be another.
 */
export interface ChangeStore<Settings, Fresh> {
  /** The connections whose change was not proved. */
  readonly pending: readonly string[];
  /** What opens a connection: as it holds, or with what is pending. */
  values(name: string, which?: 'old' | 'new'): Settings;
  /** Puts new ones beside the old ones, durably. */
  begin(names: readonly string[], fresh: Fresh): void;
  /** The new ones hold: they take the place of the old ones. */
  commit(names: readonly string[]): void;
  /** The old ones hold: the new ones are dropped. */
  rollBack(names: readonly string[]): void;
}

/** Opens a meter by the settings of a connection. */
export type OpenStored<Settings> = (settings: Settings) => Promise<Meter>;

/** Which keys or secrets a meter has, as found out by opening it. */
export interface Settled {
  /** Name of the connection. */
  readonly connection: string;
  /** What opens it: the new keys, the old ones, or neither was proved. */
  readonly holds: 'new' | 'old' | 'unknown';
}

/** A change of keys or of a secret, and where both are kept. */
export interface KeptChange<Settings, Fresh> {
  /** Where old and new ones are kept. */
  readonly file: ChangeStore<Settings, Fresh>;
  /** The meter, open with what it holds now. */
  readonly meter: Meter;
  /** The connection that proves the change. */
  readonly prover: string;
  /** All connections of which the same keys or secrets are, `prover` among them. */
  readonly names: readonly string[];
  /** The new keys or secret. */
  readonly fresh: Fresh;
  /** Lets the meter take them. */
  readonly change: (meter: Meter) => Promise<void>;
  /** Opens the meter anew, to prove which of them holds. */
  readonly open: OpenStored<Settings>;
}

/**
 * Changes keys or a secret of a meter and keeps both in the file until an association proved the new ones.
 *
 * ```ts
 * const file = new KeyFile('meter.json');
 * const open = (settings: StoredConnection) => openBy(settings);
 * await changeKept({
 *   ...{ file, meter, prover: 'utility', names: ['utility'], fresh: { ek: `hex:${toHex(key)}` }, open },
 *   change: (meter) => changeKeys(meter, { masterKey, encryption: key }),
 * });
 * ```
 * @returns what each connection holds now.
 * @throws AccessError, StateError: nothing has changed, in the meter or in the file. KeyChangeError: with `held` old the file is as it was;
 * with `unknown` it holds both, and {@link settlePending} goes on.
 */
export async function changeKept<Settings, Fresh>({
  file,
  meter,
  prover,
  names,
  fresh,
  change,
  open,
}: KeptChange<Settings, Fresh>): Promise<Settled[]> {
  file.begin(names, fresh);
  let proved: Meter;
  try {
    proved = await changeProved(
      meter,
      () => change(meter),
      (which) => open(file.values(prover, which)),
    );
  } catch (error) {
    if (!(error instanceof KeyChangeError) || error.held === 'old') file.rollBack(names);
    throw error;
  }
  file.commit([prover]);
  await proved.close();
  return [{ connection: prover, holds: 'new' }, ...(await settlePending(file, open))];
}

/**
 * Completes changes that were not proved: each connection is opened with the new keys, and if that fails with the old ones. What opens the
 * meter stays; if neither does, both stay.
 */
export async function settlePending<Settings>(
  file: ChangeStore<Settings, never>,
  open: OpenStored<Settings>,
): Promise<Settled[]> {
  const settled: Settled[] = [];
  for (const connection of file.pending) {
    const holds = (await opens(open, file.values(connection, 'new')))
      ? 'new'
      : (await opens(open, file.values(connection, 'old')))
        ? 'old'
        : 'unknown';
    if (holds === 'new') file.commit([connection]);
    if (holds === 'old') file.rollBack([connection]);
    settled.push({ connection, holds });
  }
  return settled;
}

async function opens<Settings>(open: OpenStored<Settings>, settings: Settings): Promise<boolean> {
  try {
    await (await open(settings)).close();
    return true;
  } catch {
    return false;
  }
}
