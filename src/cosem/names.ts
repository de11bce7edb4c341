/** Logical names in words: the generic rules of IEC 62056-6-1 (OBIS) for abstract objects and electricity. */

import type { LogicalName } from '../base/obis.js';

/** Words for a logical name; undefined where the generic rules say nothing. Companion specifications know more. */
export function describeLogicalName(name: LogicalName): string | undefined {
  const groups = name.split('.').map(Number);
  const [a = -1, b = -1, c = -1, d = -1, e = -1, f = -1] = groups;
  if (groups.length !== 6) return undefined;
  const words =
    a === 1 ? (electricity(c, d, e) ?? generalPurpose(c, d, e)) : a === 0 ? abstract(b, c, d, e) : undefined;
  return words === undefined ? undefined : words + history(f);
}

function history(f: number): string {
  return f <= 99
    ? `, billing period VZ ${f}`
    : f === 101
      ? ', last billing period'
      : f < 127 && f > 101
        ? `, last ${f - 100} periods`
        : '';
}

// ---- electricity (A = 1)

interface Quantity {
  /** As a rate or level: D 7, maxima, averages. */
  readonly power: string;
  /** As a time integral; absent where there is none. */
  readonly energy?: string;
  readonly direction: string;
}

const QUADRANTS = ['I', 'II', 'III', 'IV'];

/** Value group C 1-20, which 21-40, 41-60 and 61-80 repeat for the phases. */
function quantity(c: number): Quantity | undefined {
  if (c === 1) return { power: 'active power', energy: 'active energy', direction: ' import' };
  if (c === 2) return { power: 'active power', energy: 'active energy', direction: ' export' };
  if (c === 3) return { power: 'reactive power', energy: 'reactive energy', direction: ' import' };
  if (c === 4) return { power: 'reactive power', energy: 'reactive energy', direction: ' export' };
  if (c >= 5 && c <= 8)
    return { power: 'reactive power', energy: 'reactive energy', direction: ` Q${QUADRANTS[c - 5]}` };
  if (c === 9) return { power: 'apparent power', energy: 'apparent energy', direction: ' import' };
  if (c === 10) return { power: 'apparent power', energy: 'apparent energy', direction: ' export' };
  if (c === 11) return { power: 'current', direction: '' };
  if (c === 12) return { power: 'voltage', direction: '' };
  if (c === 13) return { power: 'power factor', direction: '' };
  if (c === 14) return { power: 'supply frequency', direction: '' };
  if (c === 15) return { power: 'active power', energy: 'active energy', direction: ' |+A|+|-A|' };
  if (c === 16) return { power: 'active power', energy: 'active energy', direction: ' |+A|-|-A|' };
  if (c >= 17 && c <= 20)
    return { power: 'active power', energy: 'active energy', direction: ` Q${QUADRANTS[c - 17]}` };
  if (c === 81) return { power: 'angle', direction: '' };
  if (c === 84) return { power: 'power factor', direction: ' export' };
  if (c === 88) return { power: 'ampere-squared hours', direction: '' };
  if (c === 89) return { power: 'volt-squared hours', direction: '' };
  if (c === 90) return { power: 'current sum of all phases', direction: '' };
  if (c === 91) return { power: 'neutral current', direction: '' };
  if (c === 92) return { power: 'neutral voltage', direction: '' };
  return undefined;
}

function electricity(c: number, d: number, e: number): string | undefined {
  const phase = c >= 21 && c <= 80 ? Math.floor((c - 1) / 20) : 0;
  const q = quantity(phase === 0 ? c : c - 20 * phase);
  if (q === undefined) return undefined;
  const where = phase === 0 ? '' : ` L${phase}`;
  const processing = PROCESSING[d];
  if (processing === undefined) return undefined;
  const [before, integral, after] = processing;
  const base = integral ? q.energy : q.power;
  if (base === undefined) return undefined;
  return capital(`${before}${base}${where}${q.direction}${after}${tariff(d, e)}`);
}

