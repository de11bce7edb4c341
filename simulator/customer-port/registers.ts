/** The registers of a meter as a customer port tells them: exact, and without sign where the port has a line for each direction. */

import type { Millis } from '../../src/base/clock.js';
import { Decimal } from '../../src/codec/decimal.js';
import type { Values } from '../meter/values.js';

const REGISTER = 3;
const NOTHING = new Decimal(0n);
const FIRST_OF_THREE = '1.0.32.7.0';

/** A phase as ports name it: value group C of its powers, currents and voltages begins at 20, 40 and 60. */
interface PortPhase {
  /** Volt. */
  readonly voltage: Decimal;
  /** Ampere. */
  readonly current: Decimal;
}

/** What a customer port tells at a moment. Values are in the units of the standard: Wh, W, var, V, A. */
export class PortRegisters {
  readonly #values: Values;
  readonly #at: Millis;

  constructor(values: Values, at: Millis) {
    this.#values = values;
    this.#at = at;
  }

  /** A register; undefined where the meter does not have it. */
  of(name: string): Decimal | undefined {
    const moment = { at: this.#at, since: this.#at };
    const column = { classId: REGISTER, logicalName: `${name}.255`, attributeIndex: 2, dataIndex: 0 };
    const value = this.#values.of(column)?.(moment);
    const scalerUnit = this.#values.of({ ...column, attributeIndex: 3 })?.(moment);
    const scaler = scalerUnit?.type === 'structure' ? scalerUnit.value[0] : undefined;
    if (value === undefined || scaler?.type !== 'integer') return undefined;
    return Decimal.of(value, scaler.value);
  }

  /** Energy or power of which the meter has one signed register, in the direction that is asked for. */
  direction(name: string, way: 'import' | 'export'): Decimal {
    const value = this.of(name) ?? NOTHING;
    const own = way === 'import' ? value : NOTHING.minus(value);
    return own.compare(NOTHING) < 0 ? NOTHING : own;
  }

  /** The sum of registers; those that the meter does not have are 0. */
  sum(...names: readonly string[]): Decimal {
    return Decimal.sum(names.map((name) => this.of(name) ?? NOTHING));
  }

  /** The phases, one or three. A meter of one phase has its voltage and current without a phase. */
  get phases(): readonly PortPhase[] {
    const names = this.of(FIRST_OF_THREE) === undefined ? [['1.0.12.7.0', '1.0.11.7.0']] : PHASES;
    return names.map(([voltage = '', current = '']) => ({
      voltage: this.of(voltage) ?? NOTHING,
      current: this.of(current) ?? NOTHING,
    }));
  }
}

const PHASES = [32, 52, 72].map((c) => [`1.0.${c}.7.0`, `1.0.${c - 1}.7.0`]);
