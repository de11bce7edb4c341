import type { PushSheet } from './sheet.js';

const PHASES_P = ['21', '22', '41', '42', '61', '62'];

/** Scalers and units of energies and powers at a power of ten, for A = 1. */
function electricity(energy: number, power = 0): Readonly<Record<string, string>> {
  const table: Record<string, string> = {};
  for (const c of ['1', '2', ...PHASES_P]) {
    table[`1.*.${c}.7.0.255`] = `${power} W`;
    table[`1.*.${c}.8.*.255`] = `${energy} Wh`;
  }
  for (const c of ['3', '4', '5', '6', '7', '8']) {
    table[`1.*.${c}.7.0.255`] = `${power} var`;
    table[`1.*.${c}.8.*.255`] = `${energy} varh`;
  }
  return table;
}

/** The same for voltages and currents; without `current` the scaler of currents stays unknown. */
function phases(voltage: number, current?: number): Readonly<Record<string, string>> {
  const table: Record<string, string> = {};
  for (const shift of [0, 20, 40]) {
    table[`1.*.${32 + shift}.7.0.255`] = `${voltage} V`;
    if (current !== undefined) table[`1.*.${31 + shift}.7.0.255`] = `${current} A`;
  }
  return table;
}

const register = (...names: readonly string[]) => names.map((name) => `3:1.0.${name}.255:2`);
const POWERS = register('1.7.0', '2.7.0', '3.7.0', '4.7.0');
const ENERGIES = register('1.8.0', '2.8.0', '3.8.0', '4.8.0');
const CLOCK = '8:0.0.1.0.0.255:2';
const NVE_HEAD = ['1:1.1.0.2.129.255:2', '1:0.0.96.1.0.255:2', '1:0.0.96.1.7.255:2', ...POWERS];
const ONE_PHASE = [...NVE_HEAD, ...register('31.7.0', '32.7.0')];
const THREE_PHASES = [...NVE_HEAD, ...register('31.7.0', '51.7.0', '71.7.0', '32.7.0', '52.7.0', '72.7.0')];
const KAIFA_SCALERS = { ...electricity(0), ...phases(-1, -3) };

const KAMSTRUP = {
  ...phases(0, -2),
  '1.*.13.7.0.255': '-2',
  '1.*.33.7.0.255': '-2',
  '1.*.53.7.0.255': '-2',
  '1.*.73.7.0.255': '-2',
};

/**
 * The sheets that come with the library. Pushes that contain names, scalers and units need none: Aidon, Kaifa in Austria, Sagemcom T210-D,
 * telegrams.
 */
