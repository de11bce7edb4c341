/** The photos of a step. */

import { MOST_PHOTOS, type Photo, type PhotoInput, type PhotoKind, type PhotoStore } from '../photo/photo.js';
import type { Policy } from '../policy.js';
import { refuse } from '../refused.js';
import type { WorkOrder } from '../work-order.js';

/** How many photos of a kind the policy wants. */
export function photosWanted({ photos }: Pick<Policy, 'photos'>, kind: PhotoKind): number {
  const { oldMeter, newMeter, seal, site } = photos;
  return { 'old-meter': oldMeter, 'new-meter': newMeter, seal, site }[kind];
}

/**
 * Checks that there are as many photos as the policy wants, and keeps them.
 * @param kinds the kinds of this step.
 * @throws RefusedError when one is missing, is no photo or is too large; StorageError.
 */
export function takePhotos(
  { order, policy }: { readonly order: Pick<WorkOrder, 'id'>; readonly policy: Pick<Policy, 'photos'> },
  store: PhotoStore | undefined,
  kinds: readonly PhotoKind[],
  inputs: readonly PhotoInput[] = [],
): readonly Photo[] {
  for (const kind of kinds) {
    const count = inputs.filter((input) => input.kind === kind).length;
    const least = photosWanted(policy, kind);
    if (count < least) refuse('photos-too-few', { kind: `photo-kind-${kind}`, least, count });
    if (count > MOST_PHOTOS) refuse('photos-too-many', { kind: `photo-kind-${kind}`, most: MOST_PHOTOS, count });
  }
  const photos = inputs.filter(({ kind }) => kinds.includes(kind));
  if (store === undefined) return photos.length === 0 ? [] : refuse('photos-not-kept');
  return photos.map((photo) => store.add(order.id, photo, policy.photos.largest));
}
