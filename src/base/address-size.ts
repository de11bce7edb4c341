/** How many octets an HDLC address needs at least (IEC 62056-46 6.4.2.2): one for the upper part alone, two or four with a lower part. */
export function leastAddressSize(server: number, lower: number | undefined): 1 | 2 | 4 {
  return lower === undefined ? 1 : server > 0x7f || lower > 0x7f ? 4 : 2;
}
