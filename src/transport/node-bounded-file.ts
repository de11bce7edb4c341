import * as nodeFs from 'node:fs';
import { concat } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { systemErrorText } from '../base/system-error.js';
import { counted } from '../base/words.js';

/**
 * The text of a file of people, no longer than such files are: a device or a film is not read into memory.
 * @param most in octets.
 * @throws StateError when it cannot be read or is longer.
 */
export function textOfFile(path: string, most: number): string {
  let file: number | undefined;
  try {
    file = nodeFs.openSync(path, 'r');
    const parts: Uint8Array[] = [];
    for (let size = 0; ; ) {
      const part = new Uint8Array(1 << 16);
      const length = nodeFs.readSync(file, part);
      if (length === 0) return new TextDecoder().decode(concat(...parts));
      parts.push(part.subarray(0, length));
      size += length;
      if (size > most) throw new StateError(`${path} is longer than ${counted(most, 'octet')}`);
    }
  } catch (error) {
    if (error instanceof StateError) throw error;
    throw new StateError(`${path} cannot be read: ${systemErrorText(error)}`, {
      hint: 'is it the right file, and may you read it?',
    });
  } finally {
    if (file !== undefined) nodeFs.closeSync(file);
  }
}
