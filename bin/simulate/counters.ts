import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MeterOptions } from '../../simulator/index.js';
import { FileCounterStore } from '../../src/node.js';
import type { Run } from '../command.js';
import { stateFolder } from '../state-folder.js';

type Counters = NonNullable<MeterOptions['counters']>;

/**
 * The invocation counters of what virtual meters send, in a file for each system title: a client that kept what it received takes a meter
 * that was stopped or killed, or that runs twice, for the meter that it knew. Without a place to keep them they follow the time.
 */
export function simulatedCounters({ io, output }: Run): Pick<MeterOptions, 'counters'> {
  const folder = join(stateFolder(io), 'virtual-meters');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    output.note(`Invocation counters of the meter cannot be kept in ${folder}: they go by the time.`);
    return {};
  }
  const files = new Map<string, FileCounterStore>();
  const fileOf = (entry: string): Counters => {
    const title = entry.split('/')[1] as string;
    const file = files.get(title) ?? new FileCounterStore(join(folder, title));
    files.set(title, file);
    return file;
  };
  return {
    counters: {
      next: (entry) => fileOf(entry).next(entry),
      peek: (entry) => fileOf(entry).peek(entry),
      raise: (entry, atLeast) => fileOf(entry).raise(entry, atLeast),
    },
  };
}
