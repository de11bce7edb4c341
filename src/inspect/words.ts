/** The numbers and names of the protocol in words: classes, attributes, objects. */

import { logicalNameFromBytes } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import type { Type } from '../codec/type.js';
import { type Companion, objectTitle } from '../companion/companion.js';
import { generic } from '../companion/generic.js';
import type { CosemClass } from '../cosem/class.js';
import { classes, className } from '../cosem/registry.js';
import { isSecretAttribute, isSecretMethod } from '../cosem/secrets.js';

/** An attribute, or a method with its parameter or its return value. */
export interface Target {
  readonly kind: 'attribute' | 'parameter' | 'returned';
  readonly classId: number;
  readonly instanceId: Uint8Array;
  readonly id: number;
}

/** `1.0.1.8.0.255 Active energy import`. */
export function objectText(instanceId: Uint8Array, companion: Companion = generic): string {
  const name = logicalNameFromBytes(instanceId);
  const title = objectTitle(companion, name);
  return title === undefined ? name : `${name} ${title}`;
}

/** `Clock 0.0.1.0.0.255: time`. */
export function targetText({ kind, classId, instanceId, id }: Target): string {
  const [what, name] =
    kind === 'attribute' ? (['attribute', attributeName] as const) : (['method', methodName] as const);
  return `${className(classId)} ${objectText(instanceId)}: ${name(classId, id) ?? `${what} ${id}`}`;
}

/** Name of an attribute, `all attributes` for 0; undefined where no version of the class has it. */
export function attributeName(classId: number, id: number): string | undefined {
  if (id === 0) return 'all attributes';
  return newestFirst(classId)
    .find(({ attributeNames }) => attributeNames.has(id))
    ?.attributeNames.get(id);
}

/** Name of a method; undefined where no version of the class has it. */
export function methodName(classId: number, id: number): string | undefined {
  return newestFirst(classId)
    .find(({ methodNames }) => methodNames.has(id))
    ?.methodNames.get(id);
}

/** The declared type of a value, from the newest version of the class that it fits. */
export function typeOf(target: Target, value: Data): Type<unknown> | undefined {
  for (const cosem of newestFirst(target.classId)) {
    const type = declaredType(cosem, target);
    if (type !== undefined && fits(type, value)) return type;
  }
  return undefined;
}

function declaredType(cosem: CosemClass, { kind, id }: Target): Type<unknown> | undefined {
  if (kind === 'attribute') return Object.values(cosem.attributes).find((attribute) => attribute.id === id)?.type;
  const method = Object.values(cosem.methods).find((candidate) => candidate.id === id);
  return kind === 'parameter' ? method?.parameter : method?.returns;
}

function fits(type: Type<unknown>, value: Data): boolean {
  try {
    type.decode(value);
    return true;
  } catch {
    return false;
  }
}

function newestFirst(classId: number): readonly CosemClass[] {
  return classes.filter(({ id }) => id === classId).toReversed();
}

/** Whether a value is secret and must not be shown where secrets are masked. */
export function isSecret({ kind, classId, id }: Target): boolean {
  return kind === 'attribute' ? isSecretAttribute(classId, id) : isSecretMethod(classId, id);
}
