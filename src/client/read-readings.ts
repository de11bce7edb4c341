import type { AccessError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { LogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import type { CosemDateTime } from '../codec/datetime.js';
import { data } from '../codec/types.js';
import { isMoney, type ReadingSpec } from '../companion/companion.js';
import type { AttributeRef } from '../cosem/class.js';
import { DemandRegister, ExtendedRegister } from '../cosem/classes/storage.js';
import type { ValueKind } from '../cosem/plausible.js';
import { outcomesOf } from './calls.js';
import type { KnownMeter } from './known-meter.js';
import type { CallOptions } from './meter-calls.js';
import type { Outcome } from './outcome.js';
import { declaredDateTime, Reading, type ScalerUnit } from './readings.js';
import { notListed, notReadable } from './refusal.js';

/** The attributes of registers that say how and when their value was captured, by class. */
const CAPTURED: ReadonlyMap<number, { readonly value: number; readonly status: number; readonly time: number }> =
  new Map(
    [
      { id: ExtendedRegister.id, attributes: ExtendedRegister.attributes, value: ExtendedRegister.attributes.value },
      {
        id: DemandRegister.id,
        attributes: DemandRegister.attributes,
        value: DemandRegister.attributes.lastAverageValue,
      },
    ].map(({ id, attributes: { status, captureTime }, value }) => [
      id,
      { value: value.id, status: status.id, time: captureTime.id },
    ]),
  );

interface Capture {
  readonly time?: CosemDateTime;
  readonly status?: Data;
}

/** A value, and the name at which it was found. */
interface Found {
  readonly name: LogicalName;
  readonly value: Data;
}

/** Reads the values of the specs, alternatives where the first name gives nothing, and scaler and unit where there are any. */
export async function readReadings(
  meter: KnownMeter,
  specs: readonly ReadingSpec[],
  options?: CallOptions,
): Promise<Outcome<Reading>[]> {
  const found = await readValues(meter, specs, options);
  const registers = specs.flatMap((spec, i) => {
    const outcome = found[i];
    return spec.scalerUnit !== undefined && outcome?.ok === true ? [at(spec.scalerUnit, outcome.value.name)] : [];
  });
  const scalers = new Map<string, ScalerUnit | undefined>();
  (await meter.scalerUnits(registers, options)).forEach((scaler, i) => {
    scalers.set((registers[i] as AttributeRef<ScalerUnit>).logicalName, scaler);
  });
  const moments = captures(specs, found);
  return specs.map((spec, i) => {
    const outcome = found[i] as Outcome<Found>;
    if (!outcome.ok) return outcome;
    const { name, value } = outcome.value;
    const { classId, attributeId } = spec.attribute;
    const known = spec.scalerUnit === undefined ? spec.fixed : (scalers.get(name) ?? ('unknown' as const));
    const scaler = given({ scalerUnit: known });
    const presentation = given({ presentation: spec.presentation });
    const parts = { classId, logicalName: name, attributeId, name: spec.title, data: value };
    const moment = attributeId === CAPTURED.get(classId)?.value ? moments.get(name) : undefined;
    return { ok: true, value: new Reading({ ...parts, ...scaler, ...presentation, ...moment }) };
  });
}

async function readValues(
  meter: KnownMeter,
  specs: readonly ReadingSpec[],
  options: CallOptions | undefined,
): Promise<Outcome<Found>[]> {
  const outcomes: Outcome<Found>[] = [];
  const shown = await shownBy(meter, specs);
  let open = specs.map((spec, index) => ({ spec, index, name: spec.attribute.logicalName }));
  for (let round = 0; open.length > 0; round++) {
    const asked = open.filter(({ spec, name }) => shown?.(at(spec.attribute, name)) === undefined);
    const refs = asked.map(({ spec, name }) => ({ ...at(spec.attribute, name, data), kind: kindOf(spec) }));
    const values = await meter.run((session) => outcomesOf(session, refs, true), options);
    const again: typeof open = [];
    open.forEach((item) => {
      const { spec, index, name } = item;
      const place = asked.indexOf(item);
      const outcome: Outcome<Data> =
        place < 0
          ? { ok: false, error: shown?.(at(spec.attribute, name)) as AccessError }
          : (values[place] as Outcome<Data>);
      const next = spec.alternatives?.[round];
      if (outcome.ok) outcomes[index] = { ok: true, value: { name, value: outcome.value } };
      else {
        // The outcome of the first name counts, because that is the present standard.
        outcomes[index] ??= outcome;
        if (next !== undefined) again.push({ spec, index, name: next });
      }
    });
    open = again;
  }
  return outcomes;
}

/** Up to this many requests are sent without looking at the object list, because asking who the meter is costs as much. */
const FEW = 5;

/**
 * Why the object list says that an attribute cannot be read, where the list is already known. A list in which none of the wanted objects is
 * found is not trusted.
 */
async function shownBy(
  meter: KnownMeter,
  specs: readonly ReadingSpec[],
): Promise<((ref: AttributeRef<unknown>) => AccessError | undefined) | undefined> {
  const list = specs.length < FEW ? undefined : await meter.knownObjects();
  const objects = new Map(list?.map((object) => [object.logicalName, object]));
  if (!specs.some(({ attribute }) => objects.has(attribute.logicalName))) return undefined;
  return (ref) => {
    const object = objects.get(ref.logicalName);
    if (object === undefined) return notListed(ref);
    const attribute = object.attributes.find(({ id }) => id === ref.attributeId);
    return attribute?.readable === false ? notReadable(ref, attribute.access) : undefined;
  };
}

/** What a specification says about a value in addition to its class. */
function kindOf({ presentation, fixed }: ReadingSpec): ValueKind | undefined {
  if (isMoney(presentation)) return 'number';
  return presentation ?? (fixed === undefined ? undefined : 'number');
}

/** Status and capture time of extended and demand registers, where they were read together with the value. */
function captures(specs: readonly ReadingSpec[], found: readonly Outcome<Found>[]): Map<LogicalName, Capture> {
  const moments = new Map<LogicalName, Capture>();
  specs.forEach(({ attribute }, i) => {
    const outcome = found[i];
    const ids = CAPTURED.get(attribute.classId);
    if (ids === undefined || outcome?.ok !== true) return;
    const { name, value } = outcome.value;
    const time = attribute.attributeId === ids.time ? declaredDateTime(value) : undefined;
    const status = attribute.attributeId === ids.status && value.type !== 'null-data' ? value : undefined;
    moments.set(name, {
      ...moments.get(name),
      ...given({ time, status }),
    });
  });
  return moments;
}

function at<T>(ref: AttributeRef<unknown>, name: LogicalName, type: AttributeRef<T>['type']): AttributeRef<T>;
function at<T>(ref: AttributeRef<T>, name: LogicalName): AttributeRef<T>;
function at(ref: AttributeRef<unknown>, name: LogicalName, type = ref.type): AttributeRef<unknown> {
  return { ...ref, logicalName: name, type };
}
