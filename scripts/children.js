import { rmSync } from 'node:fs';

/**
 * What a script started ends with it, also when it is interrupted, and its folder is taken away.
 * @param children those that run, as they come and go.
 * @returns ends them now.
 */
export function endTogether(children, folder) {
  const end = () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      end();
      process.exit(130);
    });
  }
  return end;
}
