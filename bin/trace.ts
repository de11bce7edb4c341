import { toHex } from '../src/index.js';
import { counted, FrameMasker, type MaskedFrame, renderText } from '../src/inspect.js';
import { nodeCrypto } from '../src/node.js';
import { toLatin1 } from '../src/protocol.js';
import type { TraceEvent } from '../src/tools.js';
import type { Output } from './output.js';
import type { ConnectionSettings } from './settings.js';

/** Opens and closes an HDLC frame. */
const FLAG = 0x7e;
/** Begins the request of a sign-on: `/?!`. */
const SLASH = 0x2f;

/** Shows what crosses the line on stderr: frames in words, keys and secrets masked. */
export class Tracer {
  readonly #frames: FrameMasker;
  readonly #output: Output;
  /** IEC 62056-21 mode E begins with lines of text; frames come after them. */
  readonly #modeE: boolean;
  #signOn = false;
  #began: number | undefined;

  constructor(settings: ConnectionSettings, output: Output) {
    const { companion, encryptionKey, authenticationKey, title, framing } = settings;
    this.#output = output;
    this.#modeE = framing === 'mode-e';
    this.#frames = new FrameMasker({
      companion,
      crypto: nodeCrypto,
      framing: framing === 'hdlc' || framing === 'mode-e' ? 'hdlc' : 'wrapper',
      keys: {
        ...(encryptionKey === undefined ? {} : { encryption: encryptionKey }),
        ...(authenticationKey === undefined ? {} : { authentication: authenticationKey }),
      },
      titles: title === undefined ? {} : { client: title },
    });
  }

  see(event: TraceEvent): void {
    const at = this.#time(event);
    if (event.type === 'octets') {
      if (this.#isSignOn(event)) {
        this.#output.note(`${at} ${event.direction} ${JSON.stringify(signOnText(event.bytes))}, sign-on of mode E`);
        return;
      }
      const side = event.direction === 'sent' ? 'client' : 'server';
      for (const piece of this.#frames.feed(event.bytes, side)) this.#show(piece, `${at} ${event.direction}`);
    } else if (event.type === 'link' && event.event.type === 'discarded') {
      this.#output.note(`${at} discarded ${counted(event.event.bytes.length, 'octet')}: ${event.event.reason}`);
    } else if (event.type === 'link' && event.event.type === 'closed') {
      this.#output.note(`${at} the data link is closed: ${event.event.reason}`);
    } else if (event.type === 'refused') {
      this.#output.note(`${at} refused a notification: ${event.error.message}`);
    }
  }

  /** What is sent comes whole, so its first octets tell where the text begins and where it ends. */
  #isSignOn({ direction, bytes }: Extract<TraceEvent, { type: 'octets' }>): boolean {
    if (direction === 'sent' && bytes[0] === FLAG) this.#signOn = false;
    else if (direction === 'sent' && ((bytes[0] ?? 0) & 0x7f) === SLASH) this.#signOn = this.#modeE;
    return this.#signOn;
  }

  /** Since the first event. */
  #time(event: TraceEvent): string {
    if (event.type === 'refused') return 'then';
    this.#began ??= event.now;
    return `${((event.now - this.#began) / 1000).toFixed(3)} s`;
  }

  /** What was left over when the line closed. */
  end(): void {
    for (const piece of this.#frames.flush()) this.#show(piece, 'left over');
  }

  /** The whole frame in one line, as `cosem decode` takes it, then what it means. */
  #show({ node, octets }: MaskedFrame, head: string): void {
    const pairs = toHex(octets).match(/../g)?.join(' ');
    this.#output.note(pairs === undefined ? head : `${head} ${pairs}`, ...renderText(node).split('\n'));
  }
}

/** Without the parity that is the eighth bit of the text. */
function signOnText(octets: Uint8Array): string {
  return toLatin1(octets.map((octet) => octet & 0x7f));
}
