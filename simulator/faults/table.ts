/** All faults. The parser, the help and the documents are made from this one table. */

/** What may follow the name of a fault after `=`. */
export type FaultValue =
  /** Nothing: how often it strikes stands in `@RATE`. A rate after `=` is taken for it. */
  | 'none'
  /** A probability for each bit or octet. It must be given. */
  | 'probability'
  /** A duration. It must be given. */
  | 'duration'
  /** A duration. It may be left out. */
  | 'optional-duration'
  /** One of a few words. */
  | 'word';

/** One kind of fault: what it does, and how it is written. */
export interface FaultKind {
  /** What happens, in one sentence in English. */
  readonly what: string;
  /** What follows its name after `=`. */
  readonly value: FaultValue;
  /** What a rate counts: each frame, answer or association. Left out where a rate makes no sense. */
  readonly each?: 'frame' | 'answer' | 'association';
  /** Whether the fault strikes a single time when no rate is given. */
  readonly once?: boolean;
  /** The value when none is given, for optional values: milliseconds, or one of the words. */
  readonly standard?: number | string;
  /** The words that may follow, for faults whose value is a word. */
  readonly words?: readonly string[];
  /** A complete example, such as `silence=2s@10%`. */
  readonly example: string;
}

const KINDS = {
  'bit-errors': {
    what: 'bits are inverted on the line, both ways',
    value: 'probability',
    example: 'bit-errors=1e-4',
  },
  'byte-loss': { what: 'octets are lost on the line, both ways', value: 'probability', example: 'byte-loss=0.1%' },
  'duplicate-bytes': {
    what: 'octets arrive twice, both ways',
    value: 'probability',
    example: 'duplicate-bytes=1e-3',
  },
  echo: {
    what: 'the client hears what it sends, as with an optical probe',
    value: 'none',
    example: 'echo',
  },
  silence: {
    what: 'from a frame of the meter on, the line is dead both ways; without a rate this happens once',
    value: 'duration',
    each: 'frame',
    once: true,
    example: 'silence=2s@10%',
  },
  delay: {
    what: 'frames of the meter come late; what follows waits behind them',
    value: 'duration',
    each: 'frame',
    example: 'delay=500ms@30%',
  },
  'late-frames': {
    what: 'frames of the meter come late; what follows overtakes them',
    value: 'duration',
    each: 'frame',
    example: 'late-frames=15s@5%',
  },
  'duplicate-frames': {
    what: 'frames of the meter come twice',
    value: 'none',
    each: 'frame',
    example: 'duplicate-frames@5%',
  },
  'drop-frames': { what: 'frames of the meter are lost', value: 'none', each: 'frame', example: 'drop-frames@10%' },
  'hang-up': {
    what: 'the connection is closed in place of a frame of the meter; without a rate once',
    value: 'none',
    each: 'frame',
    once: true,
    example: 'hang-up@1%',
  },
  'wrong-fcs': {
    what: 'the FCS of a frame of the meter is wrong (HDLC)',
    value: 'none',
    each: 'frame',
    example: 'wrong-fcs@5%',
  },
  'reset-in-block': {
    what: 'the meter restarts in the middle of a block transfer and is away for that time; associations are lost',
    value: 'optional-duration',
    standard: 3000,
    each: 'answer',
    example: 'reset-in-block=5s@20%',
  },
  'drop-association': {
    what: 'the meter forgets the association before it answers; the data link stays',
    value: 'none',
    each: 'answer',
    example: 'drop-association@5%',
  },
  'stale-counter': {
    what: 'an answer is ciphered under an invocation counter that was used before (global key)',
    value: 'none',
    each: 'answer',
    example: 'stale-counter@10%',
  },
  'wrong-tag': {
    what: 'the authentication tag of a ciphered answer does not hold',
    value: 'none',
    each: 'answer',
    example: 'wrong-tag@10%',
  },
  'wrong-title': {
    what: 'the meter names another system title than its own when it associates',
    value: 'none',
    each: 'association',
    example: 'wrong-title',
  },
  'refuse-association': {
    what: 'the meter refuses to associate, for good or for now',
    value: 'word',
    words: ['permanent', 'transient'],
    standard: 'transient',
    each: 'association',
    example: 'refuse-association=transient@50%',
  },
  busy: {
    what: 'the meter takes that long to answer; over HDLC it says RNR meanwhile',
    value: 'duration',
    each: 'answer',
    example: 'busy=5s@20%',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

/** The name of a fault, such as `bit-errors`. */
export type FaultName = keyof typeof KINDS;

/** Every fault by its name: `FAULTS.busy.what` says what it does. */
export const FAULTS: Readonly<Record<FaultName, FaultKind>> = KINDS;

/** The names of all faults, in the order of the table. */
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** The kind of a fault by its name. */
export function faultKind(name: FaultName): FaultKind {
  return FAULTS[name];
}

const VALUES: Readonly<Record<FaultValue, string>> = {
  none: '',
  probability: '=PROBABILITY',
  duration: '=TIME',
  'optional-duration': '[=TIME]',
  word: '[=WORD]',
};

/** The text form of a fault without its time window: `silence=TIME[@RATE]`. */
export function faultForm(name: FaultName): string {
  const { value, words, each } = faultKind(name);
  const shown = words === undefined ? VALUES[value] : `[=${words.join('|')}]`;
  return `${name}${shown}${each === undefined ? '' : '[@RATE]'}`;
}

/** All faults as a table in Markdown. */
export function faultTable(): string {
  const rows = FAULT_NAMES.map((name) => {
    const { what, each, example, standard } = faultKind(name);
    const rate = each === undefined ? '' : `each ${each}`;
    const usual =
      standard === undefined ? '' : `; ${typeof standard === 'number' ? `${standard / 1000}s` : standard} unless told`;
    return `| \`${faultForm(name).replaceAll('|', '\\|')}\` | ${what}${usual} | ${rate} | \`${example}\` |`;
  });
  return ['| fault | what happens | rate of | example |', '|---|---|---|---|', ...rows].join('\n');
}
