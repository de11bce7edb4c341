import type { OctetSource } from '../contracts/octet-source.js';
import type { AttributeAccess } from '../cosem/implementation.js';
import type { NoSelectors, SelectionOf, Selectors } from '../cosem/selection.js';

/** An attribute that gives its encoding instead of its value: long ones, made piece by piece or kept ready. */
export interface OctetAttribute<T, S extends Selectors = NoSelectors> extends AttributeAccess<T, S> {
  /**
   * The A-XDR encoding of the data, or of the part that is selected.
   * @throws AccessError, DecodeError when the selection makes no sense.
   */
  octets(selection: SelectionOf<S> | undefined): OctetSource;
}

/** Whether an attribute can give its encoding. */
export function isOctetAttribute<T, S extends Selectors>(
  access: AttributeAccess<T, S>,
): access is OctetAttribute<T, S> {
  return 'octets' in access;
}
