import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/base/bytes.js';
import { AppendLog } from '../src/append-log.js';
import { canonicalDigest } from '../src/canonical.js';
import { fromBase45, toBase45 } from '../src/record/base45.js';
import { RecordChain, type RecordContent, verifyChain } from '../src/record/chain.js';
import type { CommissioningRecord } from '../src/record/commissioning-record.js';
import { COMPACT_PREFIX, compactOf, verifyCompact } from '../src/record/compact.js';
import { makeKeyFile, openKeyFile, parseTrustedSigners } from '../src/record/key-file.js';
import { signRecord, verifyRecord } from '../src/record/record.js';
import { commitmentOf, type SignedRecord } from '../src/record/record-base.js';
import { type SignatureAlgorithm, signatureHolds, signerOf } from '../src/record/signing.js';
import { StorageError } from '../src/storage-error.js';
import { countedRandom } from './bench.js';
import { MemoryDisk } from './memory-file.js';
import { sampleCertificate, TRUSTED } from './sample-certificate.js';

const person = { salt: '00'.repeat(16), name: 'Asha Devi', address: '12 Gandhi Marg', mobileLast4: '4321' };
const algorithms: readonly SignatureAlgorithm[] = ['ed25519', 'p-256'];
const signers = {
  ed25519: signerOf('ed25519', fromHex('22'.repeat(32))),
  'p-256': signerOf('p-256', fromHex('33'.repeat(32))),
};
const trusted = algorithms.map((algorithm) => ({
  name: algorithm,
  algorithm,
  publicKey: signers[algorithm].publicKey,
}));

function content(id: string): RecordContent<CommissioningRecord> {
  return {
    format: 'cosem-commissioning-record-1',
    at: '2026-11-23T10:30:03+05:30',
    utility: 'बिहार विद्युत',
    helpline: '1912',
    freeOfCharge: true,
    workOrder: { id, digest: 'd' },
    consumer: { number: '1100220033', commitment: commitmentOf(person) },
    network: { feeder: 'F', transformer: 'T', pole: 'P' },
    sanctionedLoad: 2000,
    steps: [],
    installer: { id: '1', name: 'R', letter: 'L', letterValidUntil: '2026-12-31', identityCardShown: true },
    meter: { namePlate: { serial: '10000042' }, seals: [] },
    readings: { time: 't', clockStatus: 0, energies: [], payment: [] },
    indexRow: 1,
  };
}

function chainOf(count: number, algorithm: SignatureAlgorithm = 'ed25519', disk = new MemoryDisk()) {
  const chain = new RecordChain(disk.file('records'));
  for (let i = 1; i <= count; i++) chain.add(content(`WO-${i}`), signers[algorithm]);
  return { chain, disk };
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('RFC 8032, 7.1, test 3; FIPS 186 P-256 of RFC 6979, A.2.5', () => {
  test('Ed25519', () => {
    const signer = signerOf('ed25519', fromHex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7'));
    expect(signer.publicKey).toBe('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025');
    expect(toHex(signer.sign(fromHex('af82'))).toLowerCase()).toBe(
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    );
  });

  test('P-256 with SHA-256', () => {
    const signer = signerOf('p-256', fromHex('C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721'));
    expect(signer.publicKey).toBe('0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6');
    const signature = signer.sign(new TextEncoder().encode('sample'));
    expect(toHex(signature.subarray(0, 32))).toBe('EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716');
  });

  test('keys and signatures of any form are a no', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...algorithms),
        fc.string(),
        fc.uint8Array({ maxLength: 80 }),
        (algorithm, key, signature) => {
          expect(signatureHolds(algorithm, key, new Uint8Array(3), signature)).toBe(false);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('a private key that is none says nothing of itself', () => {
    expect(() => signerOf('p-256', new Uint8Array(32))).toThrow('the private key is not valid for the curve');
    expect(() => signerOf('ed25519', new Uint8Array(31))).toThrow('31 octets instead of 32');
  });
});

describe.each(algorithms)('records signed with %s', (algorithm) => {
  test('are valid, of an unknown signer, or altered', () => {
    const { chain } = chainOf(1, algorithm);
    const signed = copy(chain.records[0]!);
    expect(verifyRecord(signed, trusted)).toMatchObject({ verdict: 'valid', signer: { name: algorithm } });
    expect(verifyRecord(signed, [])).toMatchObject({ verdict: 'unknown-signer', publicKey: signed.publicKey });
    const other = algorithms.filter((name) => name !== algorithm);
    expect(
      verifyRecord(
        signed,
        trusted.filter(({ name }) => other.includes(name as SignatureAlgorithm)),
      ).verdict,
    ).toBe('unknown-signer');
    const forged = copy(signed) as { record: { sanctionedLoad: number } } & SignedRecord;
    forged.record.sanctionedLoad = 9;
    expect(verifyRecord(forged, trusted)).toMatchObject({
      verdict: 'altered',
      reason: 'its hash does not fit its content',
    });
    const rehashed = { ...forged, hash: canonicalDigest(forged.record) };
    expect(verifyRecord(rehashed, trusted)).toMatchObject({
      verdict: 'altered',
      reason: 'its signature does not hold',
    });
  });

  test('do not hold with any character of them changed', () => {
    const signed = chainOf(1, algorithm).chain.records[0]!;
    const text = JSON.stringify(signed);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'0aZ"{ }1,'), (at, char) => {
        fc.pre(text[at] !== char);
        const changed = `${text.slice(0, at)}${char}${text.slice(at + 1)}`;
        let value: unknown;
        try {
          value = JSON.parse(changed);
        } catch {
          return;
        }
        fc.pre(canonicalDigest(value) !== canonicalDigest(signed));
        expect(verifyRecord(value, trusted).verdict).not.toBe('valid');
      }),
      { numRuns: 1000 },
    );
  });

  test('and their compact form likewise', () => {
    const signed = chainOf(1, algorithm).chain.records[0]!;
    const text = compactOf(signed, signers[algorithm]);
    expect(verifyCompact(text, trusted)).toMatchObject({
      verdict: 'valid',
      content: { workOrder: 'WO-1', at: '2026-11-23T05:00:03.000Z', recordHash: signed.hash.slice(0, 32) },
    });
    expect(verifyCompact(text, []).verdict).toBe('unknown-signer');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), fc.constantFrom(...'0AZ$ :'), (at, char) => {
        fc.pre(text[at] !== char);
        const changed = `${text.slice(0, at)}${char}${text.slice(at + 1)}`;
        expect(verifyCompact(changed, trusted).verdict).not.toBe('valid');
      }),
      { numRuns: 1000 },
    );
    for (const none of ['', 'hello', COMPACT_PREFIX, `${COMPACT_PREFIX}0`, `${COMPACT_PREFIX}${'A'.repeat(300)}`]) {
      expect(verifyCompact(none, trusted).verdict).toBe('altered');
    }
  });
});

