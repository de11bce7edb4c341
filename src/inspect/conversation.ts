/** Remembers what earlier messages of a conversation tell about later ones: system titles, keys, what was asked for, blocks that came so far. */

import type { Aare, Aarq, Apdu, GeneralBlockTransfer } from '../apdu/apdu.js';
import { BlockReceiver, MAX_TRANSFER } from '../apdu/block-receiver.js';
import type { AccessSpecification, DataBlock } from '../apdu/service-apdus.js';
import type { AttributeDescriptor, MethodDescriptor } from '../contracts/services.js';
import type { InspectOptions } from './options.js';
import { ShortNameTalk, type ShortPiece } from './short-names.js';
import { isSecret, type Target } from './words.js';

/** What the joined blocks of a transfer are. */
export type Content =
  | 'data'
  | 'data-list'
  | 'get-results'
  | 'action-result'
  | 'action-results'
  | 'variables'
  | 'assignments'
  | 'apdu';

/** The joined blocks of a complete transfer. */
export interface Joined {
  readonly bytes: Uint8Array;
  /** Undefined when the request was not seen: it may be one value or a list. */
  readonly content: Content | undefined;
  readonly targets: readonly (Target | undefined)[];
  /** The service with short names whose blocks they were. */
  readonly service?: 'read-response' | 'read-request' | 'write-request';
}

interface Transfer {
  readonly receiver: BlockReceiver;
  readonly content: Content | undefined;
  readonly targets: readonly (Target | undefined)[];
}

/** A request that waits for its answer. */
interface Asked {
  readonly targets: readonly Target[];
  readonly list: boolean;
}

/** Kinds of transfer that may be under way at the same time; general-block-transfer separately for each sender. */
type Lane = 'get' | 'set' | 'action-request' | 'action-response' | ShortPiece['lane'] | `general ${string}`;

/** The most counters that are remembered, to recognise one that was copied into another message. */
const MAX_COUNTERS = 16;

export class Conversation {
  #clientTitle: Uint8Array | undefined;
  #serverTitle: Uint8Array | undefined;
  #dedicatedKey: Uint8Array | undefined;
  /** Whether any tag was right: then the keys are right, and a message with a wrong tag was changed on the way. */
  proved = false;
  /** The last invocation counters that came. */
  readonly counters: number[] = [];
  readonly #asked = new Map<number, Asked>();
  readonly #transfers = new Map<Lane, Transfer>();
  /** In words, what is missing of transfers that were abandoned. */
  readonly #abandoned: string[] = [];
  /** Invoke ids of requests without an answer so far. */
  readonly #open = new Set<number>();
  #last: number | undefined;
  readonly #shortNames = new ShortNameTalk();
  readonly #options: InspectOptions;
  /** Those with meters behind a gateway, by its headers. */
  readonly #behind = new Map<string, Conversation>();

  constructor(options: InspectOptions) {
    this.#options = options;
    this.#clientTitle = options.titles?.client;
    this.#serverTitle = options.titles?.server;
    this.#dedicatedKey = options.keys?.dedicated;
  }

  get clientTitle(): Uint8Array | undefined {
    return this.#clientTitle;
  }

  get serverTitle(): Uint8Array | undefined {
    return this.#serverTitle;
  }

  get dedicatedKey(): Uint8Array | undefined {
    return this.#dedicatedKey;
  }

