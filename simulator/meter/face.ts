/** What a person in front of the meter sees: its display, its lamps, and what is being done to it. */

import type { Millis } from '../../src/base/clock.js';
import { Decimal } from '../../src/codec/decimal.js';
import type { EventSpec } from '../../src/companion/companion.js';
import { PREPAID } from '../../src/companion/is15959/readings.js';
import type { Core } from './core.js';
import type { DemandKind } from './demand.js';
import type { MeterModel } from './model.js';
import type { Identity } from './options.js';
import { powerFactor } from './phase-quantities.js';
import type { ControlState } from './relay.js';
import { loggedEvent } from './vendor-events.js';

/** A page of the display. */
export interface DisplayItem {
  /** Logical name of the object that shows clients the same; undefined for the segment test. */
  readonly logicalName: string | undefined;
  /** What the page shows, in English: `Serial number`. */
  readonly label: string;
  /**
   * The text on the display: `8748.05`, `23-11-26`, `09:00:00`. Energy and money are truncated, not rounded, so the display never shows too
   * much.
   */
  readonly text: string;
  /** The unit, such as `kWh`; empty where there is none. */
  readonly unit: string;
}

/** The lamp of the prepaid account: `emergency` while emergency credit is used, `exhausted` at zero, `none` for a post-paid meter. */
export type CreditLamp = 'good' | 'low' | 'emergency' | 'exhausted' | 'none';

/** An event as a person at the meter is told of it. */
export interface FaceEvent {
  /** Local time by the meter's clock: `2026-11-23 09:00:00`. */
  readonly time: string;
  /** Event code of IS 15959, or of the virtual meter itself. */
  readonly code: number;
  /** What happened, in English. */
  readonly meaning: string;
  /** Whether it is an occurrence, a restoration or an event without end. */
  readonly kind: EventSpec['kind'];
}

/** What a person in front of the meter sees at one moment; `meter.face()` gives it. */
export interface MeterFace {
  /** Local time by the meter's clock: `2026-11-23 09:00:00`. */
  readonly time: string;
  /** Whether the meter has supply. */
  readonly powered: boolean;
  /** The pages of the display in order; empty without power. */
  readonly display: readonly DisplayItem[];
  /** The relay; undefined for a meter that has none. */
  readonly relay:
    | {
        /** control_state of class 70. */
        readonly state: ControlState;
        /** Whether the contacts are closed; stuck contacts need not follow the state. */
        readonly closed: boolean;
      }
    | undefined;
  /** The lamp of the prepaid account. */
  readonly credit: CreditLamp;
  /** The power now, and its limit. */
  readonly load: {
    /** Active power in W; negative where power is fed in. */
    readonly watts: number;
    /** The load limit, or else the highest power that the meter is made for, in W. */
    readonly limit: number;
  };
  /** Whether a magnet is held against the meter. */
  readonly magnet: boolean;
  /** Whether the cover is open. */
  readonly coverOpen: boolean;
  /** The last events of all logs, newest first; at most 20. */
  readonly events: readonly FaceEvent[];
}

/** At most this many events are shown. */
const MOST_EVENTS = 20;
const NOMINAL_VOLTS = 240;
const PHASES = ['R', 'Y', 'B'] as const;

/** The face of a meter at a moment up to which everything has happened. */
export function faceOf(core: Core, model: MeterModel, identity: Identity, now: Millis): MeterFace {
  const { relay, supply, timeline, limiter } = core;
  const { magnet, coverOpen } = timeline.current;
  return {
    time: clockText(core, now),
    powered: core.powered,
    display: core.powered ? displayOf(core, model, identity, now) : [],
    relay: model.hasRelay ? { state: relay.state, closed: relay.connected } : undefined,
    credit: creditOf(core, model, now),
    load: {
      watts: supply.flowAt(now).active,
      limit: model.hasRelay
        ? limiter.thresholdAt(now)
        : Math.round((model.phases * NOMINAL_VOLTS * model.rating.highest) / 1000),
    },
    magnet,
    coverOpen,
    events: eventsOf(core),
  };
}

function creditOf({ prepaid }: Core, { hasRelay }: MeterModel, now: Millis): CreditLamp {
  if (!hasRelay || prepaid.paymentMode === 0) return 'none';
  if (prepaid.emergency) return 'emergency';
  if (prepaid.balance(now) <= 0) return 'exhausted';
  return prepaid.low ? 'low' : 'good';
}