/** Value group D: words before, whether a time integral, words after. */
const PROCESSING: Readonly<Record<number, readonly [string, boolean, string]>> = {
  0: ['average ', false, ' in the billing period'],
  2: ['cumulative maximum ', false, ''],
  3: ['minimum ', false, ''],
  4: ['current average ', false, ''],
  5: ['last average ', false, ''],
  6: ['maximum ', false, ''],
  7: ['', false, ''],
  8: ['', true, ''],
  9: ['', true, ' in this billing period'],
  10: ['', true, ' above the limit'],
  14: ['current average ', false, ' (period 2)'],
  15: ['last average ', false, ' (period 2)'],
  16: ['maximum ', false, ' (period 2)'],
  24: ['current average ', false, ' (period 3)'],
  25: ['last average ', false, ' (period 3)'],
  26: ['maximum ', false, ' (period 3)'],
  27: ['average ', false, ' in the recording interval'],
  28: ['average ', false, ' in recording interval 2'],
  29: ['', true, ' in the recording interval'],
  30: ['', true, ' in recording interval 2'],
};

function tariff(d: number, e: number): string {
  if (e === 0) return '';
  if (e <= 63) return d === 7 ? `, harmonic or point ${e}` : `, rate ${e}`;
  return e === 255 ? '' : `, item ${e}`;
}

/** Electricity-related general-purpose objects: C 0, and the C that abstract objects have too. */
function generalPurpose(c: number, d: number, e: number): string | undefined {
  if (c !== 0) return c >= 96 ? abstract(0, c, d, e) : undefined;
  if (d === 1) return billing(e);
  if (d === 2)
    return e === 0 ? 'Active firmware identifier' : e === 8 ? 'Active firmware signature' : `Program entry ${e}`;
  if (d === 3) return `Meter constant ${e}`;
  if (d === 4) return RATIOS[e] ?? `Ratio ${e}`;
  if (d === 8) return PERIODS[e] ?? `Period ${e}`;
  if (d === 9) return e === 1 ? 'Local time' : e === 2 ? 'Local date' : `Time entry ${e}`;
  return undefined;
}

const RATIOS: Readonly<Record<number, string>> = {
  0: 'Reading factor for power',
  1: 'Reading factor for energy',
  2: 'Transformer ratio, current (numerator)',
  3: 'Transformer ratio, voltage (numerator)',
  4: 'Overall transformer ratio (numerator)',
  5: 'Transformer ratio, current (denominator)',
  6: 'Transformer ratio, voltage (denominator)',
  7: 'Overall transformer ratio (denominator)',
};

const PERIODS: Readonly<Record<number, string>> = {
  0: 'Measurement period 1 (average value 1)',
  1: 'Measurement period 2 (average value 2)',
  2: 'Measurement period 3 (instantaneous value)',
  3: 'Measurement period 4 (test value)',
  4: 'Recording interval 1 (load profile)',
  5: 'Recording interval 2 (load profile)',
  6: 'Billing period',
};

// ---- abstract (A = 0)

function abstract(b: number, c: number, d: number, e: number): string | undefined {
  if (c === 0) return d === 1 ? billing(e) : d === 2 ? 'Firmware identifier' : undefined;
  if (c === 10 && d === 0) return SCRIPTS[e] ?? `Script table ${e}`;
  if (c === 15 && d === 0) return `${SCHEDULES[e] ?? `Single action schedule ${e}`}${numbered(b)}`;
  if (c === 25) return communication(b, d, e);
  if (c === 40) return e === 0 ? 'Current association' : `Association ${e}`;
  if (c === 43) return security(d, e);
  if (c === 96) return service(d, e);
  if (c === 97) return d === 97 ? `Error object ${e}` : d === 98 ? `Alarm object ${e}` : undefined;
  if (c === 98) return d === 1 ? `Billing period data${numbered(e)}` : `List object ${d}.${e}`;
  if (c === 99) return profile(d, e);
  if (c === 24) return mbus(b, d, e);
  const simple = SIMPLE[c];
  return simple === undefined ? undefined : `${simple}${numbered(Math.max(b, d, e))}`;
}

/** Objects of M-Bus devices; B is the channel (IEC 62056-6-1, 6.2.23). */
function mbus(b: number, d: number, e: number): string | undefined {
  const channel = `M-Bus channel ${b}`;
  switch (d) {
    case 0:
      return `M-Bus slave port setup${numbered(Math.max(b, e))}`;
    case 1:
      return `${channel}, client`;
    case 2:
      return `${channel}, value ${e}`;
    case 3:
      return e === 0 ? `${channel}, profile` : `${channel}, profile ${e}`;
    case 4:
      return `${channel}, disconnect control`;
    case 5:
      return `${channel}, control log`;
    case 6:
      return `M-Bus master port setup${numbered(Math.max(b, e))}`;
    default:
      return undefined;
  }
}

