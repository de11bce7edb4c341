/**
 * Profiles and push lists of IS 15959 for single phase (category D1), three phase (D2) and CT-operated meters (D3). The lists of Part 3 were not
 * available: for CT-operated meters they are those of the three-phase meter with the additions of Part 3 that are known.
 */

import { scalerUnitRef } from '../../cosem/members.js';
import { type CaptureColumn, columns, type ProfileSpec, type PushSpec } from '../companion.js';
import { EVENT_LOGS } from './events.js';

/** The same column for the total and the eight time zones. */
function zones(pattern: string): string {
  return Array.from({ length: 9 }, (_, zone) => pattern.replaceAll('*', String(zone))).join(' ');
}

const CLOCK = '8:0.0.1.0.0:2';
const ENERGIES = '3:1.0.1.8.0:2 3:1.0.9.8.0:2';
const EXPORTS = '3:1.0.2.8.0:2 3:1.0.10.8.0:2';
const BLOCK_ENERGIES = '3:1.0.1.29.0:2 3:1.0.9.29.0:2 3:1.0.2.29.0:2 3:1.0.10.29.0:2';
const QUADRANTS = '3:1.0.5.8.0:2 3:1.0.6.8.0:2 3:1.0.7.8.0:2 3:1.0.8.8.0:2';
const BLOCK_QUADRANTS = '3:1.0.5.29.0:2 3:1.0.6.29.0:2 3:1.0.7.29.0:2 3:1.0.8.29.0:2';
const EXPORT_MD = '4:1.0.2.6.0:2 4:1.0.2.6.0:5 4:1.0.10.6.0:2 4:1.0.10.6.0:5';
const PHASE_CURRENTS = '3:1.0.31.7.0:2 3:1.0.51.7.0:2 3:1.0.71.7.0:2';
const PHASE_VOLTAGES = '3:1.0.32.7.0:2 3:1.0.52.7.0:2 3:1.0.72.7.0:2';
const PHASE_FACTORS = '3:1.0.33.7.0:2 3:1.0.53.7.0:2 3:1.0.73.7.0:2';
const MD = '4:1.0.1.6.0:2 4:1.0.1.6.0:5 4:1.0.9.6.0:2 4:1.0.9.6.0:5';
const BILLING_ENERGIES = `3:0.0.0.1.2:2 3:1.0.13.0.0:2 ${zones('3:1.0.1.8.*:2')} ${zones('3:1.0.9.8.*:2')}`;
const POWER_ON = '3:0.0.94.91.13:2';

const SINGLE_PHASE_INSTANT = `${CLOCK} 3:1.0.12.7.0:2 3:1.0.11.7.0:2 3:1.0.91.7.0:2 3:1.0.13.7.0:2 3:1.0.14.7.0:2 3:1.0.9.7.0:2
  3:1.0.1.7.0:2 ${ENERGIES} ${MD} 3:0.0.94.91.14:2 1:0.0.94.91.0:2 1:0.0.0.1.0:2 1:0.0.96.2.0:2 ${EXPORTS}
  70:0.0.96.3.10:2 71:0.0.17.0.0:3`;

const THREE_PHASE_INSTANT = `${CLOCK} ${PHASE_CURRENTS} ${PHASE_VOLTAGES} ${PHASE_FACTORS} 3:1.0.13.7.0:2 3:1.0.14.7.0:2
  3:1.0.9.7.0:2 3:1.0.1.7.0:2 3:1.0.3.7.0:2 1:0.0.96.7.0:2 3:0.0.94.91.8:2 1:0.0.94.91.0:2 1:0.0.0.1.0:2 1:0.0.96.2.0:2
  3:0.0.0.1.2:2 3:1.0.1.8.0:2 3:1.0.2.8.0:2 3:1.0.9.8.0:2 3:1.0.10.8.0:2 4:1.0.1.6.0:2 4:1.0.9.6.0:2 4:1.0.1.6.0:5
  4:1.0.9.6.0:5 70:0.0.96.3.10:2 71:0.0.17.0.0:3 ${QUADRANTS}`;

