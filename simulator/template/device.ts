import type { Clock } from '../../src/base/clock.js';
import type { LogicalName } from '../../src/base/obis.js';
import type { Data } from '../../src/codec/data.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import type { GetAnswer, RequestContext, ServedDevice } from '../../src/contracts/served-device.js';
import type { ActionResult, AttributeWithSelection, MethodDescriptor } from '../../src/contracts/services.js';
import { classOf } from '../../src/cosem/registry.js';
import {
  TEMPLATE_ATTRIBUTE_MODES,
  TEMPLATE_METHOD_MODES,
  type TemplateDevice,
  type TemplateEntry,
  type TemplateMode,
  type TemplateValues,
  templateModeNumber,
} from '../../src/cosem/template.js';
import { mayCall, mayRead, mayWrite } from '../../src/server/access.js';
import { resultNamed, resultOfError } from '../../src/server/refusal.js';
import type { Cell } from './cells.js';
import { makeObject, type ObjectContext, type RecordedObject } from './objects.js';

const CURRENT_ASSOCIATION: LogicalName = '0.0.40.0.0.255';
const ASSOCIATION_LN = 15;

/** An object as one client sees it. */
interface Visible {
  readonly attributes: ReadonlyMap<number, number>;
  readonly methods: ReadonlyMap<number, number>;
  readonly object: RecordedObject;
}

type View = ReadonlyMap<string, Visible>;

export interface TemplateDeviceParts {
  readonly clock: Clock;
  /** By client SAP. */
  readonly definitions: ReadonlyMap<number, AssociationDefinition>;
  /** The lowest invocation counter that the meter accepts from the clients that read it in this object. */
  readonly lowestCounter: (logicalName: LogicalName) => number;
  /** Called when the simulation itself fails. */
  readonly onFault: ((error: unknown, target: string) => void) | undefined;
}

/**
 * A logical device made from a recording: each client sees its object list with its rights; values stay until they are written; a few
 * objects are live (clock, relay, associations, invocation counters).
 */
export class RecordedDevice implements ServedDevice {
  readonly sap: number;
  readonly #parts: TemplateDeviceParts;
  readonly #views = new Map<number, View>();
  readonly #status = new Map<number, 0 | 1 | 2>();

  constructor(template: TemplateDevice, parts: TemplateDeviceParts) {
    this.sap = template.server;
    this.#parts = parts;
    const context: ObjectContext = {
      ...parts,
      lists: new Map(template.associations.map(({ client, objectList }) => [client, objectList])),
      status: (client) => this.#status.get(client) ?? 0,
    };
    const values = new Map(template.objects.map((object) => [key(object.class, object.logicalName), object.values]));
    const shared = new Map<string, RecordedObject>();
    for (const { client, objectList, current } of template.associations) {
      const view = new Map<string, Visible>();
      for (const entry of objectList) {
        const name = key(entry.class, entry.logicalName);
        const own = entry.class === ASSOCIATION_LN && entry.logicalName === CURRENT_ASSOCIATION;
        const object = own
          ? makeObject(entry, current, { ...context, client })
          : (shared.get(name) ?? makeObject(merged(template, entry), values.get(name) ?? NONE, context));
        if (!own) shared.set(name, object);
        view.set(name, visible(entry, object));
      }
      this.#views.set(client, view);
    }
  }

  association(client: number): AssociationDefinition | undefined {
    return this.#parts.definitions.get(client);
  }