const SIMPLE: Readonly<Record<number, string>> = {
  1: 'Clock',
  2: 'Modem configuration',
  11: 'Special days table',
  12: 'Schedule',
  13: 'Activity calendar',
  14: 'Register activation',
  16: 'Register monitor',
  17: 'Limiter',
  19: 'Payment metering',
  20: 'IEC local port setup',
  21: 'Standard readout',
  22: 'IEC HDLC setup',
  23: 'IEC twisted pair setup',
  41: 'SAP assignment',
  42: 'Logical device name',
  44: 'Image transfer',
  65: 'Utility tables',
  66: 'Compact data',
};

const SCRIPTS: Readonly<Record<number, string>> = {
  0: 'Global meter reset script table',
  1: 'End of billing period (MD reset) script table',
  100: 'Tariffication script table',
  101: 'Activate test mode script table',
  102: 'Activate normal mode script table',
  103: 'Set output signals script table',
  104: 'Switch optical test output script table',
  105: 'Power quality script table',
  106: 'Disconnect control script table',
  107: 'Image activation script table',
  108: 'Push script table',
  109: 'Load profile control script table',
};

const SCHEDULES: Readonly<Record<number, string>> = {
  0: 'Schedule of the end of billing period',
  1: 'Schedule of disconnect control',
  2: 'Schedule of image activation',
  3: 'Schedule of output control',
  4: 'Schedule of push',
  5: 'Schedule of load profile control',
};

const COMMUNICATION: Readonly<Record<number, string>> = {
  0: 'TCP-UDP setup',
  1: 'IPv4 setup',
  2: 'MAC address setup',
  3: 'PPP setup',
  4: 'GPRS modem setup',
  5: 'SMTP setup',
  6: 'GSM diagnostic',
  7: 'IPv6 setup',
  8: 'FTP setup',
  9: 'Push setup',
  10: 'NTP setup',
};

const IDENTIFIERS = ['serial number', 'manufacturer', 'device', 'type', 'year'];

function billing(e: number): string {
  if (e === 0) return 'Billing period counter';
  if (e === 1) return 'Number of available billing periods';
  return e === 2 ? 'Time of the most recent billing period' : `Billing period entry ${e}`;
}

function communication(b: number, d: number, e: number): string | undefined {
  const words = COMMUNICATION[d];
  return words === undefined ? undefined : `${words}${numbered(d === 9 ? b : Math.max(b, e))}`;
}

function security(d: number, e: number): string | undefined {
  if (d === 0) return `Security setup${numbered(e)}`;
  if (d === 1) return `Invocation counter${numbered(e)}`;
  return d === 2 ? `Data protection${numbered(e)}` : undefined;
}

function service(d: number, e: number): string | undefined {
  switch (d) {
    case 1:
      return IDENTIFIERS[e] === undefined ? `Device ID ${e + 1}` : `Device ID ${e + 1} (${IDENTIFIERS[e]})`;
    case 2:
      return e === 0 ? 'Number of configuration changes' : `Configuration change entry ${e}`;
    case 3:
      return e === 10 ? 'Disconnect control' : `Input/output control signals ${e}`;
    case 4:
      return `Internal control signals ${e}`;
    case 5:
      return `Internal operating status ${e}`;
    case 6:
      return e === 0
        ? 'Battery use time'
        : e === 1
          ? 'Battery charge'
          : e === 3
            ? 'Battery voltage'
            : `Battery entry ${e}`;
    case 7:
      return e === 0
        ? 'Number of power failures'
        : e <= 3
          ? `Number of power failures L${e}`
          : `Power failure entry ${e}`;
    case 8:
      return e === 0 ? 'Time of operation' : `Time of operation, rate ${e}`;
    case 9:
      return ['Ambient temperature', 'Ambient pressure', 'Relative humidity'][e];
    case 10:
      return `Status register ${e}`;
    case 11:
      return `Event code${numbered(e)}`;
    case 12:
      return e === 5 ? 'Signal strength' : `Communication port parameter ${e}`;
    case 13:
      return `Consumer message${numbered(e)}`;
    case 14:
      return 'Currently active tariff';
    case 15:
      return `Event counter${numbered(e)}`;
    case 20:
      return `Meter tamper entry ${e}`;
    default:
      return undefined;
  }
}

function profile(d: number, e: number): string | undefined {
  if (d === 1 || d === 2) return `Load profile ${d}${e === 0 ? '' : `, channel ${e}`}`;
  if (d === 3) return 'Load profile during test';
  if (d === 98) return `Event log${numbered(e)}`;
  return undefined;
}

function numbered(n: number): string {
  return n === 0 ? '' : ` ${n}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