export const knownPushSheets: readonly PushSheet[] = [
  {
    id: 'kaifa-nve',
    title: 'Kaifa MA105, MA304 and others in Norway and Sweden, also sold by Nuri: lists without names',
    source: 'the lists of NVE, which the maker calls KFM_001; messages of an MA304',
    trust: 'documented',
    match: { form: 'values', version: 'KFM_*' },
    lists: [ONE_PHASE, THREE_PHASES, [...ONE_PHASE, CLOCK, ...ENERGIES], [...THREE_PHASES, CLOCK, ...ENERGIES]],
    scalers: KAIFA_SCALERS,
  },
  {
    id: 'kaifa-nve-list-1',
    title: 'Kaifa in Norway and Sweden: the list of 2.5 seconds, which is one number',
    source:
      'list 1 of NVE: active import. The message does not say so, so any other push of one number would be taken for it',
    trust: 'concluded',
    match: { form: 'values', types: ['double-long-unsigned'] },
    lists: [register('1.7.0')],
    scalers: KAIFA_SCALERS,
  },
  {
    id: 'kamstrup',
    title: 'Kamstrup OMNIPOWER in Norway, Denmark, Sweden and Switzerland: names without scalers',
    source:
      'the maker’s description of its HAN module: currents in hundredths of an ampere, energies in tens of watt hours, the rest in whole units; ' +
      'messages of Norwegian, Swedish and Danish meters, where U times I agrees with P',
    trust: 'documented',
    match: { form: 'pairs', version: 'Kamstrup_*' },
    unnamed: ['1:1.1.0.2.129.255:2'],
    scalers: { ...electricity(1), ...KAMSTRUP },
    notes: [
      'Some meters in Sweden and Switzerland are set up to send energies in whole watt hours, and the message does not tell: compare with ' +
        'the display once, and name the sheet kamstrup-wh if they are ten times too high.',
      'With current transformers the values are those of the secondary side unless the ratio was set in the meter.',
    ],
  },
  {
    id: 'kamstrup-wh',
    title: 'Kamstrup OMNIPOWER that sends energies with three decimals',
    source: 'reports of owners in Sweden and Switzerland, since a change of regulation in 2024 in Sweden',
    trust: 'recorded',
    match: { form: 'pairs', version: 'Kamstrup_*' },
    byHand: true,
    unnamed: ['1:1.1.0.2.129.255:2'],
    scalers: { ...electricity(0), ...KAMSTRUP },
  },
  {
    id: 'landis-gyr-e360',
    title: 'Landis+Gyr E360 with a list of its objects',
    source: 'a message of such a meter: 230 V and U times I that agrees with P',
    trust: 'concluded',
    match: { form: 'objects', device: 'LGZ*', holds: ['0.6.25.9.0.255'] },
    scalers: { ...electricity(0), ...phases(-1, -2) },
  },
  {
    id: 'landis-gyr-e570',
    title: 'Landis+Gyr E570, numbers of 64 bits',
    source: 'messages of two such meters: voltages are whole volts, a power factor of 1000 is 1',
    trust: 'concluded',
    match: { form: 'objects', device: 'LGZ*', anyType: 'long64' },
    scalers: { ...phases(0), '1.*.13.7.0.255': '-3' },
    notes: [
      'Whether powers and currents are W and A or mW and mA cannot be told from its messages, nor the unit of energies.',
    ],
  },
  {
    id: 'landis-gyr-e450',
    title: 'Landis+Gyr E450 with a list of its objects, as Swiss utilities set it up',
    source: 'a message of such a meter with the values on its display: 28 W, 236 V, 0.09 A',
    trust: 'recorded',
    match: { form: 'objects', device: 'LGZ*', holds: ['0.8.25.9.0.255'] },
    scalers: { ...electricity(0), ...phases(0, -2) },
  },
  {
    id: 'landis-gyr-at',
    title: 'Landis+Gyr E450 in Austria: names without scalers, the time first',
    source: 'messages of two such meters: 2893 W in a household, and tariffs that add up to their total',
    trust: 'recorded',
    match: { form: 'pairs', systemTitle: '4C475A*', holds: ['1.0.1.8.1.255', '1.0.1.7.0.255'] },
    scalers: electricity(0),
  },
  {
    id: 'sagemcom-kaifa-at',
    title: 'Sagemcom T210-D and Kaifa MA309 in Lower Austria: the time first, the meter number last',
    source: 'the operator’s description of its customer interface, with an example',
    trust: 'documented',
    match: { form: 'pairs', holds: ['1.0.1.8.0.255', '1.0.13.7.0.255', '1.0.72.7.0.255'] },
    unnamed: ['1:0.0.96.1.0.255:2'],
  },
  {
    id: 'iskra-objects',
    title: 'Iskraemeco AM550 with a list of its objects',
    source:
      'a message of such a meter: tariffs that add up to their total, and registers of a household after some years',
    trust: 'concluded',
    match: { form: 'objects', device: 'ISK*' },
    scalers: electricity(0),
  },
  {
    id: 'iskra-si-device',
    title: 'Iskraemeco AM550 in Slovenia: device and numbers, which are not named',
    source:
      'a message of such a meter. The utility configures what the numbers mean and does not publish it: they are shown as they come',
    trust: 'concluded',
    match: { form: 'values', device: 'ISK*' },
    lists: [['1:0.0.42.0.0.255:2', '1:0.0.96.1.0.255:2', '-', '-', '-', '-', '-', '-', '-']],
  },
  {
    id: 'smr5-alarm',
    title: 'Alarm of a Dutch SMR5 meter',
    source: 'Dutch Smart Meter Requirements 5: equipment identifier, push setup, alarm register 2',
    trust: 'documented',
    match: {
      form: 'values',
      types: ['octet-string', 'octet-string', 'double-long-unsigned'],
      holds: ['0.1.25.9.0.255'],
    },
    lists: [['1:0.0.96.1.0.255:2', '40:0.1.25.9.0.255:1', '1:0.0.97.98.1.255:2']],
  },
];

/** Names of objects whose meaning the standard leaves to the maker. */
export const PUSHED_NAMES: Readonly<Record<string, string>> = {
  '1.1.0.2.129.255': 'List version',
  '1.1.0.0.5.255': 'Meter number',
  '1.1.0.0.1.255': 'Meter number of the maker',
  // Of the Dutch P1 port and its neighbours (DSMR).
  '1.3.0.2.8.255': 'Version of the P1 port',
  '1.1.96.1.1.255': 'Meter type',
  '0.0.96.1.7.255': 'Meter type',
  '0.0.96.1.0.255': 'Serial number',
  '0.0.96.1.1.255': 'Meter number of the utility',
  '*.*.1.0.0.255': 'Clock',
};
