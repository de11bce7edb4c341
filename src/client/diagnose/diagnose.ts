/** Follows the way to a reading step by step, with options that do not work: where it stops, and what would work. */

import { systemClock } from '../../base/clock.js';
import { AccessError, DecodeError, LinkError, TimeoutError } from '../../base/errors.js';
import { given } from '../../base/given.js';
import { checkOptions, type OptionNames } from '../../base/known-options.js';
import { visibleText } from '../../base/words.js';
import type { CauseFacts } from '../../causes/cause.js';
import type { CauseId } from '../../causes/causes.js';
import { readingsOf } from '../../companion/companion.js';
import { generic } from '../../companion/generic.js';
import type { Transport } from '../../contracts/transport.js';
import { type DiscoveredMeter, type DiscoverPlatform, type Discovery, discoverOn } from '../discover/discover.js';
import type { Meter } from '../meter.js';
import type { OpenOptions } from '../options.js';
import { openKnowing } from '../quirks/apply.js';
import { type Attempt, type DiagnoseOptions, type Diagnosis, inCodes } from './diagnosis.js';
import { causeOf, factsOf, isOfWhatCame, portDiagnosis } from './known-cause.js';
import { LineWatch } from './line-watch.js';
import { refusalOf } from './refusal.js';

/** Patience as in `open`, for meters that are there but do not accept us yet. */
const PATIENCE = 60_000;
/** Answers that take longer than this are late for any meter. */
const SLOW = 3000;

const DIAGNOSE_OPTIONS: OptionNames<DiagnoseOptions> = {
  baud: true,
  place: true,
  companion: true,
  failed: true,
  optionsOf: true,
  onPassed: true,
  onTrying: true,
};

/** A running examination. */
interface Examination extends Attempt {
  readonly about: DiagnoseOptions;
  readonly watch: LineWatch;
  readonly passed: NonNullable<DiagnoseOptions['onPassed']>;
}

/** Follows the way to a reading and says where it ends; undefined when a value was read. */
export async function diagnoseOn(
  platform: DiscoverPlatform,
  connect: () => Transport,
  given: OpenOptions,
  about: DiagnoseOptions,
): Promise<Diagnosis | undefined> {
  checkOptions(about, DIAGNOSE_OPTIONS, 'diagnose', { others: { baudRate: 'baud' } });
  const { framing = 'hdlc', signal, clock = systemClock } = given;
  const { failed } = about;
  const transport = connect();
  const facts = factsOf(given, about, transport.name);
  const watch = failed?.watch ?? new LineWatch(framing);
  // As patient as the calls that failed for the person: what would have passed by waiting is not the trouble.
  const options: OpenOptions = { patience: PATIENCE, ...given, clock };
  const examination: Examination = {
    platform,
    connect,
    options,
    about,
    watch,
    careful: failed !== undefined,
    passed: (id, more) => about.onPassed?.(id, more),
    trying: (what, more = {}) => about.onTrying?.(what, more),
  };
  if (failed !== undefined) {
    const shown = causeOf(failed, given, { ...about, place: about.place ?? transport.name });
    return shown?.unsettled === true ? await whyNotOpen(examination, failed.error, facts) : shown;
  }
  let meter: Meter;
  try {
    examination.trying('connecting', { seconds: (options.patience ?? PATIENCE) / 1000 });
    meter = await openKnowing(platform, transport, { ...options, trace: (event) => seen(examination, event) });
  } catch (error) {
    signal?.throwIfAborted();
    return await whyNotOpen(examination, error, facts);
  }
  examination.passed('associated', facts);
  try {
    return await read(examination, meter, facts);
  } finally {
    await meter.close();
  }
}

function seen({ watch, options }: Examination, event: Parameters<NonNullable<OpenOptions['trace']>>[0]): void {
  watch.see(event);
  options.trace?.(event);
}

async function read(
  { about, options, passed }: Examination,
  meter: Meter,
  facts: CauseFacts,
): Promise<Diagnosis | undefined> {
  try {
    // First the values of its specification, then what any meter has; one value is enough.
    const wanted = [
      ...readingsOf(about.companion ?? generic, 'nameplate').slice(0, 1),
      ...[...readingsOf(generic, 'nameplate')].reverse(),
      ...readingsOf(generic, 'clock'),
    ];
    const outcomes = await meter.readings(wanted);
    const first = outcomes.find(({ ok }) => ok) ?? outcomes[0];
    if (first?.ok === true) {
      passed('read', { name: first.value.name, value: visibleText(first.value.text) });
      return undefined;
    }
    return { id: 'read-refused', facts, cause: first?.error };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof AccessError) return { id: 'read-refused', facts, cause: error };
    return { id: 'line-drops', facts: { ...facts, diagnostic: inCodes(error) }, cause: error };
  }
}

