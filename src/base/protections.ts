/**
 * How a message may be protected, by its names. The place of a name is its number: in bits 4 and 5 of a security control byte, and as the
 * security policy of class 64, version 0.
 */
export const PROTECTIONS = ['none', 'authentication', 'encryption', 'authenticated-encryption'] as const;
