/** Text changed as an attacker changes it: brackets, quotes, names, numbers, lines and columns of JSON, YAML, CSV, and of our own forms. */

import type { Random } from '../../../simulator/random.js';

const MOST = 8192;
const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)] as T;

const NUMBERS = [
  '0',
  '-1',
  '1e999',
  '-0',
  '1e-7',
  '4294967296',
  '9007199254740993',
  '00',
  '0x10',
  '1.5',
  'NaN',
  '.',
  '١',
];
const PIECES = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    ',',
    ':',
    ';',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '#',
    '- ',
    '|',
    '>',
    '&a ',
    '*a',
    '!!js/regexp ',
    '<<: ',
  ],
  ...[
    'null',
    'true',
    '{}',
    '[]',
    '""',
    '"__proto__":',
    '"constructor":',
    '"toString"',
    '"a":"a","a":"b"',
    '%',
    '*',
    '?',
    '..',
  ],
  ...[
    '\u0000',
    '\u001b[2J',
    '\u009b',
    '\u202e',
    '\ud800',
    '\ufeff',
    '\u2028',
    'é',
    '😀',
    '\\u0000',
    '\\ud800',
    '=cmd()',
    '@',
    '+',
    '-',
  ],
];
const TOKEN = /"(?:[^"\\]|\\.)*"|[A-Za-z_][\w-]*|-?\d+(?:\.\d+)?|\s+|./gsu;

type Mutation = (text: string, random: Random, corpus: readonly string[]) => string;

const onTokens =
  (change: (tokens: string[], at: number, random: Random, corpus: readonly string[]) => void): Mutation =>
  (text, random, corpus) => {
    const tokens = text.match(TOKEN) ?? [];
    if (tokens.length === 0) return pick(random, PIECES);
    change(tokens, random.below(tokens.length), random, corpus);
    return tokens.join('');
  };

const onLines =
  (change: (lines: string[], at: number, random: Random) => void): Mutation =>
  (text, random) => {
    const lines = text.split('\n');
    change(lines, random.below(lines.length), random);
    return lines.join('\n');
  };

function spliced(text: string, random: Random, by: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + by + text.slice(random.chance(0.5) ? at : at + 1 + random.below(8));
}

const MUTATIONS: readonly Mutation[] = [
  (text, random) => spliced(text, random, pick(random, PIECES)),
  (text, random) => spliced(text, random, String.fromCharCode(random.below(random.chance(0.8) ? 0x80 : 0x10000))),
  (text, random) => spliced(text, random, ''),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  onTokens((tokens, at) => tokens.splice(at, 1)),
  onTokens((tokens, at, random) =>
    tokens.splice(at, 0, ...Array<string>(1 + random.below(30)).fill(tokens[at] as string)),
  ),
  onTokens((tokens, at, random) => {
    tokens[at] = pick(random, tokens);
  }),
  onTokens((tokens, at, random) => {
    tokens[at] = pick(random, PIECES);
  }),
  onTokens((tokens, at, random) => {
    tokens[at] =
      tokens[at]?.startsWith('"') === true && random.chance(0.5) ? `"${pick(random, NUMBERS)}"` : pick(random, NUMBERS);
  }),
  onTokens((tokens, at, random, corpus) => {
    tokens[at] = pick(random, pick(random, corpus).match(TOKEN) ?? ['']);
  }),
  // A number or a word becomes a value of another type.
  onTokens((tokens, at, random) => {
    let i = at;
    while (i < tokens.length && !/^["\d\w]/.test(tokens[i] as string)) i++;
    if (i < tokens.length)
      tokens[i] = pick(random, ['null', '{}', '[]', '-1', '1e400', '""', '"\\u0000"', 'true', '"__proto__"', '[[]]']);
  }),
  // Far deeper than anything is.
  onTokens((tokens, at, random) => {
    const [open, close] = pick(random, [
      ['[', ']'],
      ['{"a":', '}'],
      ['{"structure":[', ']}'],
      ['{"array":[', ']}'],
      ['{', '}'],
      ['(', ')'],
    ] as const);
    const depth = random.chance(0.3) ? 700 : 1 + random.below(80);
    tokens[at] = open.repeat(depth) + (random.chance(0.3) ? '' : (tokens[at] as string) + close.repeat(depth));
  }),
  (text, random) => {
    const [from, to] = [random.below(text.length + 1), random.below(text.length + 1)];
    return (
      text.slice(0, to) +
      text
        .slice(Math.min(from, to), Math.max(from, to))
        .slice(0, 64)
        .repeat(1 + random.below(20)) +
      text.slice(to)
    );
  },
  onLines((lines, at) => lines.splice(at, 1)),
  onLines((lines, at) => lines.splice(at, 0, lines[at] as string)),
  onLines((lines, at, random) => {
    lines[at] = pick(random, ['  ', '\t', '- ', '#', ' ']) + (lines[at] as string);
  }),
  (text, random, corpus) => {
    const other = pick(random, corpus);
    return text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1));
  },
];

/** A text made of one of the corpus, by one to some six changes; sometimes as it is. */
export function mutatedText(random: Random, corpus: readonly string[]): string {
  let text = pick(random, corpus);
  if (random.chance(0.01)) return text;
  const changes = 1 + random.failuresBefore(0.6);
  for (let i = 0; i < changes; i++) text = pick(random, MUTATIONS)(text, random, corpus).slice(0, MOST);
  return text;
}
