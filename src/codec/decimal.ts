import { StateError } from '../base/errors.js';
import { INSPECT } from '../base/inspect.js';
import type { Data } from './data.js';

/** Largest exponent, either way. Scalers are one signed octet; whatever is far beyond them is a mistake. */
const MAX_EXPONENT = 1000;

/**
 * An exact decimal number, coefficient × 10^exponent: what a register's value and its scaler make. Immutable. Energy and money are
 * added and compared in it, never in floating point: it becomes a JavaScript number by {@link Decimal.toNumber} alone. Where the language
 * would make one by itself (`a < b`, `a + b`, `Number(a)`) it throws.
 *
 * ```ts
 * const used = evening.minus(morning); // 1234.50
 * if (used.compare(Decimal.parse('1000')) > 0) console.log(`${used} Wh is much`);
 * ```
 */
export class Decimal {
  /** The digits as a whole number. */
  readonly coefficient: bigint;
  /** The power of ten that the coefficient is multiplied by. */
  readonly exponent: number;

  /** @throws StateError when the exponent is not a whole number from -1000 to 1000. */
  constructor(coefficient: bigint, exponent = 0) {
    checkExponent(exponent);
    this.coefficient = coefficient;
    this.exponent = exponent;
  }

  /**
   * The number that a value and its scaler mean; undefined where the value is no number (or a float that is none). A float stands for
   * the shortest decimal that gives the same float, which is the one the meter meant: 230.1 in a float32 is 230.1.
   */
  static of(data: Data, scaler = 0): Decimal | undefined {
    switch (data.type) {
      case 'integer':
      case 'long':
      case 'double-long':
      case 'unsigned':
      case 'long-unsigned':
      case 'double-long-unsigned':
      case 'bcd':
      case 'enum':
      case 'delta-integer':
      case 'delta-long':
      case 'delta-double-long':
      case 'delta-unsigned':
      case 'delta-long-unsigned':
      case 'delta-double-long-unsigned':
        return new Decimal(BigInt(data.value), scaler);
      case 'long64':
      case 'long64-unsigned':
        return new Decimal(data.value, scaler);
      case 'float32':
      case 'float64': {
        if (!Number.isFinite(data.value)) return undefined;
        return Decimal.parse(data.type === 'float32' ? shortestFloat32(data.value) : String(data.value)).shift(scaler);
      }
      default:
        return undefined;
    }
  }

  /**
   * A number in decimal text: `12`, `-0.50`, `1e3`. The digits behind the point are kept: `1.50` has exponent -2.
   * @throws StateError when it is none.
   */
  static parse(text: string): Decimal {
    const match = /^\s*([+-]?)(\d+)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?\s*$/i.exec(text);
    if (!match) throw new StateError(`'${text}' is not a decimal number`, { hint: 'such as 12, -0.50 or 1e3' });
    const [, sign, whole, fraction = '', exponent = '0'] = match;
    const digits = BigInt(`${whole}${fraction}`);
    return new Decimal(sign === '-' ? -digits : digits, Number(exponent) - fraction.length);
  }

  /** All of them added; 0 of none. */
  static sum(values: Iterable<Decimal>): Decimal {
    let sum = new Decimal(0n);
    for (const value of values) sum = sum.plus(value);
    return sum;
  }

  /** The number times 10^by. */
  shift(by: number): Decimal {
    return new Decimal(this.coefficient, this.exponent + by);
  }

  /** The exact sum. */
  plus(other: Decimal): Decimal {
    const exponent = Math.min(this.exponent, other.exponent);
    return new Decimal(this.#at(exponent) + other.#at(exponent), exponent);
  }

  /** The exact difference. */
  minus(other: Decimal): Decimal {
    return this.plus(new Decimal(-other.coefficient, other.exponent));
  }

  /** The exact product. */
  times(other: Decimal): Decimal {
    return new Decimal(this.coefficient * other.coefficient, this.exponent + other.exponent);
  }

  /** Below 0 when this is less, above 0 when more. */
  compare(other: Decimal): number {
    const { coefficient } = this.minus(other);
    return coefficient < 0n ? -1 : coefficient > 0n ? 1 : 0;
  }

  /** Whether both are the same number: `1.50` and `1.5` are. */
  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }

  /**
   * The number with so many digits behind the point, the nearest; one that lies half way goes away from 0. Money and energy are rounded
   * when they are shown, never before.
   * @throws StateError when `digits` is not a whole number from -1000 to 1000.
   */
  rounded(digits: number): Decimal {
    checkExponent(digits);
    if (this.exponent >= -digits) return new Decimal(this.#at(-digits), -digits);
    const { coefficient } = this;
    const factor = 10n ** BigInt(-digits - this.exponent);
    const half = coefficient < 0n ? -factor / 2n : factor / 2n;
    return new Decimal((coefficient + half) / factor, -digits);
  }

  /**
   * The coefficient at another exponent: what is written into a register of that scaler.
   * @throws StateError when digits would be lost.
   */
  coefficientAt(exponent: number): bigint {
    if (exponent <= this.exponent) return this.#at(exponent);
    const factor = 10n ** BigInt(exponent - this.exponent);
    if (this.coefficient % factor !== 0n) {
      throw new StateError(`${this} has digits below 10^${exponent}`, { hint: 'they cannot be sent with this scaler' });
    }
    return this.coefficient / factor;
  }

  /** The nearest double. For drawing and estimates, not for sums. */
  toNumber(): number {
    return Number(`${this.coefficient}e${this.exponent}`);
  }

  /** Plain decimal text, with as many digits behind the point as the exponent says: `1234.50`. */
  toString(): string {
    const { coefficient, exponent } = this;
    if (exponent >= 0) return coefficient === 0n ? '0' : `${coefficient}${'0'.repeat(exponent)}`;
    const sign = coefficient < 0n ? '-' : '';
    const digits = (coefficient < 0n ? -coefficient : coefficient).toString().padStart(1 - exponent, '0');
    return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
  }

  /** @internal For console.log. */
  [INSPECT](): string {
    return `Decimal ${this}`;
  }

  /** For people: the same text as {@link toString}. */
  get text(): string {
    return this.toString();
  }

  /** Decimal text, as {@link toString}: a number of JSON would lose digits. */
  toJSON(): string {
    return this.toString();
  }

  /**
   * Text where text is wanted (`${value}`, `String(value)`).
   * @throws StateError where a number is: for `<`, `>`, `+`, `Number(value)`.
   */
  [Symbol.toPrimitive](hint: 'string' | 'number' | 'default'): string {
    if (hint === 'string') return this.toString();
    throw new StateError(`the Decimal ${this} does not become a number by itself`, {
      hint: 'compare with compare() or equals(), add with plus(); toNumber() gives the nearest number, toString() the exact text',
    });
  }

  /** The coefficient at a smaller or the same exponent. */
  #at(exponent: number): bigint {
    return this.coefficient * 10n ** BigInt(this.exponent - exponent);
  }
}

function checkExponent(exponent: number): void {
  if (Number.isInteger(exponent) && Math.abs(exponent) <= MAX_EXPONENT) return;
  throw new StateError(`10^${exponent} is out of range`, { hint: 'scalers are -128 to 127' });
}

/** The shortest decimal text that reads back as the same float32; nine digits always do. */
function shortestFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toPrecision(9);
}
