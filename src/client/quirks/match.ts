import { toHex, toLatin1 } from '../../base/bytes.js';
import { fitsWildcard } from '../../base/wildcard.js';
import type { Data } from '../../codec/data.js';
import type { MeterCalls } from '../meter-calls.js';
import { dataText } from '../readings.js';
import type { QuirkEffects, QuirkMatch, QuirkSheet } from './sheet.js';

/** What a meter says of itself, as far as it was asked. */
export type MeterIdentity = { readonly [K in keyof QuirkMatch]?: string | undefined };

/** What each trait is read from: Data, value. */
const OBJECTS = {
  logicalDeviceName: '0.0.42.0.0.255',
  firmware: '1.0.0.2.0.255',
  category: '0.0.94.91.11.255',
} as const;
type Asked = keyof typeof OBJECTS;

/** What the sheets want to know of a meter that is not known of it yet. Those without effects want nothing: they cost no round trip. */
export function wantedBy(sheets: readonly QuirkSheet[], identity: MeterIdentity): readonly Asked[] {
  const wanted = new Set<Asked>();
  for (const { match = {}, effects = {} } of sheets) {
    if (Object.keys(effects).length === 0) continue;
    // One trait that is known and does not fit rules a sheet out: it wants nothing more.
    if (verdict(match, identity) !== undefined) continue;
    const traits = Object.keys(match).filter((trait) => identity[trait as keyof QuirkMatch] === undefined);
    for (const trait of traits) wanted.add(Object.hasOwn(OBJECTS, trait) ? (trait as Asked) : 'logicalDeviceName');
  }
  return [...wanted];
}

/** What the association itself tells: the system title, in a ciphered one. */
export function knownOf(meter: MeterCalls): MeterIdentity {
  const title = meter.association?.serverTitle;
  if (title === undefined || title.length < 3) return {};
  return { systemTitle: toHex(title), manufacturer: flagOf(toLatin1(title)) };
}

/** Asks a meter who it is. What it does not tell is empty. @throws LinkError, TimeoutError. */
export async function identify(meter: MeterCalls, wanted: readonly Asked[]): Promise<MeterIdentity> {
  const told: Partial<Record<keyof QuirkMatch, string>> = {};
  // One by one: lists may be what it cannot do.
  for (const trait of wanted) {
    const outcome = await meter.tryGet(meter.data(OBJECTS[trait]).value);
    told[trait] = outcome.ok ? textOf(outcome.value) : '';
  }
  const { logicalDeviceName: name } = told;
  return name === undefined ? told : { manufacturer: flagOf(name), ...told };
}

/** The maker's letters at the beginning of a system title or a logical device name; empty where there are none. */
export function flagOf(name: string): string {
  return /^[A-Za-z]{3}/.exec(name)?.[0].toUpperCase() ?? '';
}

/** A name as text. */
export function textOf(value: Data): string {
  return value.type === 'octet-string' ? toLatin1(value.value) : dataText(value);
}

/** The sheets that hold for a meter. */
export function matching(sheets: readonly QuirkSheet[], identity: MeterIdentity): readonly QuirkSheet[] {
  return sheets.filter(({ match = {} }) => verdict(match, identity) === true);
}

/** Undefined while facts that decide it are not known yet. */
function verdict(match: QuirkMatch, identity: MeterIdentity): boolean | undefined {
  let open = false;
  for (const [trait, pattern] of Object.entries(match)) {
    const value = identity[trait as keyof QuirkMatch];
    if (value === undefined) open = true;
    else if (!fitsWildcard(value, pattern)) return false;
  }
  return open ? undefined : true;
}

/** Several sheets at once; where two say different things the later holds. */
export function effectsOf(sheets: readonly QuirkSheet[]): QuirkEffects {
  const without = [...new Set(sheets.flatMap(({ effects }) => effects?.without ?? []))];
  return {
    ...Object.assign({}, ...sheets.map(({ effects }) => effects ?? {})),
    ...(without.length === 0 ? {} : { without }),
  };
}
