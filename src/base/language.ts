/** The languages in which sentences for people are written: English and Hindi (ISO 639-1). */
export const LANGUAGES = ['en', 'hi'] as const;
/** A language for sentences: one of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number];
