import { generic } from '../../src/classes.js';
import {
  AccessError,
  AssociationError,
  type Clock,
  CosemError,
  DecodeError,
  type Discovery,
  discover,
  type Framing,
  LinkError,
  type Meter,
  type OpenOptions,
  open,
  readingsOf,
  SecurityError,
  speaksShortNames,
  TimeoutError,
  type Transport,
} from '../../src/index.js';
import { type CauseFacts, type CauseId, isText, type ProgressId, shownOctets, visibleText } from '../../src/inspect.js';
import { nodeCrypto, portFaultOf } from '../../src/node.js';
import { type LinkEvent, mayBeShortNames, type SecurityReason } from '../../src/protocol.js';
import type { TraceEvent } from '../../src/tools.js';
import type { Run } from '../command.js';
import { openOptions } from '../connect.js';
import { type ConnectionSettings, lineText } from '../settings.js';

/** Where the way to a reading ends, and what is known about it. */
export interface Diagnosis {
  readonly id: CauseId;
  readonly facts: CauseFacts;
  readonly cause?: unknown;
}

/** What an examination is given. */
export interface Patient {
  readonly settings: ConnectionSettings;
  readonly clock: Clock;
  /** A transport of the line, not open yet: each attempt takes a new one. */
  connect(): Transport;
  /** Options that lead to a discovered meter, as flags. */
  optionsOf(found: Discovery['meters'][number]): string;
  /** Told of each stage that is passed. */
  passed(id: ProgressId, facts?: CauseFacts): void;
  /** Told of what is done meanwhile: a sentence of ours, or words of the search. */
  trying(what: ProgressId | { readonly probe: string }, facts?: CauseFacts): void;
}

/** Goes the way to a reading and tells where it ends; undefined when a value was read. */
export async function examine(run: Run, patient: Patient): Promise<Diagnosis | undefined> {
  const { settings } = patient;
  const facts: CauseFacts = {
    port: lineText(settings.line),
    client: settings.client,
    server: settings.server,
    baud: settings.line.type === 'serial' ? settings.line.baud : undefined,
  };
  const watch = new Watch(settings.framing);
  let meter: Meter;
  try {
    patient.trying('connecting', { seconds: (settings.patience ?? PATIENCE) / 1000 });
    // As patient as the commands that the person had trouble with: what passes by waiting is no trouble.
    const options: OpenOptions = { patience: PATIENCE, ...openOptions(settings, run, watch) };
    meter = await open(patient.connect(), { ...options, clock: patient.clock });
  } catch (error) {
    run.io.signal.throwIfAborted();
    return await whyNotOpen(run, patient, error, watch, facts);
  }
  patient.passed('associated', facts);
  try {
    // What its specification names first, then what any meter has; one value is enough.
    const wanted = [
      ...readingsOf(settings.companion, 'nameplate').slice(0, 1),
      ...[...readingsOf(generic, 'nameplate')].reverse(),
      ...readingsOf(generic, 'clock'),
    ];
    const outcomes = await meter.readings(wanted);
    const first = outcomes.find(({ ok }) => ok) ?? outcomes[0];
    if (first?.ok === true) {
      patient.passed('read', { name: first.value.name, value: visibleText(first.value.text) });
      return undefined;
    }
    return { id: 'read-refused', facts, cause: first?.error };
  } catch (error) {
    run.io.signal.throwIfAborted();
    if (error instanceof AccessError) return { id: 'read-refused', facts, cause: error };
    return { id: 'line-drops', facts: { ...facts, diagnostic: messageOf(error) }, cause: error };
  } finally {
    await meter.close();
  }
}

