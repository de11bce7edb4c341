import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Io } from './io.js';

/** Where the command keeps what must outlive a run: `$XDG_STATE_HOME/cosem`, or what stands for it. */
export function stateFolder({ env }: Pick<Io, 'env'>): string {
  return join(env.XDG_STATE_HOME || env.LOCALAPPDATA || join(env.HOME || homedir(), '.local', 'state'), 'cosem');
}

/** Where a person keeps what holds for every run: `$XDG_CONFIG_HOME/cosem`, or what stands for it. */
export function configFolder({ env }: Pick<Io, 'env'>): string {
  return join(env.XDG_CONFIG_HOME || env.APPDATA || join(env.HOME || homedir(), '.config'), 'cosem');
}
