/** general-ciphering DD and general-signing DF (IEC 62056-5-3 clause 5.7): their envelopes. The `security` room opens and signs. */

import { type Reader, Writer } from '../base/cursor.js';
import { given } from '../base/given.js';
import type { GeneralCiphering, GeneralHeader, GeneralSigning, KeyInfo } from './apdu.js';
import { readCipheredContent, writeCipheredContent } from './ciphered.js';
import type { OnDeviation } from './deviation.js';
import { readFlag, readOctets, readU8, unknownChoice, writeFlag, writeU8 } from './fields.js';
import { APDU_TAGS } from './tags.js';

const CHOICES = ['identified-key', 'wrapped-key', 'agreed-key'] as const;

export function readGeneralCiphering(r: Reader, bear: OnDeviation | undefined): GeneralCiphering {
  const header = readHeader(r);
  const keyInfo = readFlag(r, 'key-info') ? readKeyInfo(r) : undefined;
  return { type: 'general-ciphering', ...header, ...given({ keyInfo }), ...readCipheredContent(r, bear) };
}

export function writeGeneralCiphering(w: Writer, apdu: GeneralCiphering): void {
  w.u8(APDU_TAGS['general-ciphering']);
  writeHeader(w, apdu);
  writeFlag(w, apdu.keyInfo !== undefined);
  if (apdu.keyInfo !== undefined) writeKeyInfo(w, apdu.keyInfo);
  writeCipheredContent(w, apdu);
}

export function readGeneralSigning(r: Reader): GeneralSigning {
  const header = readHeader(r);
  const content = readOctets(r, 'content');
  return { type: 'general-signing', ...header, content, signature: readOctets(r, 'signature') };
}

export function writeGeneralSigning(w: Writer, apdu: GeneralSigning): void {
  w.u8(APDU_TAGS['general-signing']);
  w.bytes(signedOctets(apdu));
  w.octets(apdu.signature);
}

/** The header as it is authenticated: its fields, each with its length (Green Book table 39). */
export function headerOctets(header: GeneralHeader): Uint8Array {
  const w = new Writer();
  writeHeader(w, header);
  return w.finish();
}

/** What a signature of general-signing is over: the header and the content, each field with its length. */
export function signedOctets(apdu: Omit<GeneralSigning, 'type' | 'signature'>): Uint8Array {
  const w = new Writer(64 + apdu.content.length);
  writeHeader(w, apdu);
  w.octets(apdu.content);
  return w.finish();
}

function readHeader(r: Reader): GeneralHeader {
  return {
    transactionId: readOctets(r, 'transaction-id'),
    originatorTitle: readOctets(r, 'originator-system-title'),
    recipientTitle: readOctets(r, 'recipient-system-title'),
    dateTime: readOctets(r, 'date-time'),
    otherInformation: readOctets(r, 'other-information'),
  };
}

function writeHeader(w: Writer, header: GeneralHeader): void {
  w.octets(header.transactionId);
  w.octets(header.originatorTitle);
  w.octets(header.recipientTitle);
  w.octets(header.dateTime);
  w.octets(header.otherInformation);
}

function readKeyInfo(r: Reader): KeyInfo {
  const choice = readU8(r, 'key-info');
  switch (CHOICES[choice]) {
    case 'identified-key':
      return { type: 'identified-key', keyId: readU8(r, 'key-info.key-id') };
    case 'wrapped-key': {
      const kekId = readU8(r, 'key-info.kek-id');
      return { type: 'wrapped-key', kekId, wrapped: readOctets(r, 'key-info.key-ciphered-data') };
    }
    case 'agreed-key': {
      const parameters = readOctets(r, 'key-info.key-parameters');
      return { type: 'agreed-key', parameters, data: readOctets(r, 'key-info.key-ciphered-data') };
    }
    default:
      return unknownChoice(r, choice, 'Key-Info');
  }
}

function writeKeyInfo(w: Writer, keyInfo: KeyInfo): void {
  w.u8(CHOICES.indexOf(keyInfo.type));
  switch (keyInfo.type) {
    case 'identified-key':
      writeU8(w, keyInfo.keyId, 'key-id');
      break;
    case 'wrapped-key':
      writeU8(w, keyInfo.kekId, 'kek-id');
      w.octets(keyInfo.wrapped);
      break;
    case 'agreed-key':
      w.octets(keyInfo.parameters);
      w.octets(keyInfo.data);
      break;
  }
}
