import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two pseudo-terminals joined back to back: what is written to one is read from the other, as over a cable. */
export interface PtyPair {
  /** Path of the meter's end. */
  readonly meter: string;
  /** Path of the reader's end. */
  readonly reader: string;
  /** Takes both away. */
  close(): void;
}

const PATIENCE = 5000;

/** A pair made by socat; undefined where socat is not installed or makes none. */
export async function ptyPair(): Promise<PtyPair | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'cosem-pty-'));
  const [meter, reader] = [join(folder, 'meter'), join(folder, 'reader')];
  const ends = [meter, reader].map((link) => `pty,raw,echo=0,link=${link}`);
  const socat = spawn('socat', ends, { stdio: 'ignore' });
  const close = () => {
    socat.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  if (await appeared([meter, reader], socat)) return { meter, reader, close };
  close();
  return undefined;
}

/** Whether both names are there before the process ends or patience does. */
function appeared(paths: readonly string[], process: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (found: boolean) => {
      clearInterval(timer);
      clearTimeout(limit);
      resolve(found);
    };
    const timer = setInterval(() => {
      if (paths.every((path) => existsSync(path))) end(true);
    }, 20);
    const limit = setTimeout(() => end(false), PATIENCE);
    process.once('error', () => end(false));
    process.once('exit', () => end(false));
  });
}
