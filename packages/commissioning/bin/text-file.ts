import { readFileSync } from 'node:fs';
import { UsageError } from 'cosem/command';
import { systemErrorText } from 'cosem/node';
import { inEach } from '../src/index.js';

/** The text of a file that an option names. @throws UsageError */
export function textFile(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code ?? '?');
    throw new UsageError(
      inEach('file-unread-why', { file, reason: systemErrorText(error), code }),
      inEach('file-unread-try', { option }),
    );
  }
}
