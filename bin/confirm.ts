import { createInterface } from 'node:readline/promises';
import type { Run } from './command.js';
import { UsageError } from './failure.js';
import { Interrupted } from './io.js';

/**
 * Asks before something changes in the meter. `--yes` answers beforehand; where nobody can be asked it must.
 * @throws UsageError when nobody can be asked, Interrupted when the answer is no or Ctrl-C.
 */
export async function confirm({ io, output, options }: Run, question: string): Promise<boolean> {
  if (options.yes === true) return true;
  if (!io.stdin.isTTY || !io.stderr.isTTY) {
    throw new UsageError('this changes the meter, and nobody is here to be asked', 'add --yes when it is meant');
  }
  const reader = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: io.signal });
    if (/^y(es)?$/i.test(answer.trim())) return true;
    output.note('Nothing was changed.');
    return false;
  } catch {
    throw new Interrupted();
  } finally {
    reader.close();
  }
}
