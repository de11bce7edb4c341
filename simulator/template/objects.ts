/** Objects of a recorded meter: their attributes, and the few methods that do something. */

import type { Millis, Clock as Timer } from '../../src/base/clock.js';
import { AccessError } from '../../src/base/errors.js';
import type { LogicalName } from '../../src/base/obis.js';
import { logicalNameToBytes } from '../../src/base/obis.js';
import type { Data } from '../../src/codec/data.js';
import { boolValue, enumValue, octets } from '../../src/codec/make.js';
import type { Type } from '../../src/codec/type.js';
import { int16, octetString } from '../../src/codec/types.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import { AssociationLnV1 } from '../../src/cosem/classes/access.js';
import { ClockClass } from '../../src/cosem/classes/clock.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import { DemandRegister, ExtendedRegister, ProfileGenericV1, Register } from '../../src/cosem/classes/storage.js';
import { ScriptTable } from '../../src/cosem/classes/time.js';
import { classOf } from '../../src/cosem/registry.js';
import type { TemplateClock } from '../../src/cosem/template.js';
import { type TemplateEntry, type TemplateValue, type TemplateValues, templateData } from '../../src/cosem/template.js';
import { templateObjectList } from '../../src/cosem/template-list.js';
import { enumNumber } from '../../src/cosem/types.js';
import { type ControlState, SupplyRelay } from '../meter/relay.js';
import { BufferCell } from './buffer.js';
import { type Cell, ClockCell, liveCell, ValueCell } from './cells.js';

/** What objects need of the meter around them. */
export interface ObjectContext {
  readonly clock: Timer;
  readonly definitions: ReadonlyMap<number, AssociationDefinition>;
  readonly lowestCounter: (logicalName: LogicalName) => number;
  readonly lists: ReadonlyMap<number, readonly TemplateEntry[]>;
  readonly status: (client: number) => 0 | 1 | 2;
  /** The client whose current association it is. */
  readonly client?: number;
}

type MethodCall = (parameter: Data, now: Millis) => void;

/** One object, which all clients that see it share. */
export class RecordedObject {
  readonly entry: TemplateEntry;
  readonly #cells: ReadonlyMap<number, Cell>;
  readonly #methods: ReadonlyMap<number, MethodCall>;

  constructor(entry: TemplateEntry, cells: ReadonlyMap<number, Cell>, methods: ReadonlyMap<number, MethodCall>) {
    this.entry = entry;
    this.#cells = cells;
    this.#methods = methods;
  }

  cell(attribute: number): Cell | undefined {
    return this.#cells.get(attribute);
  }

  /** @throws AccessError `other-reason` for a method that a recording cannot do. */
  call(method: number, parameter: Data, now: Millis): void {
    const call = this.#methods.get(method);
    const { class: classId, logicalName } = this.entry;
    if (call === undefined) {
      throw new AccessError('other-reason', `${classId}:${logicalName}:${method}()`, 'a recorded meter cannot do it');
    }
    call(parameter, now);
  }
}

const REGISTERS = [Register.id, ExtendedRegister.id, DemandRegister.id];
const { buffer: BUFFER, captureObjects: CAPTURE_OBJECTS, entriesInUse: ENTRIES_IN_USE } = ProfileGenericV1.attributes;

export function makeObject(entry: TemplateEntry, values: TemplateValues, context: ObjectContext): RecordedObject {
  const cells = new Map<number, Cell>();
  const name = octets(logicalNameToBytes(entry.logicalName));
  for (const [id] of entry.attributes) {
    const target = `${entry.class}:${entry.logicalName}:${id}`;
    const value = values[id];
    cells.set(id, id === 1 ? liveCell(target, () => name) : cellOf(target, entry, id, value, values, context));
  }
  const methods = new Map<number, MethodCall>();
  if (REGISTERS.includes(entry.class)) addReset(cells.get(2), methods);
  if (entry.class === ProfileGenericV1.id) addProfile(cells, methods);
  if (entry.class === ClockClass.id) addClock(cells.get(ClockClass.attributes.time.id), methods);
  // The effects of its scripts belong to the real meter, so nothing happens here.
  if (entry.class === ScriptTable.id) methods.set(ScriptTable.methods.execute.id, () => {});
  if (entry.class === AssociationLnV1.id) addAssociation(entry, cells, methods, context);
  if (entry.class === DisconnectControlV0.id) addRelay(entry, cells, methods);
  return new RecordedObject(entry, cells, methods);
}

