/** How the modem of a meter sees its network. */

import { Decimal } from '../../codec/decimal.js';
import { data } from '../../codec/types.js';
import { clientObject } from '../../cosem/class.js';
import { GsmDiagnosticV1 } from '../../cosem/classes/communication.js';
import type { Meter } from '../meter.js';
import type { CallOptions } from '../meter-calls.js';
import type { SupplySignal } from './evidence.js';

const MODEM = clientObject(GsmDiagnosticV1, '0.0.25.6.0.255');
/** Place of the signal in `cell_info`, the same in all versions of the class. */
const SIGNAL = 2;
/** 3GPP TS 27.007: 99 is not known. */
const HIGHEST = 31;
/** Registered at home, or roaming. */
const REGISTERED = [1, 5];
/** Not registered: not looking, looking, denied. */
const NOT_REGISTERED = [0, 2, 3];

/** Undefined where the meter has no such object, or does not show it. */
export async function readSignal(meter: Meter, options: CallOptions): Promise<SupplySignal | undefined> {
  // The length of `cell_info` differs between versions: a signal is a signal in each.
  const [cell, status] = await meter.tryGetAll([{ ...MODEM.cellInfo, type: data }, MODEM.status] as const, options);
  const parts = cell.ok && cell.value.type === 'structure' ? cell.value.value : [];
  const told = parts[SIGNAL] === undefined ? undefined : Decimal.of(parts[SIGNAL]);
  const quality = told === undefined ? undefined : Number(told.toString());
  const level =
    quality !== undefined && Number.isInteger(quality) && quality >= 0 && quality <= HIGHEST
      ? 2 * quality - 113
      : undefined;
  const registered = !status.ok
    ? undefined
    : REGISTERED.includes(status.value)
      ? true
      : NOT_REGISTERED.includes(status.value)
        ? false
        : undefined;
  return level === undefined && registered === undefined ? undefined : { level, registered };
}
