/**
 * What of an object is a secret: passwords, PINs, keys, tokens. Classes say it in their declaration; for classes that this library does not
 * declare it stands here. Whoever masks asks here.
 */

import { classes } from './registry.js';

/** An attribute, or a method whose parameter or answer is one. */
export interface SecretMember {
  readonly classId: number;
  readonly className: string;
  readonly kind: 'attribute' | 'method';
  readonly id: number;
  /** As the Blue Book writes it. */
  readonly name: string;
}

type Undeclared = readonly [classId: number, className: string, kind: SecretMember['kind'], id: number, name: string];

/** Of classes without a declaration in this library. */
const UNDECLARED: readonly Undeclared[] = [
  // Versions and makers differ: too much is masked before too little.
  [12, 'Association SN', 'attribute', 7, 'secret'],
  [12, 'Association SN', 'method', 5, 'change_secret'],
  [12, 'Association SN', 'method', 8, 'reply_to_HLS_authentication'],
  [19, 'IEC local port setup', 'attribute', 7, 'pass_p1'],
  [19, 'IEC local port setup', 'attribute', 8, 'pass_p2'],
  [19, 'IEC local port setup', 'attribute', 9, 'pass_w5'],
  [44, 'PPP setup', 'attribute', 5, 'PPP_authentication'],
  [46, 'SMTP setup', 'attribute', 4, 'login_password'],
  [72, 'M-Bus client', 'method', 7, 'set_encryption_key'],
  [72, 'M-Bus client', 'method', 8, 'transfer_key'],
  [91, 'G3-PLC MAC setup', 'attribute', 5, 'mac_key_table'],
  [100, 'NTP setup', 'attribute', 6, 'authentication_keys'],
  [100, 'NTP setup', 'attribute', 7, 'client_key'],
  [100, 'NTP setup', 'method', 2, 'add_authentication_key'],
  [101, 'ZigBee SAS startup', 'attribute', 10, 'link_key'],
  [101, 'ZigBee SAS startup', 'attribute', 11, 'network_key'],
  [115, 'Token gateway', 'attribute', 2, 'token'],
  [115, 'Token gateway', 'method', 1, 'enter'],
];

function declared(): SecretMember[] {
  const members = classes.flatMap(({ id: classId, name: className, attributes, methods }) => [
    ...Object.entries(attributes).flatMap(([name, { id, secret }]) =>
      secret ? [{ classId, className, kind: 'attribute' as const, id, name: snakeCase(name) }] : [],
    ),
    ...Object.entries(methods).flatMap(([name, { id, secret }]) =>
      secret ? [{ classId, className, kind: 'method' as const, id, name: snakeCase(name) }] : [],
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

/** All of them, by class. */
export const secretMembers: readonly SecretMember[] = [
  ...declared(),
  ...UNDECLARED.map(([classId, className, kind, id, name]) => ({ classId, className, kind, id, name })),
].sort((a, b) => a.classId - b.classId || a.kind.localeCompare(b.kind) || a.id - b.id);

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
