/** What may be written in Latin letters on a Hindi screen. */

/** Words that stay as they are, and why. */
export const allowedLatin: Readonly<Record<string, string>> = {
  // ---- units
  ...same('units', [
    'dBm',
    'kB',
    'kWh',
    'kW',
    'kVA',
    'kVAh',
    'kvar',
    'kvarh',
    'V',
    'A',
    'W',
    'Hz',
    'min',
    'INR',
    'VA',
    'Wh',
  ]),
  ...same('settings of a serial line', ['RS', '7E1', '8N1', 'E1', 'N1']),
  ...same('names of the standards for what has no Hindi name', ['SN', 'LN', 'referencing', 'DM', 'GET', 'V']),
  ...same('names of networks and appliances', ['VPN', 'SIM', 'APN', 'MCB', 'AC']),
  ...same('names of this library', ['fromHex', 'acceptUnauthenticated', 'ModemManager']),
  ...same('values of options', ['lls', 'hls2', 'gmac', 'wrapper', 'hdlc']),
  // ---- names of standards, of what they name, and of programs
  ...same('names of standards and files', [
    'IS',
    'IEC',
    'HDLC',
    'LLS',
    'HLS',
    'UTC',
    'JSON',
    'HTML',
    'PDF',
    'QR',
    'USB',
    'TLS',
    'hexadecimal',
    'IP',
  ]),
  ...same('names of keys and titles', ['EK', 'AK', 'GUEK', 'GAK', 'KEK']),
  ...same('systems', ['Linux', 'Windows', 'macOS', 'CH340', 'PL2303']),
  ...same('keys of the keyboard', ['Ctrl', 'C', 'q', 'Enter', 'y']),
  ...same('phases', ['R', 'Y', 'B']),
  ...same('the program, and what stands for the name of a file', ['cosem', 'tcp', 'D1', 'FILE']),
};

function same(why: string, words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => [word, why]));
}

/** What is no word: what is typed, named by others or counted. */
const NO_WORDS: readonly RegExp[] = [
  /^cosem: /gm,
  // What a person typed, or stands in a file, as it is repeated.
  /'[^'\n]*'/g,
  /\bdocs\/\S+/g,
  // Names that the utility, the maker or a person gave.
  /AMI\/\d+\/\d+|is15959\/D1|COSEM VIRTUAL METERS|R\. Sharma|Asha Devi|Gandhi Marg|Lucknow|Electromechanical|good, seal intact/g,
  /`[^`]*`/g,
  // The name of a mode of IEC 62056-21, and of the text after an option.
  /\bmode[- ][Ee]\b|\b(?:text|hex):/g,
  // Commands to be copied.
  /^ +cosem .*$/gm,
  /COSEM_PASSPHRASE="[^"]*" cosem .*$/gm,
  /\bcosem keys \w+/g,
  /\b(?:cosem|COSEM) (?:commission|index|read|doctor|watch|ports|pki)\b[^।,\n]*/g,
  // Options, variables, addresses, names of files.
  /--[a-z][\w-]*/g,
  /\bCOSEM_[A-Z_]+/g,
  /\bhttps?:\/\/\S*/g,
  /(?:\/[\w.@~-]+)+\/?/g,
  /\b[\w-]+\.(?:json|html|pdf|csv|log)\b/g,
  /\borders\/?/g,
  /^ +[a-z]+\/(?= \(|$)/gm,
  /\bservices\.\w+/g,
  /<[^>]*>/g,
  // What certificates say themselves, and what the standards call it.
  /\bCN=(?:Test (?:root|authority)|[0-9A-F]{16})|परीक्षण प्राधिकारी Test\b/g,
  /\bsystem title\b|\bsecurity suite\b|^ +curve\b/gm,
  /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g,
  // Codes of errors: behind their own words.
  /तकनीकी कोड: .*(?:\n {7}\S.*)*/g,
  /\([a-z]+(?:-[a-z]+)+\)/g,
  /\([A-Z]{4,}\)/g,
  /(?:पोर्ट|डेटा लिंक|लाइन|रीडिंग|काउंटर|पहचान\)): [a-z][^\n]*/g,
  // Accuracy classes.
  /\b0\.[25]S\b/g,
  // Numbers that the utility or the maker gave.
  /\b[A-Z]+(?:-[A-Z]+)*-?\d[\w.-]*/g,
  /\b[0-9A-Fa-f]{8,}\b/g,
  /\bCSM[\w.]*|\bCOSEM[\w:.]*/g,
];

/** The words in Latin letters that have no place on a Hindi screen. */
export function latinIn(text: string): string[] {
  const rest = NO_WORDS.reduce((left, pattern) => left.replace(pattern, ' '), text);
  return [...rest.matchAll(/[A-Za-z][A-Za-z0-9]*/g)].flatMap(([word]) =>
    Object.hasOwn(allowedLatin, word) ? [] : [word],
  );
}
