/** What earlier messages tell about short names: the objects behind them, what was asked for, blocks that came so far. */

import type { Apdu } from '../apdu/apdu.js';
import { readPairs } from '../apdu/fields.js';
import type { DataBlock } from '../apdu/service-apdus.js';
import type { ReadRequest, VariableAccess } from '../apdu/short-name-apdus.js';
import { readVariableAccess, readVariables } from '../apdu/short-names.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { decodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { type NamedObject, namedObjects, ShortNameMap } from '../cosem/short-name-map.js';
import { ASSOCIATION_SN_NAME } from '../cosem/short-names.js';
import { isSecret, type Target } from './words.js';

/** Attribute 2 of Association SN: the objects with their base names. */
const OBJECT_LIST = ASSOCIATION_SN_NAME + 8;
/** The most objects that are remembered: all short names there can be. */
const MOST_OBJECTS = 0x2000;

/** A piece of a longer message, and what it belongs to. */
export interface ShortPiece {
  readonly lane: 'read' | 'read-request' | 'write-request';
  readonly block: DataBlock;
}

/** The short names of a conversation. */
export class ShortNameTalk {
  readonly #objects = new Map<number, NamedObject>();
  #map = new ShortNameMap([]);
  /** What the last Read asked for; undefined where it was not seen. */
  #asked: readonly VariableAccess[] | undefined;

  /** Forgets what was asked: another association begins. */
  begin(): void {
    this.#asked = undefined;
  }

  /** Whether the last Read may be answered with a secret: it asked for one, or for an object that is not known. */
  get secretAsked(): boolean {
    return this.#asked?.some((one) => this.#maySecret(one)) === true;
  }

  #maySecret(variable: VariableAccess): boolean {
    const target = this.#targetOf(variable, 'returned');
    return target === undefined ? 'name' in variable : isSecret(target);
  }

  /** Remembers what a message tells about later ones. */
  note(apdu: Apdu): void {
    if (apdu.type === 'read-request' && !goesOn(apdu)) this.#asked = apdu.variables;
    if (apdu.type !== 'read-response' || !this.#askedForList()) return;
    const [result] = apdu.results;
    if (result !== undefined && 'data' in result) this.#learn(result.data);
  }

  #askedForList(): boolean {
    const [asked] = this.#asked ?? [];
    return this.#asked?.length === 1 && asked !== undefined && 'name' in asked && asked.name === OBJECT_LIST;
  }

  #learn(list: Data): void {
    for (const object of namedObjects(list)) {
      if (this.#objects.size < MOST_OBJECTS) this.#objects.set(object.baseName, object);
    }
    this.#map = new ShortNameMap([...this.#objects.values()]);
  }

  /** The attributes or methods to which the elements of a message belong, in order; undefined where they are not known. */
  targetsOf(apdu: Apdu): readonly (Target | undefined)[] {
    switch (apdu.type) {
      case 'read-request':
      case 'write-request':
      case 'unconfirmed-write-request':
        return apdu.variables.map((variable) => this.#targetOf(variable, 'parameter'));
      case 'information-report-request':
        return apdu.names.map((name) => this.#member(name, 'returned'));
      case 'read-response':
        return this.#answersTo(this.#asked ?? []);
      default:
        return [];
    }
  }

  #answersTo(variables: readonly VariableAccess[]): readonly (Target | undefined)[] {
    return variables.map((variable) => this.#targetOf(variable, 'returned'));
  }

  #targetOf(variable: VariableAccess, kind: 'parameter' | 'returned'): Target | undefined {
    return 'name' in variable ? this.#member(variable.name, kind) : undefined;
  }

  #member(name: number, kind: 'parameter' | 'returned'): Target | undefined {
    const member = this.#map.member(name);
    if (member === undefined) return undefined;
    const { classId, instanceId, id } = member;
    return { kind: member.kind === 'method' ? kind : 'attribute', classId, instanceId, id };
  }

  /** The block that a message carries, if any. */
  pieceOf(apdu: Apdu): ShortPiece | undefined {
    const [first] = apdu.type === 'read-response' ? apdu.results : 'variables' in apdu ? apdu.variables : [];
    if (first === undefined) return undefined;
    if (apdu.type === 'read-response') return 'block' in first ? { lane: 'read', block: first.block } : undefined;
    if (!('type' in first)) return undefined;
    if (first.type === 'read-data-block-access') return { lane: 'read-request', block: first.block };
    const [value] = 'values' in apdu ? apdu.values : [];
    if (first.type !== 'write-data-block-access' || value?.type !== 'octet-string') return undefined;
    return { lane: 'write-request', block: { last: first.last, number: first.blockNumber, raw: value.value } };
  }

  /** Whether one value is awaited, or a list; undefined where the request was not seen. */
  get awaited(): { readonly list: boolean; readonly targets: readonly (Target | undefined)[] } | undefined {
    return this.#asked && { list: this.#asked.length > 1, targets: this.#answersTo(this.#asked) };
  }

  /** What joined blocks tell: the object list, a request, the names of a long Write. @returns to what the values belong. */
  noteJoined(lane: ShortPiece['lane'], octets: Uint8Array): readonly (Target | undefined)[] | undefined {
    try {
      if (lane === 'read') {
        if (this.#askedForList()) this.#learn(decodeData(octets));
        return undefined;
      }
      const r = new Reader(octets);
      const variables = lane === 'read-request' ? readVariables(r) : readPairs(r, 'variables', readVariableAccess)[0];
      if (lane === 'read-request') this.#asked = variables;
      return variables.map((variable) => this.#targetOf(variable, 'parameter'));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return undefined;
    }
  }
}

/** Whether a Read is about blocks of another one. */
function goesOn({ variables }: Pick<ReadRequest, 'variables'>): boolean {
  return variables.length === 1 && !('name' in (variables[0] as VariableAccess));
}