const NAMEPLATE =
  '1:0.0.96.1.0:2 1:0.0.96.1.2:2 1:0.0.96.1.1:2 1:1.0.0.2.0:2 1:0.0.94.91.9:2 1:0.0.94.91.11:2 1:0.0.94.91.12:2 1:0.0.96.1.4:2';

const THREE_PHASE_SNAPSHOT = `${PHASE_CURRENTS} ${PHASE_VOLTAGES} ${PHASE_FACTORS} 3:1.0.1.8.0:2 3:1.0.2.8.0:2 1:0.0.94.91.0:2`;

/** What the categories differ in. */
interface ProfileShape {
  readonly instant: string;
  readonly block: string;
  readonly billing: string;
  readonly nameplate: string;
  /** Columns of event logs after clock and code. */
  readonly snapshot: string;
  /** Entries of each event log that the meter has. */
  readonly logEntries: readonly number[];
}

const SINGLE_PHASE: ProfileShape = {
  instant: SINGLE_PHASE_INSTANT,
  block: `${CLOCK} 3:1.0.12.27.0:2 ${BLOCK_ENERGIES} 3:1.0.11.27.0:2`,
  billing: `${BILLING_ENERGIES} ${MD} ${POWER_ON} ${EXPORTS}`,
  nameplate: NAMEPLATE,
  snapshot: '3:1.0.94.91.14:2 3:1.0.12.7.0:2 3:1.0.13.7.0:2 3:1.0.1.8.0:2 3:1.0.2.8.0:2 1:0.0.94.91.0:2',
  logEntries: [50, 50, 50, 50, 50, 2, 50],
};

const THREE_PHASE: ProfileShape = {
  instant: THREE_PHASE_INSTANT,
  block: `${CLOCK} 3:1.0.31.27.0:2 3:1.0.51.27.0:2 3:1.0.71.27.0:2 3:1.0.32.27.0:2 3:1.0.52.27.0:2 3:1.0.72.27.0:2 ${BLOCK_ENERGIES}`,
  billing: `${BILLING_ENERGIES} ${zones('4:1.0.1.6.*:2 4:1.0.1.6.*:5')} ${zones('4:1.0.9.6.*:2 4:1.0.9.6.*:5')} ${POWER_ON}
    ${EXPORTS} ${QUADRANTS}`,
  nameplate: NAMEPLATE,
  snapshot: THREE_PHASE_SNAPSHOT,
  logEntries: [50, 50, 20, 50, 50, 1, 50],
};

/** A meter without relay: its columns and its event log are missing. */
const CT_OPERATED: ProfileShape = {
  instant: THREE_PHASE_INSTANT.replace('70:0.0.96.3.10:2 71:0.0.17.0.0:3', ''),
  block: `${THREE_PHASE.block} ${BLOCK_QUADRANTS}`,
  billing: `${THREE_PHASE.billing} ${EXPORT_MD}`,
  nameplate: `${NAMEPLATE} 1:1.0.0.4.2:2 1:1.0.0.4.3:2`,
  snapshot: THREE_PHASE_SNAPSHOT,
  logEntries: [50, 50, 20, 50, 50, 1],
};

/** Columns of a scaler profile: attribute 3 of the registers of its parent, in the same order. */
export function scalerColumns(parent: readonly CaptureColumn[]): CaptureColumn[] {
  return parent.flatMap((column) => {
    const scaler = scalerUnitRef({ ...column, attributeId: column.attributeIndex });
    return scaler === undefined ? [] : [{ ...column, attributeIndex: scaler.attributeId }];
  });
}