  get(request: AttributeWithSelection, context: RequestContext): GetAnswer {
    const found = this.#find(request, context);
    if (typeof found === 'number') return { error: found };
    if (!readable(found.mode, context.authenticated)) return { error: resultNamed('scope-of-access-violated') };
    try {
      return found.cell.read(request.selection);
    } catch (error) {
      return { error: this.#resultOf(error, request, 'access') };
    }
  }

  set(request: AttributeWithSelection, value: Data, context: RequestContext): number {
    const found = this.#find(request, context);
    if (typeof found === 'number') return found;
    if (found.mode === 0) return resultNamed('scope-of-access-violated');
    if (!writable(found.mode, context.authenticated)) return resultNamed('read-write-denied');
    if (request.selection !== undefined) return resultNamed('type-unmatched');
    try {
      found.cell.write(value);
      return resultNamed('success');
    } catch (error) {
      return this.#resultOf(error, request, 'access');
    }
  }

  action(request: MethodDescriptor, parameter: Data | undefined, context: RequestContext): ActionResult {
    const seen = this.#visible(request.classId, request.instanceId, context.client);
    const mode = seen?.methods.get(request.methodId);
    if (seen === undefined || mode === undefined) return { result: resultNamed('object-undefined') };
    if (!mayCall(mode, context.authenticated)) return { result: resultNamed('scope-of-access-violated') };
    const data: Data = parameter ?? { type: 'null-data', value: null };
    try {
      const { entry } = seen.object;
      const cosem = classOf(entry.class, entry.version);
      const name = cosem?.methodNames.get(request.methodId);
      if (name !== undefined) cosem?.methods[name]?.parameter.decode(data);
      seen.object.call(request.methodId, data, context.now);
      return { result: resultNamed('success') };
    } catch (error) {
      return { result: this.#resultOf(error, request, 'action') };
    }
  }

  statusChanged({ client }: AssociationDefinition, status: 0 | 1 | 2): void {
    this.#status.set(client, status);
  }

  #visible(classId: number, instanceId: Uint8Array, client: number): Visible | undefined {
    return this.#views.get(client)?.get(key(classId, instanceId.join('.')));
  }

  #find(
    request: AttributeWithSelection,
    { client }: RequestContext,
  ): { readonly cell: Cell; readonly mode: number } | number {
    const seen = this.#visible(request.classId, request.instanceId, client);
    const mode = seen?.attributes.get(request.attributeId);
    const cell = seen?.object.cell(request.attributeId);
    return mode === undefined || cell === undefined ? resultNamed('object-undefined') : { cell, mode };
  }

  #resultOf(error: unknown, request: AttributeWithSelection | MethodDescriptor, of: 'access' | 'action'): number {
    const result = resultOfError(error, of);
    if (result !== undefined) return result;
    this.#parts.onFault?.(error, `${request.classId}:${request.instanceId.join('.')}`);
    return resultNamed('hardware-fault');
  }
}

const NONE: TemplateValues = {};

function key(classId: number, logicalName: string): string {
  return `${classId}:${logicalName}`;
}

/** Merges the entries of all clients, because the object is the same whoever looks. */
function merged({ associations }: TemplateDevice, entry: TemplateEntry): TemplateEntry {
  const ids = new Set<number>();
  for (const { objectList } of associations) {
    for (const other of objectList) {
      if (other.class !== entry.class || other.logicalName !== entry.logicalName) continue;
      for (const [id] of other.attributes) ids.add(id);
    }
  }
  return { ...entry, attributes: [...ids].map((id) => [id, 'no-access'] as const) };
}

function visible(entry: TemplateEntry, object: RecordedObject): Visible {
  const modes = (
    access: readonly (readonly [id: number, mode: TemplateMode, ...rest: unknown[]])[],
    names: readonly string[],
  ) => new Map(access.map(([id, mode]) => [id, templateModeNumber(mode, names) ?? 0]));
  return {
    object,
    attributes: modes(entry.attributes, TEMPLATE_ATTRIBUTE_MODES),
    methods: modes(entry.methods, TEMPLATE_METHOD_MODES),
  };
}

/**
 * Whether an access mode allows reading. Modes above the named ones are bits: 1 allows reading, 2 writing, the others demand protection.
 */
function readable(mode: number, authenticated: boolean): boolean {
  return mode < TEMPLATE_ATTRIBUTE_MODES.length ? mayRead(mode, authenticated) : (mode & 1) !== 0;
}

function writable(mode: number, authenticated: boolean): boolean {
  return mode < TEMPLATE_ATTRIBUTE_MODES.length ? mayWrite(mode, authenticated) : (mode & 2) !== 0;
}
