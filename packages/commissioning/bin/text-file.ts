import { readFileSync } from 'node:fs';
import { UsageError } from 'cosem/command';
import { systemErrorText } from 'cosem/node';

/** The text of a file that an option names. @throws UsageError */
export function textFile(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${systemErrorText(error)}`, `is ${option} the right file?`);
  }
}
