/** Registers as COSEM objects over the quantities of a meter. */

import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { textOctets } from '../../src/codec/make.js';
import type { ExtendedRegister, Register } from '../../src/cosem/classes/storage.js';
import type { Implementation } from '../../src/cosem/implementation.js';
import type { Core } from './core.js';
import type { Quantities } from './quantities.js';
import type { Quantity, ValueMoment } from './values.js';

export function register(core: Core, quantity: Quantity): Implementation<typeof Register> {
  return {
    value: () => quantity.valueAt(momentOf(core, quantity)),
    scalerUnit: { scaler: quantity.scaler, unit: quantity.unit },
  };
}

const OK: Data = textOctets('OK');

/** A maximum demand as an object. Only the total can be reset by itself, and its time zones are then reset with it. */
export function extendedRegister(
  core: Core,
  quantity: Quantities['demands'][number],
): Implementation<typeof ExtendedRegister> {
  return {
    ...register(core, quantity),
    status: OK,
    captureTime: () => {
      const time = quantity.timeAt?.(momentOf(core, quantity));
      return time?.type === 'octet-string' ? CosemDateTime.fromBytes(time.value) : new CosemDateTime();
    },
    reset: () => core.demand.reset(quantity.demand, core.catchUp()),
  };
}

/** The moment that a reading outside a profile stands for. */
function momentOf(core: Core, { present }: Quantity): ValueMoment {
  const now = core.catchUp();
  return present?.(now) ?? { at: now, since: now };
}
