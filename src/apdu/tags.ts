/**
 * Every APDU tag of IEC 62056-5-3 (ASN.1 module COSEMpdu), by number. Names are those of the standard, in lower case and with
 * hyphens throughout; a tag that is not here is `unknown-tag`.
 */
export const APDU_TAGS = {
  // SN referencing and services common to both
  'initiate-request': 0x01,
  'read-request': 0x05,
  'write-request': 0x06,
  'initiate-response': 0x08,
  'read-response': 0x0c,
  'write-response': 0x0d,
  'confirmed-service-error': 0x0e,
  'data-notification': 0x0f,
  'data-notification-confirm': 0x10,
  'unconfirmed-write-request': 0x16,
  'information-report-request': 0x18,
  // the same, ciphered with the global key
  'glo-initiate-request': 0x21,
  'glo-read-request': 0x25,
  'glo-write-request': 0x26,
  'glo-initiate-response': 0x28,
  'glo-read-response': 0x2c,
  'glo-write-response': 0x2d,
  'glo-confirmed-service-error': 0x2e,
  'glo-unconfirmed-write-request': 0x36,
  'glo-information-report-request': 0x38,
  // the same, ciphered with the dedicated key
  'ded-initiate-request': 0x41,
  'ded-read-request': 0x45,
  'ded-write-request': 0x46,
  'ded-initiate-response': 0x48,
  'ded-read-response': 0x4c,
  'ded-write-response': 0x4d,
  'ded-confirmed-service-error': 0x4e,
  'ded-unconfirmed-write-request': 0x56,
  'ded-information-report-request': 0x58,
  // ACSE
  aarq: 0x60,
  aare: 0x61,
  rlrq: 0x62,
  rlre: 0x63,
  // LN referencing
  'get-request': 0xc0,
  'set-request': 0xc1,
  'event-notification-request': 0xc2,
  'action-request': 0xc3,
  'get-response': 0xc4,
  'set-response': 0xc5,
  'action-response': 0xc7,
  'glo-get-request': 0xc8,
  'glo-set-request': 0xc9,
  'glo-event-notification-request': 0xca,
  'glo-action-request': 0xcb,
  'glo-get-response': 0xcc,
  'glo-set-response': 0xcd,
  'glo-action-response': 0xcf,
  'ded-get-request': 0xd0,
  'ded-set-request': 0xd1,
  'ded-event-notification-request': 0xd2,
  'ded-action-request': 0xd3,
  'ded-get-response': 0xd4,
  'ded-set-response': 0xd5,
  'ded-action-response': 0xd7,
  'exception-response': 0xd8,
  'access-request': 0xd9,
  'access-response': 0xda,
  // general protection and transfer
  'general-glo-ciphering': 0xdb,
  'general-ded-ciphering': 0xdc,
  'general-ciphering': 0xdd,
  'general-signing': 0xdf,
  'general-block-transfer': 0xe0,
  'gateway-request': 0xe6,
  'gateway-response': 0xe7,
} as const;

/** Name of an APDU tag of the standard. */
export type ApduTagName = keyof typeof APDU_TAGS;

const NAMES: readonly (ApduTagName | undefined)[] = (() => {
  const names: (ApduTagName | undefined)[] = new Array(256).fill(undefined);
  for (const [name, tag] of Object.entries(APDU_TAGS)) names[tag] = name as ApduTagName;
  return names;
})();

/** Name of an APDU's first octet, or undefined when the standard has no such APDU. */
export function apduTagName(tag: number): ApduTagName | undefined {
  return NAMES[tag];
}

const SERVICE_CIPHERED = NAMES.map((name) => name !== undefined && /^(glo|ded)-/.test(name));

/** Whether the tag is that of an APDU ciphered for one service (glo- or ded-): length, security header, content follow. */
export function isServiceCiphered(tag: number): boolean {
  return SERVICE_CIPHERED[tag] === true;
}
