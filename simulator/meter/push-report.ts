import { logicalNameToBytes } from '../../src/base/obis.js';
import type { Data } from '../../src/codec/data.js';
import type { CaptureColumn } from '../../src/companion/companion.js';
import type { DataNotification, InformationReport } from '../../src/contracts/services.js';
import type { LogicalDevice } from '../../src/server/logical-device.js';

/** Client whose association sees every object that is pushed: base names are the same for all clients. */
const SEES_ALL = 48;

/** A push of a meter that has short names alone: the same values, each under the short name of its attribute. */
export function pushReport(
  device: LogicalDevice,
  { body }: DataNotification,
  objects: readonly CaptureColumn[],
): InformationReport {
  const pushed: readonly Data[] = body.type === 'structure' ? body.value : [];
  const names: number[] = [];
  const values: Data[] = [];
  objects.forEach(({ classId, logicalName, attributeIndex }, i) => {
    const instanceId = logicalNameToBytes(logicalName);
    const name = device.shortNameOf({ classId, instanceId, attributeId: attributeIndex }, SEES_ALL);
    const value = pushed[i];
    if (name === undefined || value === undefined) return;
    names.push(name);
    values.push(value);
  });
  return { type: 'information-report-request', names, values };
}