function cellOf(
  target: string,
  entry: TemplateEntry,
  id: number,
  value: TemplateValue | undefined,
  values: TemplateValues,
  context: ObjectContext,
): Cell {
  const type = typeOf(entry, id);
  if (value === undefined) return new ValueCell(target, undefined, type);
  if ('refused' in value) return new ValueCell(target, undefined, type, String(value.refused));
  if ('clock' in value) return new ClockCell(target, value.clock as TemplateClock, context.clock);
  if ('invocation-counter' in value) {
    const wide = value['invocation-counter'] === 'long64-unsigned';
    return liveCell(target, () => counterData(context.lowestCounter(entry.logicalName), wide));
  }
  if ('object-list-of' in value) return listCell(target, context.lists.get(Number(value['object-list-of'])) ?? []);
  const data = templateData(value) as Data;
  if (entry.class === ProfileGenericV1.id && id === BUFFER.id) {
    const columns = values[CAPTURE_OBJECTS.id];
    return new BufferCell(target, data, columns === undefined ? undefined : templateData(columns));
  }
  return new ValueCell(target, data, type);
}

function counterData(counter: number, wide: boolean): Data {
  return wide ? { type: 'long64-unsigned', value: BigInt(counter) } : { type: 'double-long-unsigned', value: counter };
}

function listCell(target: string, entries: readonly TemplateEntry[]): Cell {
  let list: Data | undefined;
  return liveCell(target, () => {
    list ??= templateObjectList(entries);
    return list;
  });
}

function typeOf(entry: TemplateEntry, id: number): Type<unknown> | undefined {
  const cosem = classOf(entry.class, entry.version);
  const name = cosem?.attributeNames.get(id);
  return name === undefined ? undefined : cosem?.attributes[name]?.type;
}

/** Adds the method reset: a number becomes 0, in its own type. */
function addReset(value: Cell | undefined, methods: Map<number, MethodCall>): void {
  methods.set(1, () => {
    if (!(value instanceof ValueCell) || value.value === undefined) return;
    const { value: number } = value.value;
    if (typeof number === 'number') value.value = { ...value.value, value: 0 } as Data;
    if (typeof number === 'bigint') value.value = { ...value.value, value: 0n } as Data;
  });
}

function addProfile(cells: ReadonlyMap<number, Cell>, methods: Map<number, MethodCall>): void {
  const [buffer, inUse] = [cells.get(BUFFER.id), cells.get(ENTRIES_IN_USE.id)];
  methods.set(ProfileGenericV1.methods.reset.id, () => {
    if (buffer instanceof BufferCell) buffer.clear();
    if (inUse instanceof ValueCell && typeof inUse.value?.value === 'number') {
      inUse.value = { ...inUse.value, value: 0 } as Data;
    }
  });
}

function addClock(time: Cell | undefined, methods: Map<number, MethodCall>): void {
  if (time instanceof ClockCell)
    methods.set(ClockClass.methods.shiftTime.id, (parameter) => time.shift(int16.decode(parameter)));
}

const { attributes: ASSOCIATION, methods: ASSOCIATION_METHODS } = AssociationLnV1;
const PARTNERS = ASSOCIATION.associatedPartnersId.id;
const SECRET = ASSOCIATION.secret.id;
const STATUS = ASSOCIATION.associationStatus.id;
const CHANGE_HLS_SECRET = ASSOCIATION_METHODS.changeHlsSecret.id;

