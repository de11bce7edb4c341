/** Texts about photos, in English and Hindi. */

/** Why a photo was not taken. */
export const photoRefusals = {
  'photos-too-few': {
    en: 'Photos of {kind|word}: {count} of {least}. Take the missing ones with the phone and give their files.',
    hi: '{kind|word} के फ़ोटो: {least} में से {count}। बाकी फ़ोटो फ़ोन से खींचें और उनकी फ़ाइलें दें।',
  },
  'photos-too-many': {
    en: 'Photos of {kind|word}: {count}; at most {most} are kept. Choose the best ones.',
    hi: '{kind|word} के फ़ोटो: {count}; अधिकतम {most} रखे जाते हैं। सबसे अच्छे चुनें।',
  },
  'photos-not-kept': { en: 'Photos are not kept here.', hi: 'यहाँ फ़ोटो नहीं रखे जाते।' },
  'photo-missing': {
    en: 'There is no file {name}. Drag the photo into this window, or type its whole path.',
    hi: '{name} नाम की कोई फ़ाइल नहीं है। फ़ोटो को इस विंडो में खींच लाएँ, या उसका पूरा पता लिखें।',
  },
  'photo-not-one': {
    en: '{name} is no photo. Give a JPEG or PNG file, as cameras make them.',
    hi: '{name} कोई फ़ोटो नहीं है। कैमरे की JPEG या PNG फ़ाइल दें।',
  },
  'photo-form': {
    en: '{name} is a {form} file; JPEG and PNG are taken. In the camera settings of the phone choose JPEG (on an iPhone “Most Compatible”) and take it again.',
    hi: '{name} एक {form} फ़ाइल है; केवल JPEG और PNG लिए जाते हैं। फ़ोन के कैमरे की सेटिंग में JPEG चुनें (iPhone में “Most Compatible”) और फ़ोटो फिर खींचें।',
  },
  'photo-damaged': {
    en: '{name} is damaged: it ends too early or is no whole picture. Copy it from the phone again.',
    hi: '{name} ख़राब है: फ़ाइल अधूरी है। उसे फ़ोन से फिर कॉपी करें।',
  },
  'photo-too-large': {
    en: '{name} has {has} MB; at most {most} MB are kept. Choose a smaller picture size in the camera settings and take it again.',
    hi: '{name} {has} MB की है; अधिकतम {most} MB रखे जाते हैं। कैमरे की सेटिंग में छोटा आकार चुनें और फ़ोटो फिर खींचें।',
  },
} as const;

/** Questions and what came of them. */
export const photoTexts = {
  'photo-kind-old-meter': { en: 'the old meter', hi: 'पुराने मीटर' },
  'photo-kind-new-meter': { en: 'the new meter', hi: 'नए मीटर' },
  'photo-kind-seal': { en: 'the seals', hi: 'सीलों' },
  'photo-kind-site': { en: 'the site', hi: 'मीटर की जगह' },
  'ask-photo': {
    en: 'Photo {number} of {kind|word}: drag its file here, or type its path',
    hi: '{kind|word} का फ़ोटो {number}: फ़ाइल यहाँ खींच लाएँ, या उसका पता लिखें',
  },
  'ask-photo-more': {
    en: 'Photo {number} of {kind|word} (empty: no more)',
    hi: '{kind|word} का फ़ोटो {number} (और नहीं हो तो खाली छोड़ें)',
  },
  'photos-checked': {
    en: 'Photos: {count} named by records; {there} are here and unchanged.',
    hi: 'फ़ोटो: अभिलेखों में {count}; {there} यहाँ हैं और बदले नहीं गए।',
  },
  'photo-altered': { en: '{file} was changed after it was kept.', hi: '{file} रखे जाने के बाद बदली गई।' },
  'photo-gone': {
    en: 'Missing: the photo {hash}… of {kind|word}, which the record of {order} names. Look for it on the laptop that made the record.',
    hi: 'नहीं मिला: {kind|word} का फ़ोटो {hash}…, जो {order} के अभिलेख में है। जिस लैपटॉप पर अभिलेख बना था, उस पर खोजें।',
  },
  'did-photo': {
    en: 'Photo of {kind|word} kept: {hash}…, {size} kB.',
    hi: '{kind|word} का फ़ोटो रखा गया: {hash}…, {size} kB।',
  },
} as const;
