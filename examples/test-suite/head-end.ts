// Somebody's own head-end, small enough to be read: what the tests beside it are about.
import {
  type Clock,
  CosemDateTime,
  type Decimal,
  type Meter,
  type OpenOptions,
  open,
  setClock,
  systemClock,
  type Transport,
} from 'cosem';

export interface Site {
  /** A line to the meter, not open yet. */
  readonly connect: () => Promise<Transport>;
  /** Client, secret and keys. */
  readonly access: OpenOptions;
  /** The machine's own; tests have one of their own. */
  readonly clock?: Clock;
}

export interface Block {
  /** The end of the half hour, in local time of the meter. */
  readonly end: string;
  readonly wattHours: Decimal;
}

export interface Day {
  readonly wattHours: Decimal;
  readonly blocks: readonly Block[];
}

/** How far the clock of a meter may be off before it is set, in milliseconds. */
const TOLERANCE = 30_000;

async function withMeter<T>(
  { connect, access, clock = systemClock }: Site,
  work: (meter: Meter) => Promise<T>,
): Promise<T> {
  const meter = await open(await connect(), { ...access, clock, patience: 60_000 });
  try {
    return await work(meter);
  } finally {
    await meter.close();
  }
}

/** The energy register and the last day of half hours. */
export function readDay(site: Site): Promise<Day> {
  return withMeter(site, async (meter) => {
    const energy = await meter.reading('1.0.1.8.0.255');
    const rows = await meter.profile('1.0.99.1.0.255').rows({ last: 48 });
    if (energy.value === undefined) throw new Error(`the energy is no number: ${energy.text}`);
    const blocks = rows.map((row): Block => {
      const { value } = row.get('1.0.1.29.0.255');
      if (row.time === undefined || value === undefined) throw new Error(`a row without time or energy: ${row}`);
      return { end: row.time.toText(), wattHours: value };
    });
    return { wattHours: energy.value, blocks };
  });
}

/** Sets the clock of a meter that is off. @returns by how many milliseconds it was ahead. */
export function keepTime(site: Site): Promise<number> {
  return withMeter(site, async (meter) => {
    const { clock = systemClock } = site;
    const shown = await meter.get(meter.clock().time);
    const instant = shown.toDate();
    if (instant === undefined) throw new Error(`the meter does not say when ${shown.toText()} is`);
    const ahead = instant.getTime() - clock.now();
    if (Math.abs(ahead) > TOLERANCE) await setClock(meter, CosemDateTime.fromDate(new Date(clock.now()), -330));
    return ahead;
  });
}