  /** Whether the last request, or one without an answer so far, asked for a secret: then pieces of an answer may be parts of it. */
  get secretAsked(): boolean {
    if (this.#shortNames.secretAsked || this.#isForSecret(this.#last)) return true;
    if ([...this.#open].some((id) => this.#isForSecret(id))) return true;
    return [...this.#behind.values()].some((one) => one.secretAsked);
  }

  /** The conversation with a meter behind a gateway. */
  behind(meter: string): Conversation {
    const known = this.#behind.get(meter) ?? new Conversation(this.#options);
    this.#behind.delete(meter);
    this.#behind.set(meter, known);
    const [oldest] = this.#behind.keys();
    if (this.#behind.size > MAX_BEHIND && oldest !== undefined) this.#behind.delete(oldest);
    return known;
  }

  /** Remembers what an unprotected APDU tells about later ones. */
  note(apdu: Apdu): void {
    this.#shortNames.note(apdu);
    switch (apdu.type) {
      case 'aarq':
        this.#begin(apdu);
        break;
      case 'aare':
        this.#answered(apdu);
        break;
      case 'initiate-request':
        if (apdu.dedicatedKey !== undefined) this.#dedicatedKey = apdu.dedicatedKey;
        break;
      case 'get-request-normal':
        this.#ask(apdu.invokeId, [attributeTarget(apdu.attribute)], false);
        break;
      case 'get-request-with-list':
        this.#ask(apdu.invokeId, apdu.attributes.map(attributeTarget), true);
        break;
      case 'action-request-normal':
      case 'action-request-with-first-pblock':
        this.#ask(apdu.invokeId, [methodTarget(apdu.method, 'returned')], false);
        break;
      case 'action-request-with-list':
      case 'action-request-with-list-and-first-pblock':
        this.#ask(
          apdu.invokeId,
          apdu.methods.map((method) => methodTarget(method, 'returned')),
          true,
        );
        break;
      case 'access-request':
        this.#ask(
          apdu.longInvokeId | LONG,
          apdu.specifications.map((one) => accessTarget(one, 'returned')),
          true,
        );
        break;
      case 'get-response-normal':
      case 'get-response-with-list':
      case 'action-response-normal':
      case 'action-response-with-list':
        this.#open.delete(keyOf(apdu.invokeId));
        break;
      case 'access-response':
        this.#open.delete(keyOf(apdu.longInvokeId | LONG));
        break;
      case 'get-response-with-datablock':
      case 'action-response-with-pblock':
        if (apdu.block.last || !('raw' in apdu.block)) this.#open.delete(keyOf(apdu.invokeId));
        break;
      case 'exception-response':
        // It has no invoke id: it refuses the last request.
        if (this.#last !== undefined) this.#open.delete(this.#last);
        break;
    }
  }

  /** Remembers an invocation counter. */
  noteCounter(counter: number): void {
    this.counters.push(counter);
    if (this.counters.length > MAX_COUNTERS) this.counters.shift();
  }

  /** The attributes or methods to which the values of an APDU belong, in order. */
  targetsOf(apdu: Apdu): readonly (Target | undefined)[] {
    switch (apdu.type) {
      case 'set-request-normal':
      case 'set-request-with-first-datablock':
      case 'event-notification-request':
        return [attributeTarget(apdu.attribute)];
      case 'set-request-with-list':
      case 'set-request-with-list-and-first-datablock':
        return apdu.attributes.map(attributeTarget);
      case 'action-request-normal':
      case 'action-request-with-first-pblock':
        return [methodTarget(apdu.method, 'parameter')];
      case 'action-request-with-list':
      case 'action-request-with-list-and-first-pblock':
        return apdu.methods.map((method) => methodTarget(method, 'parameter'));
      case 'access-request':
        return apdu.specifications.map((one) => accessTarget(one, 'parameter'));
      case 'access-response': {
        const echo = apdu.specifications?.map((one) => accessTarget(one, 'returned')) ?? [];
        const asked = this.#questionOf(apdu.longInvokeId | LONG)?.targets ?? echo;
        // An echo may lie about what was asked, but what either calls a secret is one.
        return asked.map((target, i) => (isSecret(target) ? target : (secretAmong(echo[i]) ?? target)));
      }
      case 'get-response-normal':
      case 'get-response-with-list':
      case 'action-response-normal':
      case 'action-response-with-list':
        return this.#questionOf(apdu.invokeId)?.targets ?? [];
      default:
        return this.#shortNames.targetsOf(apdu);
    }
  }

  /**
   * Takes a block, when the APDU is one. After the last block it returns all of them joined.
   * @throws DecodeError `block-sequence` when it is not the expected block; the transfer is then given up.
   */
  join(apdu: Apdu, sender: string): Joined | undefined {
    switch (apdu.type) {
      case 'get-response-with-datablock':
        return 'raw' in apdu.block ? this.#add('get', apdu.block, () => this.#getContent(apdu.invokeId)) : undefined;
      case 'set-request-with-first-datablock':
        return this.#add('set', apdu.block, () => ({ content: 'data', targets: this.targetsOf(apdu) }));
      case 'set-request-with-list-and-first-datablock':
        return this.#add('set', apdu.block, () => ({ content: 'data-list', targets: this.targetsOf(apdu) }));
      case 'set-request-with-datablock':
        return this.#add('set', apdu.block, unknownContent);
      case 'action-request-with-first-pblock':
        return this.#add('action-request', apdu.block, () => ({ content: 'data', targets: this.targetsOf(apdu) }));
      case 'action-request-with-list-and-first-pblock':
        return this.#add('action-request', apdu.block, () => ({ content: 'data-list', targets: this.targetsOf(apdu) }));
      case 'action-request-with-pblock':
        return this.#add('action-request', apdu.block, unknownContent);
      case 'action-response-with-pblock':
        return this.#add('action-response', apdu.block, () => this.#actionContent(apdu.invokeId));
      case 'general-block-transfer':
        return this.#addGeneral(apdu, `general ${sender}`);
      default: {
        const piece = this.#shortNames.pieceOf(apdu);
        return piece && this.#addShort(piece);
      }
    }
  }

  #addShort({ lane, block }: ShortPiece): Joined | undefined {
    const joined = this.#add(lane, block, () => {
      if (lane !== 'read') return { content: lane === 'read-request' ? 'variables' : 'assignments', targets: [] };
      const awaited = this.#shortNames.awaited;
      return awaited === undefined
        ? unknownContent()
        : { content: awaited.list ? 'get-results' : 'data', targets: awaited.targets };
    });
    if (joined === undefined) return undefined;
    const targets = this.#shortNames.noteJoined(lane, joined.bytes) ?? joined.targets;
    return { ...joined, targets, service: lane === 'read' ? 'read-response' : lane };
  }

  /** In words, what is missing of transfers whose last block has not come. */
  incomplete(): string[] {
    const behind = [...this.#behind].flatMap(([meter, one]) =>
      one.incomplete().map((what) => `meter ${meter}: ${what}`),
    );
    return [...this.#abandoned, ...this.#underWay(), ...behind];
  }

  #underWay(): string[] {
    return [...this.#transfers].map(([lane, { receiver }]) => {
      const what = lane.startsWith('general')
        ? 'a general block transfer'
        : `a block transfer (${lane.replace('-', ' ')})`;
      return `${what} is incomplete: block ${receiver.number} came, block ${receiver.number + 1} and the last one did not`;
    });
  }

