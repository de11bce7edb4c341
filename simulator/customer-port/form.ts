import type { CosemDateTime } from '../../src/codec/datetime.js';
import type { PortRegisters } from './registers.js';

/** What a port tells at one moment. */
export interface PortMoment {
  /** The registers at that moment. */
  readonly registers: PortRegisters;
  /** The serial number of the meter. */
  readonly serial: string;
  /** The meter's own time. */
  readonly time: CosemDateTime;
}
