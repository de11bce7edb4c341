/** What quirks change in a category: object rights, columns of profiles, push lists. */

import {
  type CaptureColumn,
  type Category,
  columns,
  type ObjectAccess,
  type ObjectSpec,
  type ProfileSpec,
  type PushSpec,
} from '../../src/companion/companion.js';
import type { QuirkName } from './quirks.js';

const BLOCK_SCALERS = '1.0.94.91.4.255';
const LOG_OTHERS = '0.0.99.98.4.255';
const ACTIVE_IMPORT = '1.0.1.8.0.255';
const APPARENT_IMPORT = '1.0.9.8.0.255';
const SECRET = 7;

/** A category as a meter with these quirks shows it. */
export function categoryWith(category: Category, quirks: ReadonlySet<QuirkName>): Category {
  const has = (name: QuirkName) => quirks.has(name);
  return {
    ...category,
    objects: has('readable-secrets') ? category.objects.map(withReadableSecret) : category.objects,
    profiles: category.profiles.map((profile) => {
      if (has('swapped-scalers') && profile.logicalName === BLOCK_SCALERS) return withSwappedPhases(profile);
      return has('kvah-in-others') && profile.logicalName === LOG_OTHERS ? withApparentEnergy(profile) : profile;
    }),
    pushSetups: category.pushSetups.map((push) => {
      if (has('single-phase-push-list') && push.logicalName === '0.0.25.9.0.255') return asSinglePhase(push);
      return has('message-to-nowhere') && push.logicalName === '0.2.25.9.0.255' ? toNowhere(push) : push;
    }),
  };
}

/** Which clients can read the secret of which association in the reference meter. */
const READERS: Readonly<Record<string, readonly number[]>> = {
  '0.0.40.0.0.255': [32, 48, 80],
  '0.0.40.0.2.255': [32],
  '0.0.40.0.3.255': [48],
  '0.0.40.0.5.255': [80],
};
/** In the same meter, firmware upgrade can read its secret but not write it. */
const NOT_WRITERS = [80];

function withReadableSecret(object: ObjectSpec): ObjectSpec {
  const readers = READERS[object.logicalName];
  if (readers === undefined) return object;
  const access = [...object.access].map(([client, may]): [number, ObjectAccess] => {
    if (!readers.includes(client)) return [client, may];
    const write = NOT_WRITERS.includes(client) ? may.write.filter((id) => id !== SECRET) : may.write;
    return [client, { ...may, read: [...may.read, SECRET].sort((a, b) => a - b), write }];
  });
  return { ...object, access: new Map(access) };
}

/** Swaps the columns R, Y, B to Y, R, B. */
function withSwappedPhases(profile: ProfileSpec): ProfileSpec {
  const swapped: Readonly<Record<string, string>> = { 31: '51', 51: '31', 32: '52', 52: '32' };
  const list = profile.columns.map((column) => {
    const groups = column.logicalName.split('.');
    groups[2] = swapped[groups[2] ?? ''] ?? (groups[2] as string);
    return { ...column, logicalName: groups.join('.') };
  });
  return { ...profile, columns: list, sortObject: list[0] as CaptureColumn };
}

function withApparentEnergy(profile: ProfileSpec): ProfileSpec {
  const list = profile.columns.map((column) =>
    column.logicalName === ACTIVE_IMPORT ? { ...column, logicalName: APPARENT_IMPORT } : column,
  );
  return { ...profile, columns: list };
}

function asSinglePhase(push: PushSpec): PushSpec {
  const values =
    '3:1.0.12.7.0:2 3:1.0.11.7.0:2 3:1.0.91.7.0:2 3:1.0.13.7.0:2 3:1.0.14.7.0:2 3:1.0.9.7.0:2 3:1.0.1.7.0:2';
  const energies = '3:1.0.1.8.0:2 3:1.0.9.8.0:2 4:1.0.1.6.0:2';
  return { ...push, objects: [...push.objects.slice(0, 3), ...columns(`${values} ${energies}`)] };
}

function toNowhere(push: PushSpec): PushSpec {
  return { ...push, objects: [...push.objects.slice(0, -1), ...columns('1:0.0.96.13.2:2')] };
}