async function whyNotOpen(
  run: Run,
  patient: Patient,
  error: unknown,
  watch: Watch,
  facts: CauseFacts,
): Promise<Diagnosis> {
  if (error instanceof LinkError && error.reason === 'transport')
    return { ...portDiagnosis(error, facts), cause: error };
  patient.passed('port-opens', facts);
  // It says that in place of an answer, on whatever link.
  if (watch.text !== undefined && (watch.linked || error instanceof DecodeError) && isOfWhatCame(error)) {
    return { id: 'text-answer', facts: { ...facts, text: watch.text }, cause: error };
  }
  if (watch.linked) {
    patient.passed('link-answers');
    return { ...(await refusal(run, patient, error, facts)), cause: error };
  }
  if (error instanceof LinkError && error.reason === 'rejected' && patient.settings.framing !== 'mode-e') {
    return { id: 'link-refused', facts, cause: error };
  }
  if (!(error instanceof LinkError || error instanceof TimeoutError || error instanceof DecodeError)) throw error;
  return { ...(await compare(run, patient, watch, facts)), cause: error };
}

/** Whether it failed for what came: it was no answer. */
function isOfWhatCame(error: unknown): boolean {
  if (error instanceof LinkError || error instanceof TimeoutError) return error.came !== undefined;
  return error instanceof DecodeError;
}

function portDiagnosis(error: LinkError, facts: CauseFacts): Diagnosis {
  const code = (error.cause as { code?: string } | undefined)?.code ?? '';
  const network: Record<string, CauseId> = {
    ECONNREFUSED: 'host-refused',
    ENOTFOUND: 'host-unknown',
    EAI_AGAIN: 'host-unknown',
    ETIMEDOUT: 'host-silent',
    EHOSTUNREACH: 'host-silent',
    ENETUNREACH: 'host-silent',
  };
  const serial = {
    missing: 'port-missing',
    'not-permitted': 'port-not-permitted',
    busy: 'port-busy',
    'not-serial': 'not-a-port',
    gone: 'port-gone',
  } as const;
  const fault = portFaultOf(error);
  const id = facts.baud === undefined ? (network[code] ?? 'host-silent') : serial[fault ?? 'missing'];
  return { id, facts };
}

/** The link is silent with the options given: with which would it not be? */
async function compare(run: Run, patient: Patient, watch: Watch, facts: CauseFacts): Promise<Diagnosis> {
  const { settings } = patient;
  if (watch.looks7e1) return { id: 'parity', facts };
  // At other speeds anything may look like text.
  const { text } = watch;
  patient.trying('other-ways');
  const found = await discover(() => patient.connect(), {
    line: settings.line.type === 'serial' ? 'serial' : 'network',
    crypto: nodeCrypto,
    clock: patient.clock,
    signal: run.io.signal,
    onProbe: (probe) => patient.trying({ probe }),
    trace: (event) => watch.see(event),
  });
  const [way] = found.meters;
  if (way === undefined) return { id: silence(settings, found, watch, text), facts: { ...facts, text } };
  const { address, baud, framing, refused, signedOn } = way;
  const named = { ...facts, name: signedOn?.identification, mode: signedOn?.mode };
  // The meter's own words alone tell that it has none: it answered nothing is another sentence.
  if (framing === 'mode-e' && refused) return { id: 'no-hdlc', facts: named };
  if (way.silent === true) return { id: 'signed-on-silent', facts: named };
  const options = patient.optionsOf(way);
  const all = { ...facts, options };
  if (framing !== settings.framing) {
    if (framing === 'mode-e') return { id: 'wants-sign-on', facts: all };
    if (settings.framing === 'mode-e') return { id: 'no-sign-on', facts: all };
    return { id: 'wrong-framing', facts: { ...all, framing, given: settings.framing } };
  }
  if (settings.line.type === 'serial' && framing === 'hdlc' && baud !== settings.line.baud) {
    return { id: 'wrong-baud', facts: { ...all, baud, given: settings.line.baud } };
  }
  if (address.server !== settings.server || address.lower !== settings.physical) {
    const given = addressText(settings.server, settings.physical);
    return { id: 'wrong-address', facts: { ...all, given, address: addressText(address.server, address.lower) } };
  }
  if (settings.timeout !== undefined && settings.timeout < 3000) {
    return { id: 'slow-meter', facts: { ...facts, given: settings.timeout / 1000 } };
  }
  return { id: refused ? 'link-refused' : 'answers-otherwise', facts };
}

