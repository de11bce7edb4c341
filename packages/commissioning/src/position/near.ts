/** A position beside the one that is expected. */

import { refuse } from '../refused.js';
import { type StepContext, writtenReason } from '../step/context.js';
import type { Position } from '../work-order.js';
import { metresBetween } from './fix.js';
import type { PositionOrigin } from './origin.js';

/** A position that was given, and where it came from; typed where that is left out. */
export interface GivenPosition {
  readonly position?: Position | undefined;
  readonly origin?: PositionOrigin | undefined;
  /** Why it is far from the expected one. */
  readonly explanation?: string | undefined;
}

/**
 * Where a position came from, and how far it is from the expected one.
 * @param expected the position that is taken where none is given, and whose it is.
 * @throws RefusedError where it is far from there, and nothing explains it.
 */
export function originNear(
  context: Pick<StepContext, 'policy'>,
  { position, origin = { by: 'typed' }, explanation }: GivenPosition,
  expected: { readonly position: Position; readonly by: 'order' | 'survey' } | undefined,
): PositionOrigin | undefined {
  if (position === undefined) return expected && { by: expected.by };
  if (expected === undefined) return origin;
  const metres = Math.round(metresBetween(position, expected.position));
  const most = context.policy.position.farthest;
  if (metres <= most) return { ...origin, metres };
  if (explanation === undefined) refuse('position-far', { metres, most });
  return { ...origin, metres, explanation: writtenReason(explanation, context) };
}