test('whatever is no record is altered, and never an error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ signed: fc.jsonValue(), person: fc.jsonValue() })), (value) => {
      expect(verifyRecord(value, trusted).verdict).toBe('altered');
    }),
    { numRuns: 1000 },
  );
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  const { record, ...rest } = chainOf(1).chain.records[0]!;
  expect(verifyRecord({ record: { ...record, deep }, ...rest }, trusted).verdict).toBe('altered');
});

test('values that JSON cannot tell apart, or that hide behind a prototype, are altered', () => {
  const signed = chainOf(1).chain.records[0]!;
  const hidden = JSON.parse(JSON.stringify(signed).replace('"indexRow"', '"__proto__":{"paid":500},"indexRow"'));
  expect(verifyRecord(hidden, trusted)).toEqual({ verdict: 'altered', reason: 'a name in it is __proto__' });
  const minus = { ...signed, record: { ...signed.record, indexRow: -0 } };
  const zero = signRecord({ ...signed.record, indexRow: 0 }, signers.ed25519);
  expect(verifyRecord(zero, trusted).verdict).toBe('valid');
  expect(verifyRecord({ ...zero, record: minus.record }, trusted)).toMatchObject({ verdict: 'altered' });
});

test('a signer is trusted for a time', () => {
  const signed = chainOf(1).chain.records[0]!;
  const [key] = trusted;
  const verdict = (from?: string, until?: string) => verifyRecord(signed, [{ ...key!, from, until }]).verdict;
  expect(verdict('2026-01-01T00:00:00Z', '2026-12-31T00:00:00Z')).toBe('valid');
  expect(verdict('2026-11-24T00:00:00Z')).toBe('unknown-signer');
  expect(verdict(undefined, '2026-11-22T00:00:00Z')).toBe('unknown-signer');
});

test('a certificate tells another name from the one that was signed, and the name is in no record', () => {
  const signed = chainOf(1).chain.records[0]!;
  const compact = compactOf(signed, signers.ed25519);
  const certificate = { format: 'cosem-certificate-1' as const, signed, person, compact };
  expect(verifyRecord(certificate, trusted).verdict).toBe('valid');
  for (const changed of [{ name: 'Asha Dev' }, { address: '' }, { mobileLast4: '4322' }, { salt: '01'.repeat(16) }]) {
    expect(verifyRecord({ ...certificate, person: { ...person, ...changed } }, trusted)).toMatchObject({
      verdict: 'altered',
      reason: 'the name, address or mobile is not the one that was signed',
    });
  }
  expect(JSON.stringify(signed)).not.toContain('Asha');
  const other = chainOf(2).chain.records[1]!;
  expect(verifyRecord({ ...certificate, compact: compactOf(other, signers.ed25519) }, trusted)).toMatchObject({
    verdict: 'altered',
    reason: 'its QR code is that of another record',
  });
  // Of the same signer, but with less of the hash: it would be the code of any record that begins so.
  for (const length of [0, 1, 31]) {
    const short = compactOf({ ...signed, hash: signed.hash.slice(0, length) }, signers.ed25519);
    expect(verifyRecord({ ...certificate, compact: short }, trusted)).toMatchObject({ verdict: 'altered' });
  }
});

