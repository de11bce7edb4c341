import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { objectTitle } from '../../src/companion/companion.js';
import { companions } from '../../src/companion/companions.js';
import { describeLogicalName } from '../../src/cosem/names.js';
import { type Unit, unit, unitCode, unitOf, unitQuantity, unitSymbol, units } from '../../src/cosem/units.js';

describe('units', () => {
  test('every number of the octet has a unit and comes back', () => {
    for (let code = 0; code <= 255; code++) {
      expect(unitCode(unitOf(code))).toBe(code);
      expect(unit.encode(unit.decode({ type: 'enum', value: code }))).toEqual({ type: 'enum', value: code });
    }
  });

  test('those that matter for money', () => {
    expect(unitOf(30)).toBe('Wh');
    expect(unitOf(31)).toBe('VAh');
    expect(unitOf(27)).toBe('W');
    expect(unitOf(10)).toBe('currency');
    expect(unitQuantity('Wh')).toBe('active energy');
    expect(unitSymbol('none')).toBe('');
    expect(unitSymbol('m³ corrected')).toBe('m³');
    expect(unitOf(200)).toBe('unit-200');
    expect(Object.keys(units).length).toBe(74);
  });

  test('what is no unit is refused', () => {
    expect(() => unitCode('kWh' as Unit)).toThrow(/'kWh' is no unit/);
    expect(() => unitCode('unit-256')).toThrow(/no unit/);
    expect(() => unit.decode({ type: 'long', value: 30 })).toThrow(/enum expected, long found/);
  });
});

describe('OBIS in words', () => {
  test.each([
    ['1.0.1.8.0.255', 'Active energy import'],
    ['1.0.2.8.3.255', 'Active energy export, rate 3'],
    ['1.0.9.8.0.255', 'Apparent energy import'],
    ['1.0.5.8.0.255', 'Reactive energy QI'],
    ['1.0.1.7.0.255', 'Active power import'],
    ['1.0.32.7.0.255', 'Voltage L1'],
    ['1.0.71.7.0.255', 'Current L3'],
    ['1.0.91.7.0.255', 'Neutral current'],
    ['1.0.13.7.0.255', 'Power factor'],
    ['1.0.14.7.0.255', 'Supply frequency'],
    ['1.0.1.6.0.255', 'Maximum active power import'],
    ['1.0.1.29.0.255', 'Active energy import in the recording interval'],
    ['1.0.12.27.0.255', 'Average voltage in the recording interval'],
    ['1.0.99.1.0.255', 'Load profile 1'],
    ['1.0.98.1.0.255', 'Billing period data'],
    ['1.0.0.8.4.255', 'Recording interval 1 (load profile)'],
    ['0.0.1.0.0.255', 'Clock'],
    ['0.0.96.1.0.255', 'Device ID 1 (serial number)'],
    ['0.0.96.3.10.255', 'Disconnect control'],
    ['0.0.17.0.0.255', 'Limiter'],
    ['0.0.40.0.0.255', 'Current association'],
    ['0.0.40.0.3.255', 'Association 3'],
    ['0.0.43.1.3.255', 'Invocation counter 3'],
    ['0.4.25.9.0.255', 'Push setup 4'],
    ['0.0.10.0.108.255', 'Push script table'],
    ['0.0.99.98.4.255', 'Event log 4'],
    ['0.0.42.0.0.255', 'Logical device name'],
    ['1.0.1.8.0.101', 'Active energy import, last billing period'],
  ])('%s is %s', (name, words) => {
    expect(describeLogicalName(name)).toBe(words);
  });

  test('what the generic rules do not know stays unnamed', () => {
    expect(describeLogicalName('0.0.94.91.0.255')).toBeUndefined();
    expect(describeLogicalName('1.0.11.8.0.255')).toBeUndefined();
    expect(describeLogicalName('7.0.1.0.0.255')).toBeUndefined();
    expect(describeLogicalName('nonsense')).toBeUndefined();
  });

  test('any logical name gives words or nothing', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.constantFrom(0, 1), octet, octet, octet, octet, octet, (a, b, c, d, e, f) => {
        const words = describeLogicalName(`${a}.${b}.${c}.${d}.${e}.${f}`);
        expect(words ?? 'Nothing').toMatch(/^[A-Z]/);
        expect(words ?? '').not.toContain('undefined');
      }),
      { numRuns: 5000 },
    );
  });
});

describe('names stay inside their medium', () => {
  it.each([
    ['0.1.24.2.1.255', 'M-Bus channel 1, value 1'],
    ['0.4.24.2.3.255', 'M-Bus channel 4, value 3'],
    ['0.1.24.1.0.255', 'M-Bus channel 1, client'],
    ['0.2.24.3.0.255', 'M-Bus channel 2, profile'],
    ['0.1.24.4.0.255', 'M-Bus channel 1, disconnect control'],
  ])('%s is %s', (name, words) => {
    expect(describeLogicalName(name)).toBe(words);
    for (const companion of companions) expect(objectTitle(companion, name)).toBe(words);
  });

  it('no companion and no rule gives an electricity name to another medium', () => {
    const electrical = /active|reactive|apparent|voltage|current \(|phase|power factor|energy/i;
    for (const companion of companions) {
      const known = companion.categories.flatMap(({ objects }) => objects.map(({ logicalName }) => logicalName));
      for (const name of ['1.0.1.8.0.255', '1.0.3.8.0.255', '1.0.32.7.0.255', ...known]) {
        if (!name.startsWith('1.')) continue;
        for (const medium of [4, 5, 6, 7, 8, 9]) {
          const title = objectTitle(companion, name.replace(/^1/, String(medium)));
          expect(title ?? '', `${medium}: ${name}`).not.toMatch(electrical);
        }
      }
    }
  });
});
