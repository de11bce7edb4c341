/**
 * The APPL suite of the DLMS conformance test as the reference meter answered it (shared/reference/conformance.md): every theme that
 * was executed there, against a bare server (test/server) and against the virtual meter (test/simulator). Each negative step ends with
 * the probe.
 */
import { describe, expect, it } from 'vitest';
import type { Aare } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import {
  ALL,
  type Bench,
  CIPHERED,
  CLIENT_TITLE,
  type Declared,
  NOT_ASSOCIATED,
  PROBE,
  PUBLIC,
  READER,
  UTILITY,
} from './bench.js';

const of = (list: readonly Declared[]) => list.map((declared) => [declared.client, declared] as const);

/** A refused AARE: diagnostic and the error that goes with it. */
function expectRefused(bench: Bench, declared: Declared, aare: Aare, diagnostic: number, error?: string): void {
  expect([aare.result, aare.resultSourceDiagnostic.source]).toEqual([1, 'acse-service-user']);
  expect(aare.resultSourceDiagnostic.diagnostic).toBe(diagnostic);
  const { hex } = bench.information(aare.userInformation);
  expect(hex).toMatch(/^0E01/);
  if (error !== undefined) expect(hex).toBe(error);
  expect(bench.alive(declared)).toBe(false);
}

/** Every theme against what `fresh` makes. */
export function applThemes(fresh: () => Bench): void {
  describe('IDLE', () => {
    it.each(of(ALL))('N1: client %i, probe without AARQ', (client) => {
      expect(toHex(fresh().send(client, PROBE))).toBe(NOT_ASSOCIATED);
    });
  });

  describe('OPEN_1', () => {
    it.each(of(ALL))('client %i: opens, reads, releases', (client, declared) => {
      const bench = fresh();
      const aare = bench.associate(declared);
      expect(aare.result).toBe(0);
      expect(aare.resultSourceDiagnostic).toEqual({
        source: 'acse-service-user',
        diagnostic: declared.mechanism === 3 ? 14 : 0,
      });
      const { apdu, control, tag } = bench.information(aare.userInformation);
      expect(apdu).toMatchObject({ type: 'initiate-response', negotiatedConformance: 0x60fedf & declared.conformance });
      expect([tag, control]).toEqual(client === 16 ? [0x08, undefined] : [0x28, 0x30]);
      if (declared.mechanism === 3) bench.open(declared);
      expect(bench.alive(declared)).toBe(true);

      const list = encodeApdu({
        type: 'get-request-normal',
        invokeId: 0xc1,
        attribute: { classId: 15, instanceId: fromHex('0000280000FF'), attributeId: 2 },
      });
      const first = bench.ask(declared, list);
      // Block transfer is not for the public client: what does not fit is refused.
      if (client === 16) expect(first).toMatch(bench.tested.publicListFits ? /^C401C10001/ : /^C401C101FA$/);
      else if (client === 48 && bench.tested.longAnswers === 'general-blocks') expect(first).toMatch(/^E0/);
      else expect(first).toMatch(/^C402C10000000001/);
      const setup = bench.ask(
        declared,
        encodeApdu({
          type: 'get-request-normal',
          invokeId: 0xc1,
          attribute: { classId: 15, instanceId: fromHex('0000280000FF'), attributeId: 9 },
        }),
      );
      expect(setup).toBe(client === 16 ? 'C401C1000900' : `C401C100090600002B000${client / 16}FF`);
      expect(bench.alive(declared)).toBe(true);

      const rlrq = encodeApdu({
        type: 'rlrq',
        reason: 0,
        userInformation: client === 16 ? bench.initiate() : bench.seal(bench.initiate({}, declared), 'glo'),
      });
      const rlre = decodeApdu(bench.send(client, rlrq));
      expect(rlre).toMatchObject({ type: 'rlre', reason: 0 });
      const terms = bench.information((rlre as { userInformation?: Uint8Array }).userInformation);
      expect(terms.apdu.type).toBe('initiate-response');
      expect([terms.tag, terms.control]).toEqual(client === 16 ? [0x08, undefined] : [0x28, 0x30]);
      expect(toHex(bench.send(client, PROBE))).toBe(NOT_ASSOCIATED);
    });

    it('protects answers as the policy demands: MR 20h even to 30h requests, US 30h', () => {
      for (const [declared, control] of [
        [READER, 0x20],
        [UTILITY, 0x30],
      ] as const) {
        const bench = fresh();
        bench.open(declared);
        const answer = decodeApdu(bench.send(declared.client, bench.seal(PROBE, 'ded', 'authenticated-encryption')));
        expect(answer).toMatchObject({ type: 'ciphered', tag: 0xd4, securityControl: control });
      }
    });

    it("counts the server's dedicated answers from 0 in each association, and its global ones across them", () => {
      const bench = fresh();
      const counters: number[] = [];
      for (let i = 0; i < 2; i++) {
        const aare = bench.open(READER);
        const initiate = decodeApdu(aare.userInformation as Uint8Array);
        const answer = decodeApdu(bench.send(32, bench.seal(PROBE)));
        for (const apdu of [initiate, answer]) if (apdu.type === 'ciphered') counters.push(apdu.invocationCounter);
      }
      const first = counters[0] as number;
      expect(counters).toEqual([first, 0, first + 1, 0]);
    });
  });

  describe('OPEN_3', () => {
    it('/1: after pass 2 a ciphered probe', () => {
      const bench = fresh();
      bench.associate(UTILITY);
      expect(toHex(bench.send(48, bench.seal(PROBE)))).toBe(NOT_ASSOCIATED);
    });

    it('/2: pass 3 with a wrong f(StoC)', () => {
      const bench = fresh();
      const aare = bench.associate(UTILITY);
      const answer = bench.send(48, bench.pass3Request(UTILITY, aare, new Uint8Array(16)));
      expect(toHex(bench.reveal(answer))).toBe('C701C10000');
      expect(bench.alive(UTILITY)).toBe(false);
    });
  });

  describe('OPEN_4', () => {
    it.each(of(ALL))('/1: client %i, protocol-version version1', (_, declared) => {
      const bench = fresh();
      expect(bench.open(declared, { protocolVersion: Uint8Array.of(0x84) }).result).toBe(0);
      expect(bench.alive(declared)).toBe(true);
    });

    it.each(of(ALL))('/2: client %i, protocol-version without version1', (_, declared) => {
      const bench = fresh();
      const aare = bench.associate(declared, { protocolVersion: Uint8Array.of(0x44) });
      expect(aare.result).toBe(1);
      expect(aare.resultSourceDiagnostic).toEqual({ source: 'acse-service-provider', diagnostic: 2 });
      expect(bench.information(aare.userInformation).hex).toBe('0E010000');
      expect(bench.alive(declared)).toBe(false);
    });
  });

  describe('OPEN_5', () => {
    it.each(of(ALL))('client %i: an application context that nobody knows', (client, declared) => {
      const bench = fresh();
      const aare = bench.associate(declared, { applicationContextName: fromHex('5F847304070000') });
      expectRefused(bench, declared, aare, 2, '0E010004');
      expect(toHex(aare.applicationContextName)).toBe(client === 16 ? '60857405080101' : '60857405080103');
    });
  });

  describe('OPEN_6', () => {
    it('/1: called AP-title, AE-qualifier and invocation ids are ignored', () => {
      const bench = fresh();
      const dummies = {
        calledApTitle: fromHex('0102030405060708'),
        calledAeQualifier: fromHex('01'),
        calledApInvocationId: 1,
        calledAeInvocationId: 2,
        callingApInvocationId: 3,
      };
      expect(bench.open(PUBLIC, dummies).result).toBe(0);
      expect(bench.alive(PUBLIC)).toBe(true);
    });

    for (const length of [7, 9]) {
      it.each(of(CIPHERED))(
        `/${length === 7 ? 2 : 3}: client %i, calling-AP-title of ${length} octets`,
        (_, declared) => {
          const bench = fresh();
          const title = new Uint8Array(length).fill(0x41);
          title.set(CLIENT_TITLE.subarray(0, Math.min(8, length)));
          const aare = bench.associate(declared, { callingApTitle: title });
          const { tag, control } = bench.information(aare.userInformation);
          expect([tag, control]).toEqual([0x2e, 0x30]);
          expectRefused(bench, declared, aare, 3, '0E010300');
        },
      );
    }

    it.each(of(ALL))('/4: client %i, calling-AE-invocation-id though there are no users', (_, declared) => {
      const bench = fresh();
      expect(bench.open(declared, { callingAeInvocationId: 5 }).result).toBe(0);
      expect(bench.alive(declared)).toBe(true);
    });
  });

  describe('OPEN_7', () => {
    const absent = undefined;
    const themes: [string, Parameters<Bench['aarq']>[1], number, number][] = [
      [
        '/1: no authentication functional unit',
        { senderAcseRequirements: absent, mechanismName: absent, callingAuthenticationValue: absent },
        12,
        12,
      ],
      ['/2: sender-acse-requirements without bit 0', { senderAcseRequirements: false }, 1, 1],
      ['/3: mechanism-name and value absent', { mechanismName: absent, callingAuthenticationValue: absent }, 1, 1],
      ['/4: mechanism-name absent', { mechanismName: absent }, 1, 1],
      ['/5: value absent', { callingAuthenticationValue: absent }, 14, 1],
    ];
    for (const [title, change, lls, hls] of themes) {
      it.each(of(CIPHERED))(`${title}, client %i`, (_, declared) => {
        const bench = fresh();
        const aare = bench.associate(declared, change);
        expectRefused(bench, declared, aare, declared.mechanism === 1 ? lls : hls);
      });
    }

    it('/6: wrong password', () => {
      const bench = fresh();
      const value = (READER.secret as Uint8Array).subarray(1);
      const aare = bench.associate(READER, { callingAuthenticationValue: { type: 'charstring', value } });
      expectRefused(bench, READER, aare, 13, '0E010501');
    });

    it('/6: a challenge of 7 octets', () => {
      const bench = fresh();
      const value = new Uint8Array(7).fill(1);
      const aare = bench.associate(UTILITY, { callingAuthenticationValue: { type: 'charstring', value } });
      expectRefused(bench, UTILITY, aare, 1, '0E010300');
    });
  });

  describe('OPEN_8 to OPEN_12', () => {
    it('8: a dedicated key in an unciphered context', () => {
      const bench = fresh();
      expectRefused(bench, PUBLIC, bench.associate(PUBLIC, {}, { dedicatedKey: new Uint8Array(16) }), 1, '0E010602');
    });

    it.each(of(ALL))('9: client %i, proposed-quality-of-service', (_, declared) => {
      const bench = fresh();
      expect(bench.open(declared, {}, { proposedQualityOfService: 1 }).result).toBe(0);
      expect(bench.alive(declared)).toBe(true);
    });

    it.each(of(ALL))('10/1: client %i, dlms-version 5', (_, declared) => {
      const bench = fresh();
      expectRefused(bench, declared, bench.associate(declared, {}, { proposedDlmsVersionNumber: 5 }), 1, '0E010601');
    });

    it.each(of(ALL))('10/2: client %i, dlms-version 7', (_, declared) => {
      const bench = fresh();
      const aare = bench.open(declared, {}, { proposedDlmsVersionNumber: 7 });
      expect(bench.information(aare.userInformation).apdu).toMatchObject({ negotiatedDlmsVersionNumber: 6 });
      expect(bench.alive(declared)).toBe(true);
    });

    it.each(of(ALL))('11/1: client %i, all LN conformance bits', (_, declared) => {
      const bench = fresh();
      const aare = bench.open(declared, {}, { proposedConformance: 0x60feff });
      expect(bench.information(aare.userInformation).apdu).toMatchObject({
        negotiatedConformance: declared.conformance & 0x60feff,
      });
      expect(bench.alive(declared)).toBe(true);
    });

    it.each(of(ALL))('11/2: client %i, conformance 100000 (read only)', (_, declared) => {
      const bench = fresh();
      expectRefused(bench, declared, bench.associate(declared, {}, { proposedConformance: 0x100000 }), 1, '0E010602');
    });

    it.each(of(ALL))('12: client %i, client-max-receive-pdu-size 11', (_, declared) => {
      const bench = fresh();
      expectRefused(bench, declared, bench.associate(declared, {}, { clientMaxReceivePduSize: 11 }), 1, '0E010603');
    });
  });

  describe('REL', () => {
    it.each(of(ALL))('P1/1: client %i, disconnecting releases', (client, declared) => {
      const bench = fresh();
      bench.open(declared);
      bench.tested.disconnect(client);
      expect(toHex(bench.send(client, PROBE))).toBe(NOT_ASSOCIATED);
    });

    it.each(of(ALL))('P1/2: client %i, RLRQ releases', (client, declared) => {
      const bench = fresh();
      bench.open(declared);
      expect(bench.send(client, fromHex('6203800100'))[0]).toBe(0x63);
      expect(toHex(bench.send(client, PROBE))).toBe(NOT_ASSOCIATED);
    });

    const weak: [string, (bench: Bench, declared: Declared) => Uint8Array, string][] = [
      ['/1: RLRQ in clear', (bench, declared) => bench.initiate({}, declared), NOT_ASSOCIATED],
      [
        '/2: RLRQ [E]',
        (bench, declared) => bench.seal(bench.initiate({}, declared), 'glo', 'encryption'),
        NOT_ASSOCIATED,
      ],
      [
        '/3: RLRQ [A]',
        (bench, declared) => bench.seal(bench.initiate({}, declared), 'glo', 'authentication'),
        NOT_ASSOCIATED,
      ],
      [
        '/4: RLRQ [A,E] with the dedicated key',
        (bench, declared) => {
          const dedicated = {
            encryption: fromHex('00112233445566778899AABBCCDDEEFF'),
            authentication: fromHex('5245535f556e69636173744173736330'),
          };
          return bench.ciphering(dedicated).seal(bench.initiate({}, declared), 'glo', 'authenticated-encryption');
        },
        'D80105',
      ],
      ['/4: RLRQ [A,E] ded-ciphered', (bench, declared) => bench.seal(bench.initiate({}, declared), 'ded'), 'D80105'],
    ];
    for (const [title, make, expected] of weak) {
      it.each(of(CIPHERED))(`N1${title}, client %i`, (client, declared) => {
        const bench = fresh();
        bench.open(declared);
        const rlrq = encodeApdu({ type: 'rlrq', reason: 0, userInformation: make(bench, declared) });
        expect(toHex(bench.send(client, rlrq))).toBe(expected);
        expect(bench.alive(declared)).toBe(true);
      });
    }
  });

  describe('DATA_LN', () => {
    const themes: [string, string, string][] = [
      ['N1/1: a choice that GET-Request does not have', 'C004C1000F0000280000FF0100', 'C401C1010B'],
      ['N1/2: octets are missing', 'C001C1000F0000280000', 'C401C1010B'],
      ['N1/3: an unknown logical name', 'C001C1000FFFFFFFFFFFFF0100', 'C401C10104'],
      ['N1/4: attribute 64 of an object that is there', 'C001C1000F0000280000FF4000', 'C401C10104'],
      ['N3: an SN ReadRequest', '0501020A00', NOT_ASSOCIATED],
    ];
    for (const [title, request, expected] of themes) {
      it(`${title}, client 16`, () => {
        const bench = fresh();
        bench.open(PUBLIC);
        expect(bench.ask(PUBLIC, fromHex(request))).toBe(expected);
        expect(bench.alive(PUBLIC)).toBe(true);
      });
      if (title.startsWith('N1')) {
        it.each(of(CIPHERED))(`${title}, client %i`, (_, declared) => {
          const bench = fresh();
          bench.open(declared);
          expect(bench.ask(declared, fromHex(request))).toBe(expected);
          expect(bench.alive(declared)).toBe(true);
        });
      }
    }

    it.each(of(CIPHERED))('N3: client %i, an SN ReadRequest in clear', (client, declared) => {
      const bench = fresh();
      bench.open(declared);
      expect(toHex(bench.send(client, fromHex('0501020A00')))).toBe(NOT_ASSOCIATED);
      expect(bench.alive(declared)).toBe(true);
    });
  });

  describe('counters', () => {
    it('names the lowest acceptable counter when one comes again, and lets gaps pass', () => {
      const bench = fresh();
      bench.open(UTILITY);
      const once = bench.seal(PROBE, 'glo');
      bench.send(48, once);
      const lowest = bench.tested.lowestCounter();
      expect(toHex(bench.send(48, once))).toBe(`D80106${lowest.toString(16).padStart(8, '0').toUpperCase()}`);
      bench.seal(PROBE, 'glo');
      expect(toHex(bench.reveal(bench.send(48, bench.seal(PROBE, 'glo'))))).toMatch(/^C401C100/);
      expect(bench.tested.lowestCounter()).toBe(lowest + 2);
    });
  });
}