function silence(
  { line }: ConnectionSettings,
  { echo, garbled }: Discovery,
  watch: Watch,
  text: string | undefined,
): CauseId {
  if (watch.looks7e1) return 'parity';
  if (text !== undefined) return 'text-answer';
  if (line.type !== 'serial') return watch.heard ? 'garbled' : 'nobody-behind';
  return garbled ? 'garbled' : echo ? 'echo-only' : 'no-light';
}

const ON_ITS_FACE = { en: 'on its face', hi: 'मीटर पर लिखी है' };
const WANTS_CIPHERING = {
  wanted: { en: 'ciphering', hi: 'एन्क्रिप्शन' },
  contextTry: { en: 'give --ek, --ak and --title', hi: '--ek, --ak और --title दें' },
};
const WANTS_CLEAR = {
  wanted: { en: 'no ciphering', hi: 'बिना एन्क्रिप्शन का संपर्क' },
  contextTry: {
    en: 'leave --ek, --ak and --title out, or say --security none',
    hi: '--ek, --ak और --title न दें, या --security none लिखें',
  },
};

/** Faults of protection that do not say which key it is. */
const UNPROVED: ReadonlySet<SecurityReason> = new Set([
  'bad-tag',
  'decrypt-garbage',
  'bad-challenge',
  'bad-key',
  'missing-key',
]);

/** The link stands, the association does not. */
async function refusal(run: Run, patient: Patient, error: unknown, known: CauseFacts): Promise<Diagnosis> {
  const { settings } = patient;
  const diagnostic = error instanceof AssociationError ? (error.diagnostic ?? messageOf(error)) : messageOf(error);
  const facts = { ...known, name: known.name ?? ON_ITS_FACE, diagnostic, given: settings.authentication };
  // Meters of short names keep silent over a context that they do not know, or refuse it as those do that want ciphering.
  const silent = error instanceof TimeoutError || error instanceof LinkError;
  if ((silent || mayBeShortNames(error)) && (await speaksShort(run, patient))) return { id: 'short-names', facts };
  if (silent) return { id: 'association-silent', facts };
  if (error instanceof SecurityError) {
    const { reason, facts: found } = error;
    return UNPROVED.has(reason) ? { id: 'bad-proof', facts } : { id: reason, facts: { ...facts, ...found } };
  }
  if (!(error instanceof AssociationError)) {
    if (error instanceof CosemError) return { id: 'association-refused', facts };
    throw error;
  }
  if (diagnostic === 'short-name-referencing') return { id: 'short-names', facts };
  const text = `${diagnostic} ${error.message}`;
  if (/invocation-counter/.test(text)) return { id: 'counter-too-low', facts };
  if (/deciphering/.test(text)) return await whichKey(run, patient, facts);
  if (/our half/.test(text)) return { id: settings.authentication === 'gmac' ? 'bad-proof' : 'wrong-secret', facts };
  if (/application-context/.test(text)) {
    const ciphered = settings.encryptionKey !== undefined && settings.security !== 'none';
    return { id: 'wrong-context', facts: { ...facts, ...(ciphered ? WANTS_CLEAR : WANTS_CIPHERING) } };
  }
  if (/authentication-required|mechanism-name-required/.test(text)) return { id: 'needs-authentication', facts };
  if (/mechanism-name/.test(text)) {
    return { id: settings.authentication === 'none' ? 'needs-authentication' : 'wrong-mechanism', facts };
  }
  if (/authentication-failure/.test(text)) {
    const none = settings.authentication === 'none';
    return {
      id: none ? 'needs-authentication' : settings.authentication === 'lls' ? 'wrong-password' : 'wrong-secret',
      facts,
    };
  }
  return { id: /no-reason|other/.test(text) ? 'client-unknown' : 'association-refused', facts };
}

/** One more attempt, in the context of short names. */
function speaksShort(run: Run, patient: Patient): Promise<boolean> {
  patient.trying('short-names');
  const options = openOptions(patient.settings, run, { see: () => {} });
  return speaksShortNames(patient.connect(), { ...options, clock: patient.clock });
}

/**
 * Which key is wrong, found with the keys given alone: encryption by itself does not use the authentication key, and where each key put in
 * the other's place opens the association, that one is right; where both exchanged do, that is what is wrong.
 */