/** Takes object list, status and secret of an association object from the association that it stands for. */
function addAssociation(
  entry: TemplateEntry,
  cells: Map<number, Cell>,
  methods: Map<number, MethodCall>,
  context: ObjectContext,
): void {
  const client = context.client ?? clientIn(cells.get(PARTNERS));
  const definition = client === undefined ? undefined : context.definitions.get(client);
  if (client === undefined || definition === undefined) return;
  const target = (id: number) => `${entry.class}:${entry.logicalName}:${id}`;
  const changeSecret = (value: Data) => {
    const secret = octetString.decode(value);
    const fits = secret.length > 0 && (definition.mechanism !== 2 || secret.length <= 16);
    if (!fits) throw new AccessError('type-unmatched', target(SECRET), 'a secret that cannot be used');
    definition.secret = secret.slice();
  };
  if (context.client !== undefined && cells.has(2)) cells.set(2, listCell(target(2), context.lists.get(client) ?? []));
  if (cells.has(STATUS))
    cells.set(
      STATUS,
      liveCell(target(STATUS), () => enumValue(context.status(client))),
    );
  if (cells.has(SECRET)) {
    const hidden = new ValueCell(target(SECRET), undefined, undefined);
    cells.set(SECRET, { read: (selection) => hidden.read(selection), write: changeSecret });
  }
  methods.set(CHANGE_HLS_SECRET, changeSecret);
}

/** Whether a value was recorded; an attribute that was refused stays refused. */
function isValue(cell: Cell | undefined): cell is ValueCell {
  return cell instanceof ValueCell && cell.value !== undefined;
}

/** associated_partners_id: the client SAP, as integer. */
function clientIn(partners: Cell | undefined): number | undefined {
  const value = partners instanceof ValueCell ? partners.value : undefined;
  const client = value?.type === 'structure' ? value.value[0]?.value : undefined;
  return typeof client === 'number' ? client & 0xff : undefined;
}

const STATES: readonly ControlState[] = ['disconnected', 'connected', 'ready-for-reconnection'];
/** The control mode in which a relay can be brought into any state. */
const REMOTE_ONLY = 4;

/** Attributes 2 output_state, 3 control_state, 4 control_mode; methods 1 disconnects, 2 reconnects. */
function addRelay(entry: TemplateEntry, cells: Map<number, Cell>, methods: Map<number, MethodCall>): void {
  const numberIn = (id: number) => {
    const cell = cells.get(id);
    const value = cell instanceof ValueCell ? cell.value?.value : undefined;
    return typeof value === 'number' ? value : undefined;
  };
  const output = cells.get(2);
  const closed = !isValue(output) || output.value?.value !== false;
  const state = STATES[numberIn(3) ?? (closed ? 1 : 0)] ?? 'connected';
  const relay = relayIn(state, numberIn(4) ?? REMOTE_ONLY);
  const target = (id: number) => `${entry.class}:${entry.logicalName}:${id}`;
  if (cells.has(2))
    cells.set(
      2,
      liveCell(target(2), () => boolValue(relay.connected)),
    );
  if (cells.has(3))
    cells.set(
      3,
      liveCell(target(3), () => enumValue(STATES.indexOf(relay.state))),
    );
  const mode = cells.get(4);
  if (mode !== undefined) {
    cells.set(4, {
      read: (selection) => mode.read(selection),
      write: (value) => {
        relay.setMode(enumNumber.decode(value), 0);
        mode.write(value);
      },
    });
  }
  methods.set(1, (_, now) => relay.remoteDisconnect(now));
  methods.set(2, (_, now) => relay.remoteReconnect(now));
}

function relayIn(state: ControlState, mode: number): SupplyRelay {
  const relay = new SupplyRelay();
  relay.setMode(REMOTE_ONLY, 0);
  if (state === 'disconnected') relay.remoteDisconnect(0);
  if (state === 'ready-for-reconnection') relay.localDisconnect(0);
  // Mode 0 closes the relay. A relay that was recorded open in mode 0 must stay open.
  if (mode !== 0 || state === 'connected') relay.setMode(mode, 0);
  return relay;
}
