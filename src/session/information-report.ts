import { given } from '../base/given.js';
import type { Data } from '../codec/data.js';
import type { CosemDateTime } from '../codec/datetime.js';
import { writeGeneralizedTime } from '../codec/generalized-time.js';
import type { InformationReport } from '../contracts/services.js';

/** Attributes that a server with short names reports by itself, with the time where it is to be told. */
export function informationReport(
  names: readonly number[],
  values: readonly Data[],
  time: CosemDateTime | undefined,
): InformationReport {
  const currentTime = time && writeGeneralizedTime(time);
  return { type: 'information-report-request', ...given({ currentTime }), names, values };
}