describe('the chain', () => {
  test('holds, and has one record for a work order', () => {
    const { chain, disk } = chainOf(3);
    expect(chain.add(content('WO-2'), signers.ed25519)).toEqual(chain.records[1]);
    expect(chain.records.map(({ record }) => record.sequence)).toEqual([1, 2, 3]);
    expect(verifyChain(chain.records, trusted).verdict).toBe('valid');
    expect(new RecordChain(disk.file('records')).records).toEqual(chain.records);
  });

  test('does not hold with a record left out, moved or put in', () => {
    const { records } = chainOf(4).chain;
    const [a, b, c, d] = records as [SignedRecord, SignedRecord, SignedRecord, SignedRecord];
    for (const list of [[b, c, d], [a, c, d], [a, b, d], [a, c, b, d], [a, b, b, c], []]) {
      expect(verifyChain(list, trusted).verdict).toBe('altered');
    }
    expect(verifyChain([a, b], trusted).verdict).toBe('valid');
  });

  test('is refused when its file was made anew with a record left out', () => {
    const { records } = chainOf(3).chain;
    const disk = new MemoryDisk();
    const log = new AppendLog(disk.file('records'));
    log.append(records[0]);
    log.append(records[2]);
    expect(() => new RecordChain(disk.file('records'))).toThrow(StorageError);
  });
});

describe('RFC 9285, clause 4', () => {
  test.each([
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
  ])('%s is %s', (text, expected) => {
    const octets = new TextEncoder().encode(text);
    expect(toBase45(octets)).toBe(expected);
    expect(fromBase45(expected)).toEqual(octets);
  });

  test('any octets, and back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        expect(fromBase45(toBase45(octets))).toEqual(octets);
      }),
      { numRuns: 1000 },
    );
  });

  test.each(['GGW', 'A', ':::', 'ab', '::'])('%s is none', (text) => {
    expect(() => fromBase45(text)).toThrow();
  });
});

describe('a key file', () => {
  const work = { n: 4, r: 1, p: 1 };
  const make = (algorithm: SignatureAlgorithm) =>
    makeKeyFile('R. Sharma', 'correct horse battery', countedRandom(), algorithm, work);

  test.each(algorithms)('gives its %s keys to who has the passphrase', (algorithm) => {
    const text = make(algorithm);
    const keys = openKeyFile(text, 'keys.json', 'correct horse battery');
    const { publicKey } = JSON.parse(text) as { publicKey: string };
    expect(keys.signer).toMatchObject({ algorithm, publicKey });
    const message = new Uint8Array(5);
    expect(signatureHolds(algorithm, publicKey, message, keys.signer.sign(message))).toBe(true);
    expect(keys.indexKey.length).toBe(32);
    for (const secret of [toHex(keys.indexKey), 'correct horse']) {
      expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
    }
  });

  test('does not open with another passphrase, nor when it was changed, and says no secret', () => {
    const text = make('ed25519');
    expect(() => openKeyFile(text, 'keys.json', 'correct horse batterz')).toThrow(
      'the passphrase does not open keys.json',
    );
    expect(() => openKeyFile(text.replace('R. Sharma', 'R. Verma'), 'keys.json', 'correct horse battery')).toThrow(
      'the passphrase does not open',
    );
    expect(() => openKeyFile('{}', 'keys.json', 'x')).toThrow('keys.json: format is missing');
    expect(() => makeKeyFile('x', 'short', countedRandom())).toThrow('fewer than 8 characters');
  });

  test('the trusted signers of a folder', () => {
    const signers = [{ name: 'x', algorithm: 'ed25519', publicKey: '00'.repeat(32) }];
    expect(parseTrustedSigners(JSON.stringify({ format: 'cosem-trusted-signers-1', signers }), 'trusted.json')).toEqual(
      signers,
    );
    expect(() => parseTrustedSigners('{"format":"cosem-trusted-signers-1"}', 'trusted.json')).toThrow(
      'signers is missing',
    );
    // Whoever looks it through sees the one key, and the other one would count.
    const text = JSON.stringify({ format: 'cosem-trusted-signers-1', signers });
    for (const [from, to, reason] of [
      ['"publicKey"', `"publicKey":"${'11'.repeat(32)}","publicKey"`, 'a name stands twice in it'],
      ['"publicKey"', '"__proto__":{},"publicKey"', 'a name in it is __proto__'],
      ['"signers"', `"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"signers"`, 'it is nested too deep'],
    ] as const) {
      expect(() => parseTrustedSigners(text.replace(from, to), 'trusted.json')).toThrow(`is not right: ${reason}`);
    }
  });
});

test('a certificate in the place of a record is no chain, and no error of another kind', () => {
  const certificate = sampleCertificate();
  expect(verifyRecord(certificate, TRUSTED).verdict).toBe('valid');
  const read = JSON.parse(JSON.stringify([certificate])) as SignedRecord[];
  expect(verifyChain(read, TRUSTED)).toEqual({ verdict: 'altered', reason: 'record 1 is no signed record' });
});
