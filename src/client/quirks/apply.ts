import { conformanceBits } from '../../apdu/conformance.js';
import { lazily } from '../../base/clock.js';
import { given } from '../../base/given.js';
import type { Transport } from '../../contracts/transport.js';
import { CLIENT_CONFORMANCE } from '../../session/client-config.js';
import { asPublic } from '../as-public.js';
import { HeldTransport } from '../held-transport.js';
import { checkOpenOptions } from '../known-options.js';
import type { Meter } from '../meter.js';
import { openOn } from '../open.js';
import { mayBeConformance } from '../open-refusals.js';
import type { OpenOptions } from '../options.js';
import type { Platform } from '../platform.js';
import { knownQuirks } from './known.js';
import { effectsOf, knownOf, type MeterIdentity, matching, wantedBy } from './match.js';
import type { QuirkEffects, QuirkSheet } from './sheet.js';

const loadSheetCheck = lazily(async () => (await import('./sheet.js')).checkSheets);
const loadIdentify = lazily(async () => (await import('./identify.js')).identify);

/** Effects that can start in an association that is already open; all others need it to be opened again. */
const LATE = { release: true, deviation: true, eventCodes: true } as const;

const PUBLIC_CLIENT = 16;

/**
 * As {@link openOn}, with the quirks of the meter. Sheets without a match, and sheets chosen by hand, apply from the first octet. For the
 * others the meter is asked for the traits that their matches name; if one then needs different options, the association is opened again.
 */
export async function openKnowing(platform: Platform, transport: Transport, options: OpenOptions): Promise<Meter> {
  checkOpenOptions(options);
  const { quirks: sheets = knownQuirks } = options;
  if (sheets !== knownQuirks) {
    const checkSheets = await loadSheetCheck();
    checkSheets(sheets);
  }
  const sure = effectsOf(matching(sheets, {}));
  if (wantedBy(sheets, {}).length === 0) {
    const meter = await openOn(platform, transport, withEffects(options, sure));
    meter.adapt(matching(sheets, knownOf(meter)));
    return meter;
  }
  const held = new HeldTransport(transport);
  try {
    const meter = await openKnown(platform, held, options, sheets, sure);
    held.letGo();
    return meter;
  } catch (error) {
    held.letGo();
    await held.close();
    throw error;
  }
}

async function openKnown(
  platform: Platform,
  held: Transport,
  options: OpenOptions,
  sheets: readonly QuirkSheet[],
  sure: QuirkEffects,
): Promise<Meter> {
  let meter: Meter | undefined;
  let refusal: unknown;
  try {
    meter = await openOn(platform, held, withEffects(options, sure));
  } catch (error) {
    const { client = PUBLIC_CLIENT } = options;
    const publicClient = options.security?.publicClient ?? PUBLIC_CLIENT;
    if (!mayBeConformance(error) || client === publicClient) throw error;
    refusal = error;
    // The meter may need other services or limits: the public client may ask who it is.
    meter = await openOn(platform, held, withEffects(asPublic(options, publicClient), sure));
  }
  let found: readonly QuirkSheet[];
  try {
    found = matching(sheets, await identityOf(meter, sheets));
  } catch (error) {
    await meter.close();
    throw error;
  }
  const effects = effectsOf(found);
  if (refusal === undefined && earlyOf(effects) === earlyOf(sure)) {
    meter.adapt(found);
    return meter;
  }
  meter.adapt(found);
  await meter.close();
  if (earlyOf(effects) === earlyOf(sure)) throw refusal;
  const again = await openOn(platform, held, withEffects(options, effects));
  again.adapt(found);
  return again;
}

async function identityOf(meter: Meter, sheets: readonly QuirkSheet[]): Promise<MeterIdentity> {
  const known = knownOf(meter);
  const wanted = wantedBy(sheets, known);
  // A trait that it did not give is empty and no longer unknown.
  if (wanted.length === 0) return known;
  const identify = await loadIdentify();
  return { systemTitle: '', ...(await identify(meter, wanted)), ...known };
}

/** The effects that concern a whole association, as text to compare. */
function earlyOf(effects: QuirkEffects): string {
  const early = Object.entries(effects).filter(([name]) => !Object.hasOwn(LATE, name));
  return JSON.stringify(early.sort(([a], [b]) => a.localeCompare(b)));
}

/** The options of `open` with these effects. Limits given by hand stay where they are narrower, and addresses always stay. */
export function withEffects(options: OpenOptions, effects: QuirkEffects): OpenOptions {
  const { maxInfo, window, pause, responseTimeout, addressSize, lower, hdlcBaud, without, fixedInvokeId } = effects;
  const { lenient, acknowledgeByAnswer } = effects;
  return {
    ...options,
    ...given({
      maxInfo: least(options.maxInfo, maxInfo),
      window: least(options.window, window),
      turnaround: options.turnaround ?? pause,
      responseTimeout: most(options.responseTimeout, responseTimeout),
      addressSize: options.addressSize ?? addressSize,
      serverLower: options.serverLower ?? lower,
      hdlcBaud: options.hdlcBaud ?? hdlcBaud,
      fixedInvokeId: options.fixedInvokeId ?? fixedInvokeId,
      release: effects.release ?? options.release,
      acknowledgeByAnswer: options.acknowledgeByAnswer ?? acknowledgeByAnswer,
    }),
    // A caller who is strict with all meters is not so with a known one. Beside `strict` the option itself would be a contradiction.
    ...(lenient === true ? { strict: false } : {}),
    ...(without === undefined
      ? {}
      : { conformance: (options.conformance ?? CLIENT_CONFORMANCE) & ~conformanceBits(without) }),
  };
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function most(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
