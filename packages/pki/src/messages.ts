import type { Language } from 'cosem/inspect';
import type { KeyUse } from 'cosem/protocol';

const USES: Readonly<Record<KeyUse, Readonly<Record<Language, string>>>> = {
  'digital-signature': { en: 'digital signature', hi: 'डिजिटल हस्ताक्षर' },
  'key-agreement': { en: 'key agreement', hi: 'कुंजी समझौता' },
  tls: { en: 'TLS', hi: 'TLS' },
};

/** What a key is for, in words. */
export function useName(use: KeyUse, language: Language): string {
  return USES[use][language];
}
