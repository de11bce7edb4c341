import { visibleText } from 'cosem/inspect';
import { type Language, RefusedError, StorageError, sentence } from '../src/index.js';

/** Why a check refused what was typed, in words; undefined where it takes it. */
export function refusedBy(work: () => unknown, language: Language): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError) return visibleText(sentence(error.refusal, language));
    if (error instanceof StorageError) return visibleText(error.message);
    throw error;
  }
}