/** The pages in the order of the display parameters of Indian smart meters (IS 16444, IS 15959): test, name, time, energies, demand, instants, money. */
function displayOf(core: Core, model: MeterModel, identity: Identity, now: Millis): DisplayItem[] {
  const time = clockText(core, now);
  const item = (logicalName: string, label: string, text: string, unit = ''): DisplayItem => ({
    logicalName,
    label,
    text,
    unit,
  });
  return [
    { logicalName: undefined, label: 'Test of the display', text: '88888888', unit: '' },
    item('0.0.96.1.0.255', 'Serial number', identity.serial),
    item('0.0.1.0.0.255', 'Date', `${time.slice(8, 10)}-${time.slice(5, 7)}-${time.slice(2, 4)}`),
    item('0.0.1.0.0.255', 'Time', time.slice(11)),
    ...energies(core, now).map(([name, label, amount, unit]) => item(name, label, cut(amount, 3, 2), unit)),
    ...demands(core, now).map(([name, label, amount, unit]) => item(name, label, cut(amount, 3, 3), unit)),
    ...instants(core, model, now).map(([name, label, amount, unit]) => item(name, label, amount, unit)),
    ...(model.hasRelay ? [item(PREPAID.balance, 'Balance', cut(core.prepaid.balance(now), 2, 2), 'Rs')] : []),
    item('0.0.94.91.0.255', 'Tamper count', String(core.events.tampers)),
  ];
}

type Row<T> = readonly [name: string, label: string, amount: T, unit: string];

function energies({ supply, prepaid }: Core, now: Millis): Row<number>[] {
  const of = supply.energiesAt(now);
  const whole = (wattSeconds: number) => Math.floor(wattSeconds / 3600);
  const both: Row<number>[] = [
    ['1.0.1.8.0.255', 'Energy import', whole(of.activeImport), 'kWh'],
    ['1.0.9.8.0.255', 'Apparent energy import', whole(of.apparentImport), 'kVAh'],
  ];
  if (prepaid.meteringMode === 0) return both;
  return [...both, ['1.0.2.8.0.255', 'Energy export', whole(of.activeExport), 'kWh']];
}

function demands(core: Core, now: Millis): Row<number>[] {
  const start = core.billing.startFor({ at: now, since: now });
  const highest = (kind: DemandKind) => core.demand.maximum(kind, 0, start, now).value;
  return [
    ['1.0.1.6.0.255', 'Maximum demand', highest('activeImport'), 'kW'],
    ['1.0.9.6.0.255', 'Maximum demand, apparent', highest('apparentImport'), 'kVA'],
  ];
}

function instants({ grid, supply }: Core, { phases }: MeterModel, now: Millis): Row<string>[] {
  const flow = supply.flowAt(now);
  const volts = (phase: number) => cut(grid.voltage(now, phase), 1, 1);
  const amperes = (phase: number) => cut(grid.current(now, phase), 3, 3);
  const own: Row<string>[] =
    phases === 1
      ? [
          ['1.0.12.7.0.255', 'Voltage', volts(0), 'V'],
          ['1.0.11.7.0.255', 'Phase current', amperes(0), 'A'],
          ['1.0.91.7.0.255', 'Neutral current', cut(grid.neutralCurrent(now), 3, 3), 'A'],
        ]
      : PHASES.flatMap((name, phase): Row<string>[] => [
          [`1.0.${32 + 20 * phase}.7.0.255`, `Voltage ${name}`, volts(phase), 'V'],
          [`1.0.${31 + 20 * phase}.7.0.255`, `Current ${name}`, amperes(phase), 'A'],
        ]);
  return [
    ...own,
    ['1.0.13.7.0.255', 'Power factor', powerFactor(flow).toFixed(3), ''],
    ['1.0.1.7.0.255', 'Power', cut(flow.active, 3, 3), 'kW'],
    ['1.0.14.7.0.255', 'Frequency', cut(grid.frequency(now), 2, 2), 'Hz'],
  ];
}

/** The decimal text of an integer with that many decimal digits. Only `shown` of them are shown; the others are truncated. */
function cut(amount: number, digits: number, shown: number): string {
  const kept = Math.trunc(amount / 10 ** (digits - shown));
  return String(new Decimal(BigInt(kept), -shown));
}

function eventsOf(core: Core): FaceEvent[] {
  const { events } = core;
  const all = events.all().sort((a, b) => b.at - a.at);
  return all.slice(0, MOST_EVENTS).map(({ at, code }) => {
    const { meaning = '', kind = 'event' } = loggedEvent(code) ?? {};
    return { time: clockText(core, at), code, meaning, kind };
  });
}

function clockText({ time }: Core, at: Millis): string {
  return new Date(time.wall(at)).toISOString().slice(0, 19).replace('T', ' ');
}
