import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll } from 'vitest';
import { Interrupted, type Io } from '../../bin/io.js';

/** An Io that remembers what was written. */
export class FakeIo implements Io {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout = new Memory();
  readonly stderr = new Memory();
  readonly env: Record<string, string | undefined>;
  readonly #stop = new AbortController();
  readonly signal = this.#stop.signal;

  constructor(env: Record<string, string | undefined> = {}, input = '') {
    this.env = { ...own(), ...env };
    this.stdin = Readable.from(input === '' ? [] : [input]);
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#stop.abort(new Interrupted());
  }

  /** The JSON document on stdout: exactly one. */
  document(): Record<string, unknown> {
    return JSON.parse(this.stdout.text) as Record<string, unknown>;
  }
}

/** Instead of the folders of whoever runs the tests: what the command keeps there is kept for the tests of one file. */
let folder: string | undefined;
function own(): Record<string, string> {
  folder ??= mkdtempSync(join(tmpdir(), 'cosem-io-'));
  return { XDG_STATE_HOME: join(folder, 'state'), XDG_CONFIG_HOME: join(folder, 'config') };
}
afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

class Memory extends Writable {
  text = '';
  isTTY?: boolean;
  #watchers: (() => void)[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    for (const watch of this.#watchers.splice(0)) watch();
    done();
  }

  /** Resolves as soon as the text matches. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match) return match;
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }
}
