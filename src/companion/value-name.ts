import type { LogicalName } from '../base/obis.js';
import { describeLogicalName } from '../cosem/names.js';
import { type Companion, valueTitle } from './companion.js';
import { generic } from './generic.js';

/**
 * What a value of a meter is called: as its companion specification names it, else as any meter has it, else by its logical name. `1.0.32.7.0.255` is `Voltage R`
 * in India and `Voltage L1` where nothing is known of the meter.
 * @param companion what the meter follows; undefined where that is not known.
 */
export function valueName(
  companion: Companion | undefined,
  value: { readonly logicalName: LogicalName; readonly attributeId: number },
): string {
  return (
    (companion && valueTitle(companion, value)) ??
    valueTitle(generic, value) ??
    describeLogicalName(value.logicalName) ??
    value.logicalName
  );
}
