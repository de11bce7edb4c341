/** What of an object is a secret: passwords, PINs, keys, tokens. Classes say it in their declaration, and nothing else does. Whoever masks asks here. */

import { classes } from './registry.js';

/** One secret of a class: an attribute, or a method whose parameter or answer is secret. */
export interface SecretMember {
  /** class_id. */
  readonly classId: number;
  /** The Blue Book's name of the class. */
  readonly className: string;
  /** Which of the two it is. */
  readonly kind: 'attribute' | 'method';
  /** Its id in the class. */
  readonly id: number;
  /** With underscores, as the Blue Book writes names. */
  readonly name: string;
}

function declared(): SecretMember[] {
  const members = classes.flatMap(({ id: classId, name: className, attributes, methods, extras }) => [
    ...Object.entries({ ...attributes, ...extras }).flatMap(([name, { id, secret }]) =>
      secret === true ? [{ classId, className, kind: 'attribute' as const, id, name: snakeCase(name) }] : [],
    ),
    ...Object.entries(methods).flatMap(([name, { id, secret }]) =>
      secret === true ? [{ classId, className, kind: 'method' as const, id, name: snakeCase(name) }] : [],
    ),
  ]);
  // Of the versions of a class the newest names it.
  return [...new Map(members.map((member) => [keyOf(member), member])).values()];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function keyOf({ classId, kind, id }: Pick<SecretMember, 'classId' | 'kind' | 'id'>): string {
  return `${classId} ${kind} ${id}`;
}

/** All secrets, by class. */
export const secretMembers: readonly SecretMember[] = declared().sort(
  (a, b) => a.classId - b.classId || a.kind.localeCompare(b.kind) || a.id - b.id,
);

const KEYS: ReadonlySet<string> = new Set(secretMembers.map(keyOf));
const CLASSES: ReadonlySet<number> = new Set(
  secretMembers.filter(({ kind }) => kind === 'attribute').map(({ classId }) => classId),
);

/** Whether an attribute is a secret by its class, in any version. Attribute 0 is all of them. */
export function isSecretAttribute(classId: number, attributeId: number): boolean {
  return attributeId === 0 ? CLASSES.has(classId) : KEYS.has(keyOf({ classId, kind: 'attribute', id: attributeId }));
}

/** Whether what a method takes or gives is a secret by its class, in any version. */
export function isSecretMethod(classId: number, methodId: number): boolean {
  return KEYS.has(keyOf({ classId, kind: 'method', id: methodId }));
}
