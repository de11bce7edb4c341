import { systemErrorCode } from '../src/node.js';

/** Why a file or a program failed, for a message: `ENOENT`, or what the error says. */
export function whyOf(error: unknown): string {
  return systemErrorCode(error) ?? String(error);
}
