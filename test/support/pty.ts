import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { isMainThread } from 'node:worker_threads';

/**
 * Whether `socat` is here; without it, tests that need a pseudo-terminal are skipped. So they are in a thread, where those that judge mutations
 * run: the bindings of serial ports end the whole process there.
 */
export const hasSocat = isMainThread && spawnSync('socat', ['-V']).status === 0;

/** Two pseudo-terminals joined end to end, as a null-modem cable joins two serial ports. */
export interface PtyPair extends AsyncDisposable {
  readonly a: string;
  readonly b: string;
  /** Takes the cable and both ports away at once. */
  unplug(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Made by socat; `await using` takes it away. @param links paths to reach both ends by, such that a port may come back under its name. */
export function ptyPair(links?: readonly [string, string]): Promise<PtyPair> {
  const ends = [0, 1].map((end) => (links === undefined ? 'pty,rawer' : `pty,rawer,link=${links[end]}`));
  const child = spawn('socat', ['-d', '-d', ...ends], { stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running.delete(child);
      resolve();
    });
  });
  const unplug = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  return new Promise((resolve, reject) => {
    let told = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`socat ended: ${told}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      const paths = [...told.matchAll(/PTY is (\S+)/g)].map((match) => match[1] as string);
      if (paths.length < 2 || !told.includes('starting data transfer loop')) return;
      resolve({ a: paths[0] as string, b: paths[1] as string, unplug, [Symbol.asyncDispose]: unplug });
    });
  });
}
