/** The command in this process: run to its end, or being a meter. */

import { main } from '../../bin/program.js';
import { FakeIo } from './fake-io.js';

/** What a command line ended with. */
export interface Ran {
  readonly exit: number;
  readonly io: FakeIo;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line, its words given apart or in one text with blanks between. */
export async function ran(
  line: string | readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  input = '',
): Promise<Ran> {
  const { io, ended } = running(line, env, input);
  const exit = await ended;
  return { exit, io, out: io.stdout.text, err: io.stderr.text };
}

/** Begins a command line that somebody else ends. @param terminal what stdout is. */
export function running(
  line: string | readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  input = '',
  terminal?: { readonly isTTY: boolean; readonly columns: number },
): { readonly io: FakeIo; readonly ended: Promise<number> } {
  const io = new FakeIo(env, input);
  if (terminal !== undefined) Object.assign(io.stdout, terminal);
  return { io, ended: main(typeof line === 'string' ? line.split(' ') : line, io) };
}

/** A command that serves until it is stopped, as a rule a virtual meter. */
export interface Simulated extends AsyncDisposable {
  readonly io: FakeIo;
  /** @throws when it did not end well. */
  stop(): Promise<void>;
}

/** `cosem simulate` on a free TCP port, ready to be read. @throws when it ends before. */
export const simulated = (...args: readonly string[]) =>
  serving(['simulate', '--tcp', '127.0.0.1:0', '--json', ...args], /"event":"ready"/);

/** A command line that serves, once stdout has said so. @throws when it ends before. */
export async function serving(line: readonly string[], ready: RegExp): Promise<Simulated> {
  const { io, ended } = running(line);
  await Promise.race([io.stdout.until(ready), ended.then(() => Promise.reject(new Error(io.stderr.text)))]);
  const stop = async () => {
    io.interrupt();
    const exit = await ended;
    if (exit !== 0) throw new Error(`${line[0]} ended with ${exit}: ${io.stderr.text}`);
  };
  return { io, stop, [Symbol.asyncDispose]: stop };
}
