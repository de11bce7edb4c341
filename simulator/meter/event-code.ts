import type { Data } from '../../src/codec/data.js';
import { enumValue, u16 } from '../../src/codec/make.js';
import type { MeterModel } from './model.js';

/** An event code as the meter sends it. */
export function eventCode(code: number, { quirks }: MeterModel): Data {
  return quirks.has('event-code-enum') ? enumValue(code & 0xff) : u16(code);
}
