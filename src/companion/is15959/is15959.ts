/** IS 15959 (India): Part 2, direct connected smart meters of IS 16444-1, and what is known of the CT-operated meters of Part 3. */

import type { LogicalName } from '../../base/obis.js';
import type { Category, Companion } from '../companion.js';
import { associations } from './associations.js';
import { eventOf, statusBitMeaning } from './events.js';
import { ctOperatedObjects, singlePhaseObjects, threePhaseObjects } from './objects.js';
import {
  ctOperatedProfiles,
  singlePhaseProfiles,
  singlePhasePushes,
  threePhaseProfiles,
  threePhasePushes,
} from './profiles.js';
import { type Is15959Topic, olderPrepaidName, PREPAID, readings } from './readings.js';

export const singlePhase: Category = {
  key: 'D1',
  title: 'single phase',
  objects: singlePhaseObjects(singlePhaseProfiles, singlePhasePushes),
  profiles: singlePhaseProfiles,
  pushSetups: singlePhasePushes,
};

export const threePhase: Category = {
  key: 'D2',
  title: 'three phase, whole current',
  objects: threePhaseObjects(threePhaseProfiles, threePhasePushes),
  profiles: threePhaseProfiles,
  pushSetups: threePhasePushes,
};

export const ctOperated: Category = {
  key: 'D3',
  title: 'three phase, CT operated',
  objects: ctOperatedObjects(ctOperatedProfiles, threePhasePushes),
  profiles: ctOperatedProfiles,
  pushSetups: threePhasePushes,
};

const titles: ReadonlyMap<LogicalName, string> = objectTitles();

function objectTitles(): Map<LogicalName, string> {
  const found = new Map<LogicalName, string>();
  for (const { objects } of [ctOperated, threePhase, singlePhase]) {
    for (const { logicalName, title } of objects) found.set(logicalName, title);
  }
  for (const name of Object.values(PREPAID)) found.set(olderPrepaidName(name), found.get(name) ?? '');
  return found;
}

/** IS 15959 Part 2 (India): associations, object lists, profiles, readings and events of Indian smart meters. */
export const is15959: Companion<Is15959Topic> = {
  id: 'is15959',
  title: 'IS 15959 Part 2 (India)',
  serverSap: 1,
  associations,
  categories: [singlePhase, threePhase, ctOperated],
  readings,
  objectTitle: (name) => titles.get(name),
  event: eventOf,
  statusBit: statusBitMeaning,
};
