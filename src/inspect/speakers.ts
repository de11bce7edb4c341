import { type InspectNode, walkNodes } from './node.js';

/** Who speaks, as far as it shows. */
export type Speaker = 'client' | 'server' | undefined;

/** Frames that one side alone sends. */
const FROM_CLIENT = /^(SNRM|DISC)\b/;
const FROM_SERVER = /^(UA|DM|FRMR)\b/;
const REQUEST = /-request|^(aarq|rlrq)$/;
const RESPONSE = /-response|^(aare|rlre)$|notification$|notification-request|report|service-error/;
/** Of the sender alone. */
const TITLE = /^(?:system-title|calling-AP-title|responding-AP-title)$/;
/** The most pairs of addresses, and the most titles, that are remembered: both may be made up. */
const REMEMBERED = 256;
/** Client SAPs begin there by custom: 16 is the public client, 1 the management logical device. */
const FIRST_CLIENT = 0x10;

/**
 * Tells a master from its meter on a line that is only listened to: by what one side alone sends, remembered for its addresses; until then
 * by the addresses themselves. Units are what `inspect` and {@link Inspector} give, in the order in which they came.
 */
export class Speakers {
  readonly #clients = new Map<string, string>();
  /** System titles of whom something proved which side it is: general ciphering names its sender. */
  readonly #titles = new Map<string, 'client' | 'server'>();

  /** Who sent this unit; undefined where nothing tells. */
  of(unit: InspectNode): Speaker {
    const source = addressIn(unit, /^source/);
    const destination = addressIn(unit, /^destination/);
    const shown = this.#shown(unit);
    // Addresses that are the same on both sides, or are not there, tell nothing: the content alone does.
    if (source === undefined || destination === undefined || source === destination) return shown;
    const pair = [source, destination].sort().join(' ');
    if (shown !== undefined) remember(this.#clients, pair, shown === 'client' ? source : destination);
    const client = this.#clients.get(pair);
    if (client !== undefined) return client === source ? 'client' : 'server';
    return guess(source, destination);
  }

  /** What the content proves, or who it names as its sender. */
  #shown(unit: InspectNode): Speaker {
    const side = this.#proved(unit);
    const titles = [...walkNodes(unit)].filter(({ name }) => TITLE.test(name)).map(({ value }) => String(value));
    if (side === undefined) return titles.map((title) => this.#titles.get(title)).find((known) => known !== undefined);
    for (const title of titles) remember(this.#titles, title, side);
    return side;
  }

  #proved(unit: InspectNode): Speaker {
    const control = find(unit, /^control$/)?.text ?? '';
    if (FROM_CLIENT.test(control)) return 'client';
    if (FROM_SERVER.test(control)) return 'server';
    for (const { name } of walkNodes(unit)) {
      // Some gateways write the header of a request before what their meters push.
      if (name.startsWith('gateway-')) continue;
      // Notifications and reports are called requests, but meters send them.
      if (RESPONSE.test(name)) return 'server';
      if (REQUEST.test(name)) return 'client';
    }
    return undefined;
  }
}

/** The one that showed itself longest ago gives way. */
function remember<T>(known: Map<string, T>, name: string, value: T): void {
  known.delete(name);
  known.set(name, value);
  const [oldest] = known.keys();
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
}

function guess(source: string, destination: string): Speaker {
  // An address with a lower part is a meter's: 1/17.
  if (source.includes('/') !== destination.includes('/')) return source.includes('/') ? 'server' : 'client';
  const [from, to] = [Number(source), Number(destination)];
  if (from >= FIRST_CLIENT && to < FIRST_CLIENT) return 'client';
  if (to >= FIRST_CLIENT && from < FIRST_CLIENT) return 'server';
  return undefined;
}

function addressIn(unit: InspectNode, name: RegExp): string | undefined {
  const node = find(unit, name);
  const value = node?.text ?? node?.value;
  return value === undefined || value === null ? undefined : String(value);
}

function find({ children = [] }: InspectNode, name: RegExp): InspectNode | undefined {
  return children.find((child) => name.test(child.name));
}
