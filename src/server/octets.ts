import type { OctetSource } from '../contracts/octet-source.js';
import type { AttributeAccess, Selection } from '../cosem/class.js';

/** An attribute that gives its encoding instead of its value: long ones, made piece by piece or kept ready. */
export interface OctetAttribute<T> extends AttributeAccess<T> {
  /**
   * The A-XDR encoding of the data, or of the part that is selected.
   * @throws AccessError, DecodeError when the selection makes no sense.
   */
  octets(selection: Selection | undefined): OctetSource;
  /** Selectors of selective access that it understands. */
  readonly selectors?: readonly number[];
}

/** Whether an attribute can give its encoding. */
export function isOctetAttribute<T>(access: AttributeAccess<T>): access is OctetAttribute<T> {
  return 'octets' in access;
}
