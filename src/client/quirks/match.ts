import { toHex, toLatin1 } from '../../base/bytes.js';
import { fitsWildcard } from '../../base/wildcard.js';
import type { MeterCalls } from '../meter-calls.js';
import type { QuirkEffects, QuirkMatch, QuirkSheet } from './sheet.js';

/** The traits of a meter, as far as they were asked for. */
export type MeterIdentity = { readonly [K in keyof QuirkMatch]?: string | undefined };

/** The objects that traits are read from (Data, value). */
export const OBJECTS = {
  logicalDeviceName: '0.0.42.0.0.255',
  firmware: '1.0.0.2.0.255',
  category: '0.0.94.91.11.255',
} as const;
export type Asked = keyof typeof OBJECTS;

/** The traits that the sheets need and that are not known yet. Sheets without effects need none, so they cost no round trip. */
export function wantedBy(sheets: readonly QuirkSheet[], identity: MeterIdentity): readonly Asked[] {
  const wanted = new Set<Asked>();
  for (const { match = {}, effects = {} } of sheets) {
    if (Object.keys(effects).length === 0) continue;
    // One known trait that does not match excludes a sheet, which then needs no more.
    if (verdict(match, identity) !== undefined) continue;
    const traits = Object.keys(match).filter((trait) => identity[trait as keyof QuirkMatch] === undefined);
    for (const trait of traits) wanted.add(Object.hasOwn(OBJECTS, trait) ? (trait as Asked) : 'logicalDeviceName');
  }
  return [...wanted];
}

/** What the association itself gives: the system title, in a ciphered one. */
export function knownOf(meter: MeterCalls): MeterIdentity {
  const title = meter.association?.serverTitle;
  if (title === undefined || title.length < 3) return {};
  return { systemTitle: toHex(title), manufacturer: flagOf(toLatin1(title)) };
}

/** The manufacturer's letters at the beginning of a system title or a logical device name; empty where there are none. */
export function flagOf(name: string): string {
  return /^[A-Za-z]{3}/.exec(name)?.[0].toUpperCase() ?? '';
}

/** The sheets that match a meter. */
export function matching(sheets: readonly QuirkSheet[], identity: MeterIdentity): readonly QuirkSheet[] {
  return sheets.filter(({ match = {} }) => verdict(match, identity) === true);
}

/** Whether a sheet matches; undefined while a trait that decides it is not known. */
function verdict(match: QuirkMatch, identity: MeterIdentity): boolean | undefined {
  let open = false;
  for (const [trait, pattern] of Object.entries(match)) {
    const value = identity[trait as keyof QuirkMatch];
    if (value === undefined) open = true;
    else if (!fitsWildcard(value, pattern)) return false;
  }
  return open ? undefined : true;
}

/** The effects of several sheets together; where two differ, the later one counts. */
export function effectsOf(sheets: readonly QuirkSheet[]): QuirkEffects {
  const without = [...new Set(sheets.flatMap(({ effects }) => effects?.without ?? []))];
  return {
    ...Object.assign({}, ...sheets.map(({ effects }) => effects ?? {})),
    ...(without.length === 0 ? {} : { without }),
  };
}
