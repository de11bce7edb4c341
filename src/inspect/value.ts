import { Reader } from '../base/cursor.js';
import { logicalNameToBytes } from '../base/obis.js';
import { encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import type { Companion } from '../companion/companion.js';
import type { AttributeRef } from '../cosem/class.js';
import { dataNode } from './data-node.js';
import { type InspectNode, seal } from './node.js';
import { typeOf } from './words.js';

/**
 * A value as a tree: each element with its wire type, and with the names and meanings that the class of the attribute gives to it.
 *
 * @example
 * ```ts
 * console.log(renderText(inspectValue(data, { classId: 8, logicalName: '0.0.1.0.0.255', attributeId: 2 })));
 * ```
 * @throws StateError when the value cannot be encoded.
 */
export function inspectValue(
  value: Data,
  attribute?: Pick<AttributeRef<unknown>, 'classId' | 'logicalName' | 'attributeId'>,
  companion?: Companion,
): InspectNode {
  const bytes = encodeData(value);
  const type =
    attribute === undefined
      ? undefined
      : typeOf(
          {
            kind: 'attribute',
            classId: attribute.classId,
            instanceId: logicalNameToBytes(attribute.logicalName),
            id: attribute.attributeId,
          },
          value,
        );
  return seal({ draft: dataNode(new Reader(bytes), 'value', type, companion), bytes });
}
