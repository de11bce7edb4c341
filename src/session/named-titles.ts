/** Who a payload says that it is from, before anything of it is judged. */

import { decodeApdu } from '../apdu/codec.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { SYSTEM_TITLE_LENGTH } from '../security/ciphering.js';

/** The system titles that a payload names. */
export interface NamedTitles {
  /** Whether it answers an AARQ. */
  readonly answer: boolean;
  readonly titles: readonly Uint8Array[];
}

const NOBODY: NamedTitles = { answer: false, titles: [] };
const GENERAL = [APDU_TAGS['general-glo-ciphering'], APDU_TAGS['general-ded-ciphering']];

/** The titles in an AARE, or of the envelope of a general-ciphered payload; none in octets that make no sense. */
export function namedTitles(payload: Uint8Array): NamedTitles {
  const tag = payload[0] ?? 0;
  if (GENERAL.some((general) => general === tag)) return { answer: false, titles: titlesOf(envelopeTitle(payload)) };
  if (tag !== APDU_TAGS.aare) return NOBODY;
  try {
    const aare = decodeApdu(payload, { lenient: true });
    if (aare.type !== 'aare') return NOBODY;
    const { respondingApTitle, userInformation } = aare;
    const inside = userInformation && envelopeTitle(userInformation);
    return { answer: true, titles: titlesOf(respondingApTitle, respondingApTitle === undefined ? inside : undefined) };
  } catch {
    // Who judges it says what is wrong.
    return NOBODY;
  }
}

function titlesOf(...titles: (Uint8Array | undefined)[]): readonly Uint8Array[] {
  return titles.filter((title): title is Uint8Array => title?.length === SYSTEM_TITLE_LENGTH);
}

/** Tag, length, title. */
function envelopeTitle(octets: Uint8Array): Uint8Array | undefined {
  const general = GENERAL.some((tag) => tag === octets[0]) && octets[1] === SYSTEM_TITLE_LENGTH;
  return general ? octets.slice(2, 2 + SYSTEM_TITLE_LENGTH) : undefined;
}