  #begin(apdu: Aarq): void {
    if (apdu.callingApTitle?.length === TITLE) this.#clientTitle = apdu.callingApTitle;
    this.#shortNames.begin();
    this.#asked.clear();
    this.#open.clear();
    this.#last = undefined;
    // A new association ends transfers that were under way.
    this.#abandoned.push(...this.#underWay());
    this.#abandoned.splice(0, this.#abandoned.length - MAX_ABANDONED);
    this.#transfers.clear();
  }

  #answered(apdu: Aare): void {
    if (apdu.respondingApTitle?.length === TITLE) this.#serverTitle = apdu.respondingApTitle;
  }

  #ask(invokeId: number, targets: readonly Target[], list: boolean): void {
    this.#transfers.delete('get');
    this.#transfers.delete('action-response');
    const id = keyOf(invokeId);
    this.#asked.set(id, { targets, list });
    this.#open.add(id);
    this.#last = id;
  }

  #isForSecret(id: number | undefined): boolean {
    return id !== undefined && this.#asked.get(id)?.targets.some(isSecret) === true;
  }

  /** The request of an answer. An answer whose invoke id fits no open request may be the answer to a request for a secret. */
  #questionOf(invokeId: number): Asked | undefined {
    const id = keyOf(invokeId);
    const secret = this.#open.has(id) ? undefined : [...this.#open].find((open) => this.#isForSecret(open));
    return this.#asked.get(secret ?? id);
  }

  #getContent(invokeId: number): Omit<Transfer, 'receiver'> {
    const asked = this.#questionOf(invokeId);
    if (asked === undefined) return unknownContent();
    return { content: asked.list ? 'get-results' : 'data', targets: asked.targets };
  }

  #actionContent(invokeId: number): Omit<Transfer, 'receiver'> {
    const asked = this.#questionOf(invokeId);
    if (asked === undefined) return unknownContent();
    return { content: asked.list ? 'action-results' : 'action-result', targets: asked.targets };
  }

  #addGeneral(apdu: GeneralBlockTransfer, lane: Lane): Joined | undefined {
    // An empty block, when no transfer is under way, only acknowledges blocks of the other side.
    if (apdu.raw.length === 0 && !this.#transfers.has(lane)) return undefined;
    const block = { last: apdu.last, number: apdu.blockNumber, raw: apdu.raw };
    return this.#add(lane, block, () => ({ content: 'apdu', targets: [] }));
  }

  #add(lane: Lane, block: DataBlock, begin: () => Omit<Transfer, 'receiver'>): Joined | undefined {
    const under = block.number === 1 ? undefined : this.#transfers.get(lane);
    const transfer = under ?? {
      receiver: new BlockReceiver(MAX_TRANSFER, lane === 'get' || lane === 'read' ? block.number : 1),
      ...begin(),
    };
    this.#transfers.delete(lane);
    transfer.receiver.add(block);
    if (block.last) return { bytes: transfer.receiver.finish(), content: transfer.content, targets: transfer.targets };
    this.#transfers.set(lane, transfer);
    if (this.#transfers.size > MAX_TRANSFERS) this.#transfers.delete(this.#transfers.keys().next().value as Lane);
    return undefined;
  }
}

