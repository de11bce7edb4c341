/**
 * A day of `cosem day` that ends itself after so many operations on files: killed, or by a disk that is full from then on. Its arguments: folder,
 * passphrase, operations, `kill` or `full`.
 */

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { DayLead } from '../bin/day-loop.js';

const [folder = '', passphrase = '', operations = '', how = 'kill'] = process.argv.slice(2);

function armed(left: number): void {
  const real = { ...fs };
  const end = (): never => {
    if (how === 'full') throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    process.kill(process.pid, 'SIGKILL');
    throw new Error('killed');
  };
  fs.writeSync = ((file: number, bytes: Uint8Array, offset: number) => {
    // What is said on the terminal takes no room on the disk.
    if (file <= 2 || left-- > 0) return real.writeSync(file, bytes, offset);
    real.writeSync(file, bytes, offset, Math.floor((bytes.length - offset) / 2));
    return end();
  }) as typeof fs.writeSync;
  const names = how === 'full' ? (['writeFileSync'] as const) : (['fsyncSync', 'renameSync', 'writeFileSync'] as const);
  for (const name of names) {
    const call = real[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, { [name]: (...args: unknown[]) => (left-- > 0 ? call(...args) : end()) });
  }
  syncBuiltinESMExports();
}

const { Output } = await import('../../../bin/output.js');
const { workDay } = await import('../bin/day-loop.js');
const { Remembered } = await import('../bin/folder.js');
const { Workspace } = await import('../src/platform/workspace.js');

const io = {
  ...{ stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  signal: new AbortController().signal,
  env: { XDG_STATE_HOME: `${folder}/counters`, XDG_CONFIG_HOME: `${folder}/config`, NO_COLOR: '1' },
};
const run = { io, output: new Output(io, false), options: { yes: true } };
const visited = new Set<string>();
const nobody = async (): Promise<never> => {
  throw new Error('nobody is asked');
};
const lead: DayLead = {
  begin: async () => {},
  choose: async (orders) => {
    for (const { number, order } of orders) {
      if (order.status === 'done' || order.status === 'unreadable') continue;
      const { id } = order.entry.order;
      if (visited.has(id)) continue;
      visited.add(id);
      return { what: 'visit', number };
    }
    return { what: 'end' };
  },
  postponing: nobody,
  isPostponed: async () => false,
  // A change of the payment mode asks none.
  inputs: () => ({}) as ReturnType<DayLead['inputs']>,
};
armed(Number(operations));
using workspace = await Workspace.open(folder, { passphrase });
await workDay(run as never, { folder, language: 'en', remembered: new Remembered(folder), workspace, lead });
