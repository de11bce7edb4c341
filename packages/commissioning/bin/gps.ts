/** `--gps`: a receiver on a serial port, or behind gpsd. */

import { type Clock, systemClock, type Transport } from 'cosem';
import { type Io, UsageError } from 'cosem/command';
import { serial, tcp } from 'cosem/node';
import { type Fix, type Policy, type Refusal, RefusedError, readReceiver } from '../src/index.js';
import type { Show } from './show.js';

/** The port of gpsd, as IANA has it. */
const GPSD_PORT = 2947;
/** What most receivers on USB send at; older ones at 4800. */
const BAUD = 9600;

/** Reads a receiver: a fix that is believed, or why there is none. */
export type Gps = () => Promise<Fix | Refusal>;

/** @param told the value of `--gps`: `/dev/ttyUSB1`, `/dev/ttyUSB1@4800`, `COM5`, `gpsd`, `gpsd:10.0.0.9:2947`. @throws UsageError */
export function gpsOf(told: unknown, io: Io, policy: Policy, clock: Clock = systemClock): Gps | undefined {
  if (typeof told !== 'string') return undefined;
  const { kind, open } = placeOf(told, io);
  return async () => {
    try {
      return await readReceiver(open(), { kind, clock, limits: policy.position, signal: io.signal });
    } catch (error) {
      if (error instanceof RefusedError) return error.refusal;
      throw error;
    }
  };
}

/** What a receiver gives, or why it is not believed, is told. @returns undefined where a person has to say the position. */
export async function shownFix(gps: Gps | undefined, show: Show): Promise<Fix | undefined> {
  if (gps === undefined) return undefined;
  show.progress('gps');
  const found = await gps();
  show.endProgress();
  if (!('code' in found)) {
    show.gps(found);
    return found;
  }
  show.refused(found);
  return undefined;
}

function placeOf(told: string, { lines }: Io): { readonly kind: Fix['receiver']; readonly open: () => Transport } {
  const daemon = /^gpsd(?::([A-Za-z0-9.-]+)(?::(\d{1,5}))?)?$/.exec(told);
  if (daemon !== null) {
    const [host, port] = [daemon[1] ?? '127.0.0.1', Number(daemon[2] ?? GPSD_PORT)];
    if (port < 1 || port > 65_535)
      throw new UsageError(`--gps ${told}: there is no such port`, 'usual is gpsd:127.0.0.1:2947');
    return { kind: 'gpsd', open: () => lines?.(`${host}:${port}`) ?? tcp(host, port) };
  }
  const [, path = '', baud] = /^(.+?)(?:@(\d+))?$/.exec(told) ?? [];
  const baudRate = Number(baud ?? BAUD);
  if (path === '' || path.startsWith('gpsd:') || baudRate < 300 || baudRate > 921_600) {
    throw new UsageError(`--gps ${told} is no receiver`, 'say a port such as /dev/ttyUSB1 or COM5@4800, or gpsd');
  }
  return { kind: 'nmea', open: () => lines?.(path) ?? serial(path, { baudRate }) };
}