async function whyNotOpen(examination: Examination, error: unknown, facts: CauseFacts): Promise<Diagnosis> {
  const { watch, passed, options } = examination;
  if (error instanceof LinkError && error.reason === 'transport')
    return { ...portDiagnosis(error, facts), cause: error };
  // Options that do not fit, and the like: the line may not even have been opened.
  const isOfLine = error instanceof LinkError || error instanceof TimeoutError || error instanceof DecodeError;
  if (!watch.linked && !isOfLine) throw error;
  passed('port-opens', facts);
  // The meter sends this text instead of an answer, on any kind of link.
  if (watch.text !== undefined && (watch.linked || error instanceof DecodeError) && isOfWhatCame(error)) {
    return { id: 'text-answer', facts: { ...facts, text: watch.text }, cause: error };
  }
  if (watch.linked) {
    passed('link-answers', facts);
    return { ...(await refusalOf(examination, error, facts)), cause: error };
  }
  if (error instanceof LinkError && error.reason === 'rejected' && options.framing !== 'mode-e') {
    return { id: 'link-refused', facts, cause: error };
  }
  return { ...(await compare(examination, facts)), cause: error };
}

/** The link is silent with the given options. This searches for options with which it is not. */
async function compare(examination: Examination, facts: CauseFacts): Promise<Diagnosis> {
  const { watch, about, options, trying } = examination;
  const { framing: asked = 'hdlc', server: device = 1, serverLower, responseTimeout } = options;
  if (watch.looks7e1) return { id: 'parity', facts };
  // At the wrong speed random octets may look like text.
  const { text } = watch;
  trying('other-ways');
  const found = await discoverOn(examination.platform, examination.connect, {
    line: about.baud === undefined ? 'network' : 'serial',
    onProbe: (probe) => trying({ probe }),
    trace: (event) => seen(examination, event),
    clock: options.clock ?? systemClock,
    ...given({ crypto: options.crypto, signal: options.signal }),
  });
  const [way] = found.meters;
  if (way === undefined) return { id: silence(about, found, watch, text), facts: { ...facts, text } };
  const { address, baud, framing, refused, signedOn } = way;
  const named = { ...facts, name: signedOn?.identification, mode: signedOn?.mode };
  // Only the meter's own words show that it has no HDLC; that it did not answer is another diagnosis.
  if (framing === 'mode-e' && refused) return { id: 'no-hdlc', facts: named };
  if (way.silent === true) return { id: 'signed-on-silent', facts: named };
  const all = { ...facts, options: (about.optionsOf ?? optionsOf)(way) };
  const at = (id: CauseId, more: CauseFacts): Diagnosis => ({ id, facts: { ...all, ...more }, found: way });
  if (framing !== asked) {
    if (framing === 'mode-e') return at('wants-sign-on', {});
    if (asked === 'mode-e') return at('no-sign-on', {});
    return at('wrong-framing', { framing, given: asked });
  }
  if (about.baud !== undefined && framing === 'hdlc' && baud !== about.baud) {
    return at('wrong-baud', { baud, given: about.baud });
  }
  if (address.server !== device || address.lower !== serverLower) {
    const told = addressText(device, serverLower);
    return at('wrong-address', { given: told, address: addressText(address.server, address.lower) });
  }
  if (responseTimeout !== undefined && responseTimeout < SLOW) {
    return { id: 'slow-meter', facts: { ...facts, given: responseTimeout / 1000 } };
  }
  return { id: refused ? 'link-refused' : 'answers-otherwise', facts };
}

/** The options of `open` that lead to a meter, in words. */
function optionsOf({ framing, baud, address, client, signOnBaud, hdlcBaud, wakeUp }: DiscoveredMeter): string {
  const told = {
    ...{ baud, framing, client, server: address.server, serverLower: address.lower },
    ...{ addressSize: framing === 'wrapper' ? undefined : address.addressSize, signOnBaud, hdlcBaud, wakeUp },
  };
  return Object.entries(told)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(', ');
}

function silence(
  { baud }: DiagnoseOptions,
  { echo, garbled }: Discovery,
  watch: LineWatch,
  text: string | undefined,
): CauseId {
  if (watch.looks7e1) return 'parity';
  if (text !== undefined) return 'text-answer';
  if (baud === undefined) return watch.heard ? 'garbled' : 'nobody-behind';
  return garbled ? 'garbled' : echo ? 'echo-only' : 'no-light';
}

function addressText(server: number, lower: number | undefined): string {
  return lower === undefined ? `${server}` : `${server}/${lower}`;
}
