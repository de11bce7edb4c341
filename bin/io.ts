import type { Readable, Writable } from 'node:stream';

/** What the command sees of the world. Tests give their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C or SIGTERM, with {@link Interrupted}: what runs releases the meter and ends. */
  readonly signal: AbortSignal;
}

/** The signal was given: ends the command with its own exit code, after the meter was released. */
export class Interrupted extends Error {
  /** Whether there was a meter to release. */
  released = false;

  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/** Resolves when the signal is given. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
