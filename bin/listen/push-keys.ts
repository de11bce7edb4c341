import { readFileSync } from 'node:fs';
import { toHex } from '../../src/index.js';
import type { PushKeys } from '../../src/protocol.js';
import { UsageError } from '../failure.js';
import { keyOctets, titleOctets } from '../secrets.js';

/** The entry for every meter that has none of its own. */
const ANY = '*';

/** Keys by system title, in hexadecimal. */
export type KeysBySender = ReadonlyMap<string, PushKeys>;

/**
 * The keys of meters: `{"4B464D1020000001": {"ek": "…", "ak": "…"}}`. The authentication key may be left out where a meter has but one.
 * With `gbek`, the broadcast key, what a meter pushes to all is opened too.
 * @throws UsageError, StateError that name the file and the meter, never a value.
 */
export function readPushKeys(file: string): KeysBySender {
  const keys = new Map<string, PushKeys>();
  for (const [title, entry] of Object.entries(contentOf(file))) {
    if (!isRecord(entry)) throw new UsageError(`${file}: '${title}' holds no keys`, HINT);
    const name = title === ANY ? ANY : toHex(titleOctets(title, `${file}: the system title '${title}'`));
    const stray = Object.keys(entry).find((key) => !['ek', 'ak', 'gbek', 'name'].includes(key));
    if (stray !== undefined) throw new UsageError(`${file}: '${title}' holds '${stray}', which means nothing`, HINT);
    const key = (which: 'ek' | 'ak' | 'gbek') => {
      const text = entry[which];
      if (text === undefined) return undefined;
      if (typeof text !== 'string') throw new UsageError(`${file}: '${which}' of '${title}' is not text`, HINT);
      return keyOctets(text, `${file}: '${which}' of '${title}'`);
    };
    const keysOfMeter = pushKeys(key('ek'), key('ak'), key('gbek'));
    if (keysOfMeter === undefined) throw new UsageError(`${file}: '${title}' has no 'ek'`, HINT);
    keys.set(name, keysOfMeter);
  }
  return keys;
}

const HINT =
  'it is {"SYSTEM TITLE": {"ek": "KEY", "ak": "KEY", "gbek": "KEY"}}, with "*" for every other meter; only ek must be there';

/** What opens the pushes of a meter; without an authentication key nothing proves who sent them. */
export function pushKeys(
  ek: Uint8Array | undefined,
  ak: Uint8Array | undefined,
  gbek?: Uint8Array | undefined,
): PushKeys | undefined {
  if (ek === undefined) return undefined;
  return {
    encryption: ek,
    ...(ak === undefined ? {} : { authentication: ak }),
    ...(gbek === undefined ? {} : { broadcast: gbek }),
  };
}

/** The keys of a sender: its own, those for all, those of the options. */
export function keysFor(keys: KeysBySender, title: Uint8Array, others: PushKeys | undefined): PushKeys | undefined {
  return keys.get(toHex(title)) ?? keys.get(ANY) ?? others;
}

function contentOf(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${file} cannot be read (${code})`, 'is --keys the right file?');
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message would quote the text, which holds keys.
    throw new UsageError(`${file} is not JSON`, HINT);
  }
  if (!isRecord(parsed)) throw new UsageError(`${file} holds no keys`, HINT);
  return parsed;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
