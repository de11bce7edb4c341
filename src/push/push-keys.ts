import { toHex } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { isRecord } from '../base/json.js';
import { keyOctets, titleOctets } from '../base/written-keys.js';
import type { PushKeys } from '../session/push-faults.js';

/** The entry for every meter that has none of its own. */
const ANY = '*';

/**
 * The keys of meters that push, of a text such as `{"4B464D1020000001": {"ek": "…", "ak": "…"}, "*": {"ek": "…"}}`: an entry a system title,
 * and `*` for every other meter. The authentication key may be left out; with `gbek`, the broadcast key, what a meter pushes to all is opened
 * too. Keys are written as {@link keyOctets} reads them.
 *
 * ```ts
 * const keysOf = parsePushKeys(await readFile('meters.json', 'utf8'), 'meters.json');
 * for await (const push of listenPushes({ tcp: { port: 4059 }, keysOf, counters })) …
 * ```
 * @param source the name of the file, for errors.
 * @returns the keys of the meter with a system title; undefined where there are none.
 * @throws StateError that names the file and the meter, never a value.
 */
export function parsePushKeys(text: string, source: string): (systemTitle: Uint8Array) => PushKeys | undefined {
  const keys = new Map<string, PushKeys>();
  for (const [title, entry] of Object.entries(contentOf(text, source))) {
    if (!isRecord(entry)) throw fault(`${source}: '${title}' holds no keys`);
    const name = title === ANY ? ANY : toHex(titleOctets(title, `${source}: the system title '${title}'`));
    const stray = Object.keys(entry).find((key) => !['ek', 'ak', 'gbek', 'name'].includes(key));
    if (stray !== undefined) throw fault(`${source}: '${title}' holds '${stray}', which means nothing`);
    const key = (which: 'ek' | 'ak' | 'gbek') => {
      const text = entry[which];
      if (text === undefined) return undefined;
      if (typeof text !== 'string') throw fault(`${source}: '${which}' of '${title}' is not text`);
      return keyOctets(text, `${source}: '${which}' of '${title}'`);
    };
    const keysOfMeter = pushKeys(key('ek'), key('ak'), key('gbek'));
    if (keysOfMeter === undefined) throw fault(`${source}: '${title}' has no 'ek'`);
    keys.set(name, keysOfMeter);
  }
  return (systemTitle) => keys.get(toHex(systemTitle)) ?? keys.get(ANY);
}

function fault(message: string): StateError {
  return new StateError(message, { hint: HINT });
}

const HINT =
  'it is {"SYSTEM TITLE": {"ek": "KEY", "ak": "KEY", "gbek": "KEY"}}, with "*" for every other meter; only ek must be there';

/** @internal What opens the pushes of a meter; without an authentication key nothing proves who sent them. */
export function pushKeys(
  ek: Uint8Array | undefined,
  ak: Uint8Array | undefined,
  gbek?: Uint8Array | undefined,
): PushKeys | undefined {
  if (ek === undefined) return undefined;
  return {
    encryption: ek,
    ...given({ authentication: ak, broadcast: gbek }),
  };
}

function contentOf(text: string, source: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message would quote the text, which holds keys.
    throw fault(`${source} is not JSON`);
  }
  if (!isRecord(parsed)) throw fault(`${source} holds no keys`);
  return parsed;
}
