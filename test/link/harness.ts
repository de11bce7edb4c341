import type { Link, LinkEvent } from '../../src/contracts/link.js';
import {
  commandControl,
  control,
  decodeFrame,
  encodeFrame,
  type HdlcAddress,
  type HdlcFrame,
  hdlcAddress,
  iControl,
} from '../../src/link/hdlc-frame.js';

const NONE = new Uint8Array(0);

export interface FrameParts {
  readonly to: HdlcAddress;
  readonly from: HdlcAddress;
  readonly information?: Uint8Array;
  readonly segmented?: boolean;
}

/** Octets of a frame named as engineers do: `SNRM`, `RR1`, `I0.2` (N(S).N(R)), `U-FF`; a small `p` behind leaves P/F out. */
export function octets(name: string, { to, from, information = NONE, segmented = false }: FrameParts): Uint8Array {
  return encodeFrame({ destination: to, source: from, control: named(name), segmented, information });
}

function named(name: string): HdlcFrame['control'] {
  const pf = !name.endsWith('p');
  const text = pf ? name : name.slice(0, -1);
  const i = /^I(\d)\.(\d)$/.exec(text);
  if (i) return iControl(Number(i[1]), Number(i[2]), pf);
  const s = /^(RR|RNR)(\d)$/.exec(text);
  if (s) return commandControl(s[1] as 'RR', pf, Number(s[2]));
  const raw = /^U-(..)$/.exec(text);
  if (raw) return control(Number.parseInt(raw[1]!, 16));
  return commandControl(text as 'SNRM', pf);
}

/** The name that {@link octets} would make the frame of; `+` behind where more segments follow. */
export function nameOf(bytes: Uint8Array): string {
  const { control: c, segmented } = decodeFrame(bytes);
  const base = c.type === 'I' ? `I${c.ns}.${c.nr}` : c.type === 'RR' || c.type === 'RNR' ? `${c.type}${c.nr}` : c.type;
  return `${base}${c.pf ? '' : 'p'}${segmented ? '+' : ''}`;
}

export function sent(link: Link): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let bytes = link.pollTransmit(); bytes; bytes = link.pollTransmit()) all.push(bytes);
  return all;
}

export function events(link: Link): LinkEvent[] {
  const all: LinkEvent[] = [];
  for (let event = link.pollEvent(); event; event = link.pollEvent()) all.push(event);
  return all;
}

/** Lets time pass, calling `handleTimeout` whenever it is wanted. Fails when a link wants it for ever at the same moment. */
export function pass(link: Link, from: number, until: number, then: (now: number) => void = () => {}): void {
  let now = from;
  let stuck = 0;
  for (let next = link.pollTimeout(); next !== undefined && next <= until; next = link.pollTimeout()) {
    stuck = next <= now ? stuck + 1 : 0;
    if (stuck > 100) throw new Error(`time-out wanted for ever at ${next}`);
    now = Math.max(now, next);
    link.handleTimeout(now);
    then(now);
  }
}

export const client16: HdlcAddress = hdlcAddress(16);
export const server1: HdlcAddress = hdlcAddress(1);
