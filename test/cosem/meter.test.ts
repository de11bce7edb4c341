import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { logicalNameFromBytes } from '../../src/base/obis.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import { className, classOf } from '../../src/cosem/registry.js';

const DIRECTORY = '../shared/transcripts/indian-3ph-meter';

interface Message {
  readonly plain_hex?: string;
  readonly hex?: string;
}
interface Exchange {
  readonly request?: Message;
  readonly responses?: readonly Message[];
}

/** GET-Request-Normal of one attribute without selection, with the GET-Response-Normal that answers it. */
function* readings(): Generator<{ classId: number; name: string; attributeId: number; data: Uint8Array }> {
  for (const file of ['pc-16', 'mr-32', 'us-48']) {
    for (const line of readFileSync(`${DIRECTORY}/${file}.jsonl`, 'utf8').split('\n')) {
      if (!line.startsWith('{"i"')) continue;
      const { request, responses } = JSON.parse(line) as Exchange;
      const get = request?.plain_hex;
      const answer = responses?.[0]?.plain_hex;
      if (!get?.startsWith('C001') || !get.endsWith('00') || !answer?.startsWith('C401') || responses?.length !== 1) {
        continue;
      }
      const bytes = fromHex(get);
      const reply = fromHex(answer);
      if (reply[3] !== 0 || bytes.length !== 13) continue;
      yield {
        classId: bytes[3]! * 256 + bytes[4]!,
        name: logicalNameFromBytes(bytes.subarray(5, 11)),
        attributeId: bytes[11]!,
        data: reply.subarray(4),
      };
    }
  }
}

/** Versions as the meter's object list gives them. */
const VERSIONS: Readonly<Record<number, number>> = { 7: 1, 15: 1, 23: 1 };

test.skipIf(!existsSync(DIRECTORY))('what a real meter answered fits the declared types and goes back', () => {
  let fit = 0;
  let all = 0;
  const odd: string[] = [];
  for (const { classId, name, attributeId, data } of readings()) {
    const cosem = classOf(classId, VERSIONS[classId] ?? 0);
    expect(cosem, `${className(classId)} ${classId}`).toBeDefined();
    const attribute = cosem!.attributes[cosem!.attributeNames.get(attributeId)!]!;
    all++;
    try {
      const value = attribute.type.decode(decodeData(data));
      const back = encodeData(attribute.type.encode(value));
      if (toHex(back) === toHex(data)) fit++;
      else odd.push(`${classId}:${name}:${attributeId} ${toHex(data)} comes back as ${toHex(back)}`);
    } catch (error) {
      odd.push(`${classId}:${name}:${attributeId} ${toHex(data)}: ${error}`);
    }
  }
  console.log(`${fit} of ${all} answers of the real meter fit the classes and re-encode to the same octets`);
  expect(all).toBeGreaterThan(700);
  expect(odd).toEqual([]);
});
