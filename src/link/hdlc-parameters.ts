import { Reader, Writer } from '../base/cursor.js';
import { StateError } from '../base/errors.js';

/**
 * What SNRM proposes and UA settles (IEC 62056-46, 6.4.4.4.3.2), seen from the sender of the block: what it transmits is what the other side
 * receives.
 */
export interface HdlcParameters {
  /** The longest information field that it sends, in octets: 32 to 2030. */
  readonly maxInfoTransmit: number;
  /** The longest information field that it accepts, in octets: 32 to 2030. */
  readonly maxInfoReceive: number;
  /** The most I frames that it sends before an acknowledgement: 1 to 7. */
  readonly windowTransmit: number;
  /** The most I frames that it accepts before it acknowledges: 1 to 7. */
  readonly windowReceive: number;
}

/** The values of parameters that are left out. */
export const DEFAULT_PARAMETERS: HdlcParameters = {
  maxInfoTransmit: 128,
  maxInfoReceive: 128,
  windowTransmit: 1,
  windowReceive: 1,
};

const FORMAT = 0x81;
const GROUP = 0x80;

/** Whether all four parameters have their default values. */
export function isDefault(parameters: HdlcParameters): boolean {
  return [...PARAMETERS.values()].every(({ name }) => parameters[name] === DEFAULT_PARAMETERS[name]);
}

interface Parameter {
  readonly name: keyof HdlcParameters;
  readonly least: number;
  readonly most: number;
}

const PARAMETERS: ReadonlyMap<number, Parameter> = new Map([
  [5, { name: 'maxInfoTransmit', least: 32, most: 2030 }],
  [6, { name: 'maxInfoReceive', least: 32, most: 2030 }],
  [7, { name: 'windowTransmit', least: 1, most: 7 }],
  [8, { name: 'windowReceive', least: 1, most: 7 }],
]);

/**
 * Reads the information field of an SNRM or UA. Where it is empty, or a parameter is left out, the defaults apply. Values may have any number of
 * octets.
 * @throws DecodeError `bad-tag` for another format or group, `bad-value` for a parameter that is unknown or out of range,
 *   `truncated`, `trailing-bytes`.
 */
export function decodeParameters(information: Uint8Array): HdlcParameters {
  if (information.length === 0) return DEFAULT_PARAMETERS;
  const reader: Reader = new Reader(information);
  if (reader.u8() !== FORMAT) reader.fail('bad-tag', 'the format identifier is not 81', 0);
  if (reader.u8() !== GROUP) reader.fail('bad-tag', 'the group identifier is not 80', 1);
  const length = reader.u8();
  reader.need(length);
  const end = reader.offset + length;
  const group: Reader = new Reader(information, reader.offset, end);
  const found = { ...DEFAULT_PARAMETERS };
  while (group.remaining > 0) {
    const id = group.u8();
    const parameter = PARAMETERS.get(id);
    if (parameter === undefined) group.fail('bad-value', `HDLC parameter ${id} is not known`, group.offset - 1);
    const { name, least, most } = parameter;
    const at = group.offset;
    let value = 0;
    for (const octet of group.take(group.u8())) value = value * 256 + octet;
    if (value < least || value > most)
      group.fail('bad-value', `${name} ${value} is not within ${least} and ${most}`, at);
    found[name] = value;
  }
  reader.offset = end;
  reader.done('parameter group');
  return found;
}

/**
 * The information field of an SNRM or UA with all four parameters.
 * @param infoOctets octets of the two information lengths, 1 or 2. By default, or when too few, as many as the larger one needs.
 * @throws StateError for a value out of range.
 */
export function encodeParameters(parameters: HdlcParameters, infoOctets?: 1 | 2): Uint8Array {
  checkParameters(parameters);
  const wide = Math.max(parameters.maxInfoTransmit, parameters.maxInfoReceive) > 0xff;
  const octets = wide ? 2 : (infoOctets ?? 1);
  const writer = new Writer(23)
    .u8(FORMAT)
    .u8(GROUP)
    .u8(2 * (2 + octets) + 2 * 6);
  for (const [id, { name }] of PARAMETERS) {
    writer.u8(id);
    if (id > 6) writer.u8(4).u32(parameters[name]);
    else if (octets === 2) writer.u8(2).u16(parameters[name]);
    else writer.u8(1).u8(parameters[name]);
  }
  return writer.finish();
}

/** Throws a StateError for a value out of range. */
export function checkParameters(parameters: HdlcParameters): void {
  for (const { name, least, most } of PARAMETERS.values()) {
    const value = parameters[name];
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    throw new StateError(`HDLC ${name} is ${value}`, { hint: `it is a whole number, ${least} to ${most}` });
  }
}

/** The negotiated parameters, seen from our side: in each direction the smaller of what one sends and the other accepts. */
export function negotiate(own: HdlcParameters, peer: HdlcParameters): HdlcParameters {
  return {
    maxInfoTransmit: Math.min(own.maxInfoTransmit, peer.maxInfoReceive),
    maxInfoReceive: Math.min(own.maxInfoReceive, peer.maxInfoTransmit),
    windowTransmit: Math.min(own.windowTransmit, peer.windowReceive),
    windowReceive: Math.min(own.windowReceive, peer.windowTransmit),
  };
}
