import type { Meter } from '../src/index.js';
import { changeProved, KeyChangeError } from '../src/tools.js';
import type { StoredConnection } from './config.js';
import type { Fresh, KeyFile } from './key-file.js';

/** Opens a meter by the settings of a connection. */
export type OpenStored = (settings: StoredConnection) => Promise<Meter>;

/** Which keys or secrets a meter holds: found out by opening it. */
export interface Settled {
  readonly connection: string;
  readonly holds: 'new' | 'old' | 'unknown';
}

export interface KeptChange {
  readonly file: KeyFile;
  /** The meter, open with what it holds now. */
  readonly meter: Meter;
  /** The connection that proves the change. */
  readonly prover: string;
  /** All connections of which the same keys or secrets are, `prover` among them. */
  readonly names: readonly string[];
  readonly fresh: Fresh;
  /** Lets the meter take them. */
  readonly change: (meter: Meter) => Promise<void>;
  readonly open: OpenStored;
}

/**
 * Changes keys or a secret of a meter and keeps both in the file until an association proved the new ones.
 * @returns what each connection holds now.
 * @throws AccessError, StateError: nothing has changed, in the meter or in the file. KeyChangeError: with `held` old the file is as it was;
 * with `unknown` it holds both, and {@link settlePending} goes on.
 */
export async function changeKept({ file, meter, prover, names, fresh, change, open }: KeptChange): Promise<Settled[]> {
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
 * Ends changes that were not proved: each connection is opened with what is new, and when that does not hold with what is old. What opens
 * the meter stays; where neither does, both stay.
 */
export async function settlePending(file: KeyFile, open: OpenStored): Promise<Settled[]> {
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

async function opens(open: OpenStored, settings: StoredConnection): Promise<boolean> {
  try {
    await (await open(settings)).close();
    return true;
  } catch {
    return false;
  }
}