const TITLE = 8;
/** Marks the long-invoke-id of ACCESS: it counts apart from the invoke ids of the other services. */
const LONG = 0x0100_0000;
/** The most transfers that are kept at a time; the oldest is dropped first. There may be many senders, and forged ones. */
const MAX_TRANSFERS = 16;

/** The most meters behind a gateway that are remembered; their addresses may be made up. */
const MAX_BEHIND = 256;

/** The most abandoned transfers that are reported. */
const MAX_ABANDONED = 16;

/** What tells one request from another: four bits, or of a long-invoke-id 24. */
function keyOf(invokeId: number): number {
  return invokeId & (invokeId & LONG ? LONG | 0x00ff_ffff : 0x0f);
}

function secretAmong(target: Target | undefined): Target | undefined {
  return target !== undefined && isSecret(target) ? target : undefined;
}

function accessTarget(one: AccessSpecification, kind: 'parameter' | 'returned'): Target {
  return one.service === 'action' ? methodTarget(one.method, kind) : attributeTarget(one.attribute);
}

function unknownContent(): Omit<Transfer, 'receiver'> {
  return { content: undefined, targets: [] };
}

function attributeTarget({ classId, instanceId, attributeId }: AttributeDescriptor): Target {
  return { kind: 'attribute', classId, instanceId, id: attributeId };
}

function methodTarget({ classId, instanceId, methodId }: MethodDescriptor, kind: 'parameter' | 'returned'): Target {
  return { kind, classId, instanceId, id: methodId };
}
