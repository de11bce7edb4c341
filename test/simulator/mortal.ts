import { expect } from 'vitest';
import type { MemoryMeterStore, MeterStore } from '../../simulator/index.js';

/** The store of a process that dies at a write. */
export class MortalStore implements MeterStore {
  readonly #disk: MemoryMeterStore;
  #left: number;
  readonly #after: boolean;
  dead = false;

  /** @param writes that succeed. @param after whether the write that kills is on the disk. */
  constructor(disk: MemoryMeterStore, writes: number, after: boolean) {
    this.#disk = disk;
    this.#left = writes;
    this.#after = after;
  }

  load(meter: string): ReadonlyMap<string, string> {
    return this.#disk.load(meter);
  }

  save(meter: string, texts: ReadonlyMap<string, string>): void {
    if (this.dead) throw new Error('killed');
    if (this.#left-- > 0) {
      this.#disk.save(meter, texts);
      return;
    }
    this.dead = true;
    if (this.#after) this.#disk.save(meter, texts);
    throw new Error('killed');
  }
}

/** What clients were told of a meter, as plain values that can be compared. */
export interface Told {
  readonly relay: 'connected' | 'disconnected' | 'ready-for-reconnection';
  /** When a relay that is ready closes by itself. */
  readonly closeAt: number | undefined;
  readonly balance: number;
  readonly blockPeriod: number;
  readonly demandPeriod: number;
  /** How far the meter's clock is from India's, in milliseconds. */
  readonly shift: number;
  readonly bills: number;
  /** The wall time of the last bill. */
  readonly billed: number;
  readonly image: string;
  /** Blocks of the image that came, as a bitmap. */
  readonly blocks: string;
  readonly firmware: string;
  readonly lls: string;
  readonly coverOpen: boolean;
}

/** From the order to close a relay to the contacts, where the control mode leaves it to the meter. */
const CLOSING = 1000;

/** What holds at a time: in control mode 6 a relay that was made ready closes by itself. */
export function toldAt(told: Told, now: number): Told {
  if (told.closeAt === undefined || told.closeAt > now) return told;
  return { ...told, relay: 'connected', closeAt: undefined };
}

/** What an order changes; undefined where the meter has to refuse it. */
export type Effect = (told: Told, now: number) => Partial<Told> | undefined;

export const disconnected: Effect = () => ({ relay: 'disconnected', closeAt: undefined });
export const reconnected: Effect = ({ relay }, now) =>
  relay === 'disconnected' ? { relay: 'ready-for-reconnection', closeAt: now + CLOSING } : undefined;
/** The button closes what is ready; in mode 6 it opens nothing. */
export const buttonPressed: Effect = ({ relay }) =>
  relay === 'ready-for-reconnection' ? { relay: 'connected', closeAt: undefined } : {};

/** A month ends here, as a wall time. */
export const MONTH_END = Date.UTC(2026, 11, 1);
/** Wall times of India as if they were UTC. */
export const INDIA = 330 * 60_000;

/** A clock that jumps over the end of a month ends its billing period; one that comes there once more does not. */
export const clockSet =
  (shift: number): Effect =>
  (told, now) => {
    const wall = now + INDIA + shift;
    const ends = now + INDIA + told.shift < MONTH_END && wall >= MONTH_END && told.billed !== MONTH_END;
    return { shift, ...(ends ? { bills: told.bills + 1, billed: MONTH_END } : {}) };
  };
export const demandReset: Effect = (told, now) => ({ bills: told.bills + 1, billed: now + INDIA + told.shift });

const [FAILED, RETURNED] = [101, 102];

/** With its members in order, to compare. */
export function sorted(told: object): object {
  return Object.fromEntries(Object.entries(told).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A bit string as text. */
export function bitsOf({ bytes, length }: { readonly bytes: Uint8Array; readonly length: number }): string {
  return Array.from({ length }, (_, i) => (((bytes[i >> 3] as number) << (i & 7)) & 0x80 ? '1' : '0')).join('');
}

/** Rows follow each other, and where one is missing the power was off. */
export function judgeRows(
  times: readonly number[],
  log: readonly { readonly at: number; readonly code: unknown }[],
  block: number,
): void {
  for (const [i, at] of times.entries()) {
    const before = times[i - 1];
    if (before === undefined) continue;
    expect(at, 'rows follow each other').toBeGreaterThan(before);
    if (at - before <= block) continue;
    const off = log.some(({ at: from, code }, n) => {
      const back = log[n + 1];
      return code === FAILED && from <= before + block && back?.code === RETURNED && back.at > at - block - 1000;
    });
    expect(off, `no rows from ${new Date(before).toISOString()} to ${new Date(at).toISOString()}`).toBe(true);
  }
}