function profiles(shape: ProfileShape): ProfileSpec[] {
  const made = [
    profile('instantaneous', '1.0.94.91.0.255', 'Instantaneous profile', shape.instant, 0, 1, '1.0.94.91.3.255'),
    profile('block-load', '1.0.99.1.0.255', 'Block load profile', shape.block, 1800, 1680, '1.0.94.91.4.255'),
    profile(
      'daily-load',
      '1.0.99.2.0.255',
      'Daily load profile',
      `${CLOCK} ${ENERGIES} ${EXPORTS}`,
      86400,
      35,
      '1.0.94.91.5.255',
    ),
    profile('billing', '1.0.98.1.0.255', 'Billing profile', shape.billing, 0, 13, '1.0.94.91.6.255'),
    profile('nameplate', '0.0.94.91.10.255', 'Name plate profile', shape.nameplate, 0, 1),
    ...shape.logEntries.map((entries, index) => {
      const log = EVENT_LOGS[index] as (typeof EVENT_LOGS)[number];
      const list = `${CLOCK} 1:0.0.96.11.${log.index}:2 ${log.snapshot ? shape.snapshot : ''}`;
      const scaler = log.snapshot ? '1.0.94.91.7.255' : undefined;
      return profile('event-log', `0.0.99.98.${log.index}.255`, `Event log: ${log.name}`, list, 0, entries, scaler);
    }),
  ];
  return [...made, ...scalers(made)];
}

/** One scaler profile for each logical name, with the columns of the first profile that refers to it. */
function scalers(parents: readonly ProfileSpec[]): ProfileSpec[] {
  const made: ProfileSpec[] = [];
  for (const { scalerProfile, columns: own, title, kind } of parents) {
    if (scalerProfile === undefined || made.some((scaler) => scaler.logicalName === scalerProfile)) continue;
    const list = scalerColumns(own);
    const of = kind === 'event-log' ? 'event logs' : title.toLowerCase();
    made.push({
      kind: 'scaler',
      logicalName: scalerProfile,
      title: `Scalers of the ${of}`,
      columns: list,
      capturePeriod: 0,
      entries: 1,
      sortObject: list[0] as CaptureColumn,
    });
  }
  return made;
}

function profile(
  kind: ProfileSpec['kind'],
  logicalName: string,
  title: string,
  list: string,
  capturePeriod: number,
  entries: number,
  scalerProfile?: string,
): ProfileSpec {
  const made = columns(list);
  const spec = {
    kind,
    logicalName,
    title,
    columns: made,
    capturePeriod,
    entries,
    sortObject: made[0] as CaptureColumn,
  };
  return scalerProfile === undefined ? spec : { ...spec, scalerProfile };
}

export const singlePhaseProfiles: readonly ProfileSpec[] = profiles(SINGLE_PHASE);
export const threePhaseProfiles: readonly ProfileSpec[] = profiles(THREE_PHASE);
export const ctOperatedProfiles: readonly ProfileSpec[] = profiles(CT_OPERATED);

function push(index: number, title: string, list: string): PushSpec {
  return { logicalName: `0.${index}.25.9.0.255`, title, objects: columns(list), script: index + 1 };
}

/** The head of a push to the head end: device id, the setup itself, clock. Messages to the display lack the device id. */
function headEnd(index: number): string {
  return `1:0.0.96.1.2:2 40:0.${index}.25.9.0:1 ${CLOCK}`;
}

function pushes(measurements: string, display: string): PushSpec[] {
  return [
    push(0, 'Periodic push to the head end', `${headEnd(0)} ${measurements}`),
    push(1, 'Utility message to the in-home display', `${CLOCK} 40:0.1.25.9.0:1 1:0.0.96.13.1:2`),
    push(2, 'Consumer message to the head end', `${headEnd(2)} 1:0.0.96.13.0:2`),
    push(3, 'Periodic push to the in-home display', `${CLOCK} 40:0.3.25.9.0:1 ${display}`),
    push(4, 'Event push to the head end', `${headEnd(4)} 1:0.0.94.91.18:2`),
  ];
}

export const singlePhasePushes: readonly PushSpec[] = pushes(
  SINGLE_PHASE_INSTANT.replace(CLOCK, ''),
  '3:1.0.1.9.0:2 3:1.0.11.7.0:2 3:1.0.12.7.0:2 3:1.0.13.7.0:2 3:1.0.9.7.0:2 3:1.0.1.7.0:2',
);

export const threePhasePushes: readonly PushSpec[] = pushes(
  `${PHASE_CURRENTS} ${PHASE_VOLTAGES} ${ENERGIES} ${EXPORTS}`,
  '3:1.0.1.9.0:2 3:1.0.31.7.0:2 3:1.0.32.7.0:2 3:1.0.33.7.0:2 3:1.0.9.7.0:2 3:1.0.1.7.0:2',
);
