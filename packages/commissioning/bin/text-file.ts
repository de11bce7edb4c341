import { readFileSync } from 'node:fs';
import { UsageError } from 'cosem/command';

/** The text of a file that an option names. @throws UsageError */
export function textFile(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${file} cannot be read (${code})`, `is ${option} the right file?`);
  }
}
