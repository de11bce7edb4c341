/** A meter in clear with all that `read all` asks for in India, whose answers to lists a test spoils. */

import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { fromLatin1 } from '../../src/base/bytes.js';
import type { Data } from '../../src/codec/data.js';
import { octets, u8, u32 } from '../../src/codec/make.js';
import type { AttributeWithSelection, GetDataResult } from '../../src/contracts/services.js';
import { DataClass, ExtendedRegister, Register } from '../../src/cosem/classes/storage.js';
import type { Unit } from '../../src/cosem/units.js';
import { is15959, type OpenOptions, type Outcome, type Reading, type Remark, readingsOf } from '../../src/index.js';
import { object } from '../../src/server/object.js';
import { rowTime, ServedMeter } from '../support/served-meter.js';

export const specs = readingsOf(is15959, 'all');

/** What a rogue makes of the right results of a list. Octets go out as they are; undefined is silence. */
export type Spoil = (results: readonly GetDataResult[], of: readonly AttributeWithSelection[]) => Spoiled;
export type Spoiled = readonly GetDataResult[] | Uint8Array;

const UNITS: readonly (readonly [RegExp, Unit])[] = [
  [/^1\.0\.[12]\.8/, 'Wh'],
  [/^1\.0\.(9|10)\.8/, 'VAh'],
  [/^1\.0\.1\.[67]/, 'W'],
  [/^1\.0\.9\.[67]/, 'VA'],
  [/^1\.0\.3\.7/, 'var'],
  [/^1\.0\.(12|32|52|72)\.7/, 'V'],
  [/^1\.0\.(11|31|51|71|91)\.7/, 'A'],
  [/^1\.0\.14\.7/, 'Hz'],
];
const unitOf = (name: string): Unit => UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? 'none';

export class RogueMeter extends ServedMeter {
  readonly remarks: Remark[] = [];
  /** How many lists came, and how many attributes were asked for by themselves. */
  lists = 0;
  singles = 0;

  constructor(spoil?: Spoil) {
    super();
    this.#complete();
    this.says = (answer, request) => {
      if (request[0] !== 0xc0) return answer;
      if (request[1] === 1) this.singles++;
      if (request[1] !== 3) return answer;
      this.lists++;
      if (spoil === undefined) return answer;
      const asked = decodeApdu(request);
      if (asked.type !== 'get-request-with-list') return answer;
      const spoiled = spoil(
        asked.attributes.map((attribute) => this.#honest(attribute)),
        asked.attributes,
      );
      if (spoiled instanceof Uint8Array) return spoiled;
      return encodeApdu({ type: 'get-response-with-list', invokeId: asked.invokeId, results: [...spoiled] });
    };
  }

  /** All objects of the specification that it has not yet, each value another. Some are missing, as in every meter. */
  #complete(): void {
    let number = 70_000;
    const added = new Set<string>();
    for (const { attribute, presentation, key } of specs) {
      const { classId, logicalName } = attribute;
      const there = ['0.0.96.1.0.255', '1.0.1.8.0.255', '1.0.12.7.0.255', '1.0.32.7.0.255', '1.0.1.6.0.255'];
      const has = added.has(logicalName) || there.includes(logicalName);
      if (has || /^(?:powerFactor[YB]|lastTokenTime|year)$/.test(key)) continue;
      added.add(logicalName);
      number += 1009;
      const scalerUnit = { scaler: 0, unit: unitOf(logicalName) };
      if (classId === Register.id) this.device.add(object(Register, logicalName, { value: u32(number), scalerUnit }));
      if (classId === ExtendedRegister.id) {
        const captureTime = rowTime(number % 90);
        this.device.add(
          object(ExtendedRegister, logicalName, { value: u32(number), scalerUnit, status: u8(0), captureTime }),
        );
      }
      if (classId === DataClass.id) {
        const table = typeof presentation === 'object' && !('currency' in presentation);
        const value: Data =
          presentation === 'text'
            ? octets(fromLatin1(`TEXT${number}`))
            : presentation === 'date-time'
              ? octets(rowTime(number % 90).toBytes())
              : table
                ? u8(Number(Object.keys(presentation)[0]))
                : u32(number);
        this.device.add(object(DataClass, logicalName, { value }));
      }
    }
  }

  #honest(attribute: AttributeWithSelection): GetDataResult {
    const request = encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute });
    const answer = this.server.handle(16, 1, request, this.clock.now());
    const apdu = answer === undefined ? undefined : decodeApdu(answer);
    if (apdu?.type !== 'get-response-normal') throw new Error('no honest answer');
    return apdu.result;
  }

  /** Opens, reads, closes. */
  read(which = specs, options: OpenOptions = {}): Promise<string[]> {
    return this.visit(async (meter) => (await meter.readings(which)).map(textOf), options);
  }

  visit<T>(work: (meter: Awaited<ReturnType<ServedMeter['open']>>) => Promise<T>, options: OpenOptions = {}) {
    const run = async () => {
      await using meter = await this.open({
        framing: 'wrapper',
        onRemark: (remark) => this.remarks.push(remark),
        ...options,
      });
      return await work(meter);
    };
    return this.clock.run(run());
  }

  get codes(): string[] {
    return this.remarks.map(({ code }) => code);
  }
}

export function textOf(outcome: Outcome<Reading>): string {
  return outcome.ok
    ? outcome.value.text
    : `! ${(outcome.error as { result?: string }).result ?? outcome.error.message}`;
}
