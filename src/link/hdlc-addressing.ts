import { isAllStation, isCalling } from './hdlc-config.js';
import { addressText, type HdlcAddress, type HdlcFrame } from './hdlc-frame.js';

/** Whether a client hears what is sent to an address: its own, or that of all stations. */
export function hears({ size, upper }: HdlcAddress, us: HdlcAddress): boolean {
  return size === 1 && (upper === us.upper || isAllStation(upper, size));
}

/** Whether a frame answers the client `us` that asked the server `them`. */
export function isAnswer({ destination, source }: HdlcFrame, us: HdlcAddress, them: HdlcAddress): boolean {
  if (destination.size !== 1 || destination.upper !== us.upper) return false;
  const { upper, lower, size } = them;
  if (source.upper !== upper) return false;
  if (lower === undefined || source.lower === undefined || source.lower === lower) return true;
  // A server that was called by a shared address answers with its own.
  return isCalling(lower, size) || isAllStation(lower, size);
}

/** Says whose frame it is that is not for `us`, and which server we asked. */
export function notOurs({ destination, source }: HdlcFrame, us: HdlcAddress, them: HdlcAddress): string {
  const said = `from server ${addressText(source)} for client ${addressText(destination)}`;
  return `it is ${said}; server ${addressText(them)} was asked by client ${addressText(us)}`;
}
