import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError } from '../../src/base/errors.js';
import {
  baudCharacterOf,
  decodeIec21,
  encodeAcknowledgement,
  encodeCommand,
  encodeReadout,
  encodeRequest,
  type Iec21Message,
  messageLength,
} from '../../src/link/iec21.js';
import { haveVectors, loadVectors } from '../support/vectors.js';

/** Our message in the words of the vectors. */
function toVector(message: Iec21Message): Record<string, unknown> {
  switch (message.type) {
    case 'request':
      return { type: 'request', 'device-address': message.deviceAddress };
    case 'identification':
      return {
        type: 'identification',
        manufacturer: message.manufacturer,
        'baud-character': message.baudCharacter,
        'baud-rate': message.baudRate,
        mode: message.mode,
        'enhanced-capabilities': message.enhancedCapabilities,
        identification: message.identification,
        'reaction-time-ms': message.reactionTimeMs,
      };
    case 'acknowledgement':
      return {
        type: 'acknowledgement',
        'protocol-control': message.protocolControl,
        'baud-character': message.baudCharacter,
        'mode-control': message.modeControl,
      };
    case 'programming-command':
      return { type: message.type, command: message.command, data: message.data, bcc: hexByte(message.bcc) };
    case 'data-readout':
      return { type: message.type, 'data-sets': message.dataSets, bcc: hexByte(message.bcc) };
    case 'p1-telegram':
      return {
        type: message.type,
        'identification-line': message.identificationLine,
        'data-sets': message.dataSets,
        crc16: (message.crc ?? 0).toString(16).padStart(4, '0').toUpperCase(),
      };
    default:
      return { ...message };
  }
}

const hexByte = (value: number) => value.toString(16).padStart(2, '0').toUpperCase();

function encode(message: Iec21Message): Uint8Array {
  switch (message.type) {
    case 'request':
      return encodeRequest(message.deviceAddress);
    case 'acknowledgement':
      return encodeAcknowledgement(message.protocolControl, message.baudCharacter, message.modeControl);
    case 'programming-command':
      return encodeCommand(message.command, message.data ?? undefined);
    case 'data-readout':
      return encodeReadout(message.dataSets);
    default:
      throw new Error(`a ${message.type} is not sent`);
  }
}

describe.skipIf(!haveVectors)('vectors of IEC 62056-21', () => {
  const vectors = loadVectors('iec62056-21').filter((vector) => vector.operation === 'decode');
  test(`there are vectors (${vectors.length})`, () => expect(vectors.length).toBeGreaterThan(15));
  test.each(vectors)('$id', (vector) => {
    const bytes = fromHex(vector.hex as string);
    if (vector.kind === 'positive') {
      const message = decodeIec21(bytes);
      expect(toVector(message)).toMatchObject(vector.expected as object);
      if (vector.roundtrip === true) expect(toHex(encode(message))).toBe(vector.hex);
    } else {
      const reasons = [vector.error?.category, ...(vector.error?.also_acceptable ?? [])];
      let reason: string | undefined;
      try {
        decodeIec21(bytes);
      } catch (error) {
        reason = (error as DecodeError).reason;
      }
      expect(reasons).toContain(reason);
    }
  });
});

const plain = fc.stringMatching(/^[0-9A-Za-z.:-]{1,16}$/);
const dataSet = fc.record({
  address: plain,
  values: fc.array(fc.record({ value: plain, unit: fc.option(plain) }), { minLength: 1, maxLength: 3 }),
});

describe('messages of IEC 62056-21', () => {
  test('a readout survives the way there and back', () => {
    fc.assert(
      fc.property(fc.array(dataSet, { maxLength: 20 }), (dataSets) => {
        expect(decodeIec21(encodeReadout(dataSets))).toMatchObject({ type: 'data-readout', dataSets });
      }),
      { numRuns: 1000 },
    );
  });

  test('a parity bit read as data does no harm', () => {
    const even = (octet: number) => {
      let bits = 0;
      for (let rest = octet; rest > 0; rest >>= 1) bits ^= rest & 1;
      return bits === 1 ? octet | 0x80 : octet;
    };
    const message = encodeReadout([{ address: '1.8.0', values: [{ value: '000123.4', unit: 'kWh' }] }]);
    expect(decodeIec21(message.map(even))).toMatchObject({ dataSets: [{ address: '1.8.0' }] });
  });

  test('one changed octet of a readout is found by its block check', () => {
    const message = encodeReadout([{ address: '1.8.0', values: [{ value: '000123.4', unit: 'kWh' }] }]);
    message[8] = (message[8] as number) ^ 0x01;
    expect(() => decodeIec21(message)).toThrow(expect.objectContaining({ reason: 'bad-checksum' }));
  });

  test('any octets give a message, a wait or a DecodeError', () => {
    const begin = fc.constantFrom(0x2f, 0x06, 0x01, 0x02, 0x7e);
    fc.assert(
      fc.property(begin, fc.uint8Array({ maxLength: 80 }), (first, rest) => {
        const bytes = Uint8Array.of(first, ...rest);
        try {
          const length = messageLength(bytes);
          if (length !== undefined) decodeIec21(bytes.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a speed without a character is refused with those that have one', () => {
    expect(baudCharacterOf(9600)).toBe('5');
    expect(() => baudCharacterOf(115200)).toThrow(expect.objectContaining({ hint: expect.stringContaining('19200') }));
  });
});