async function whichKey(run: Run, patient: Patient, facts: CauseFacts): Promise<Diagnosis> {
  const { settings } = patient;
  const { encryptionKey, authenticationKey } = settings;
  patient.trying('one-key');
  const alone = await opens(run, patient, { ...settings, security: 'encryption' }, 'encryption');
  if (alone === 'open') return { id: 'wrong-ak', facts };
  patient.trying('exchanged');
  const exchanged = { ...settings, encryptionKey: authenticationKey, authenticationKey: encryptionKey };
  if ((await opens(run, patient, exchanged)) === 'open') return { id: 'swapped-keys', facts };
  if (alone === 'undeciphered') return { id: 'wrong-ek', facts };
  patient.trying('same-key');
  const swapped = [
    ['wrong-ak', { ...settings, authenticationKey: encryptionKey }],
    ['wrong-ek', { ...settings, encryptionKey: authenticationKey }],
  ] as const;
  for (const [id, trial] of swapped) {
    if ((await opens(run, patient, trial)) === 'open') return { id, facts };
  }
  return { id: 'wrong-key', facts };
}

/** Whether the association opens with these settings. */
async function opens(
  run: Run,
  patient: Patient,
  settings: ConnectionSettings,
  handshake?: 'encryption',
): Promise<'open' | 'undeciphered' | 'refused'> {
  const options: OpenOptions = { ...openOptions(settings, run, { see: () => {} }), clock: patient.clock };
  const { security } = options;
  const more = handshake === undefined || security === undefined ? {} : { security: { ...security, handshake } };
  try {
    await (await open(patient.connect(), { ...options, ...more })).close();
    return 'open';
  } catch (error) {
    run.io.signal.throwIfAborted();
    return /deciphering/.test(messageOf(error)) ? 'undeciphered' : 'refused';
  }
}

function addressText(server: number, lower: number | undefined): string {
  return lower === undefined ? `${server}` : `${server}/${lower}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How long a meter is waited for that is there and does not want us yet, unless `--patience` says otherwise: as of `open`. */
const PATIENCE = 60_000;
/** Octets that come when a port is opened; nobody says anything in so few. */
const NOISE = 2;
/** Least octets that tell text at 7E1 from noise. */
const ENOUGH = 12;

/** Sees how far it came, and what it looks like. */
class Watch {
  linked = false;
  /** Text that came last in place of an answer, as a sentence quotes it. */
  text: string | undefined;
  readonly #proof: 'payload' | 'connected';
  readonly #heard: number[] = [];

  constructor(framing: Framing) {
    // The wrapper connects nothing by itself: there the first answer tells.
    this.#proof = framing.startsWith('wrapper') ? 'payload' : 'connected';
  }

  see(event: TraceEvent): void {
    if (event.type === 'link') this.#seeLink(event.event);
    if (event.type !== 'octets' || event.direction === 'sent' || this.#heard.length > 1000) return;
    this.#heard.push(...event.bytes.subarray(0, 1000));
  }

  #seeLink(event: LinkEvent): void {
    const text =
      (event.type === 'payload' || event.type === 'discarded') && isText(event.bytes)
        ? shownOctets(event.bytes)
        : undefined;
    this.text = text ?? this.text;
    // Text in a payload is no answer of a meter.
    if (event.type === this.#proof && text === undefined) this.linked = true;
  }

  /** Whether anything came that could be somebody's words. */
  get heard(): boolean {
    return this.#heard.length > NOISE;
  }

  /** Even parity in every octet, printable below it, and the parity bit used: 7E1 text, heard as 8N1. */
  get looks7e1(): boolean {
    const heard = this.#heard;
    return (
      heard.length >= ENOUGH &&
      heard.some((octet) => octet > 0x7f) &&
      heard.every((octet) => isEven(octet) && isOfText(octet & 0x7f))
    );
  }
}

function isEven(octet: number): boolean {
  let bits = octet ^ (octet >> 4);
  bits ^= bits >> 2;
  return ((bits ^ (bits >> 1)) & 1) === 0;
}

function isOfText(octet: number): boolean {
  return (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a || (octet > 0 && octet <= 6);
}
