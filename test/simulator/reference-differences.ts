/**
 * Where our meters differ from the recorded one, and why. `*` stands for anything. A difference that nothing here explains fails the test;
 * so does an explanation that explains nothing any more. With the quirks on, what names one must not differ.
 */
import type { MeterProfile, QuirkName } from '../../simulator/index.js';

export interface Explanation {
  readonly what: readonly string[];
  readonly why: string;
  /** The quirk that makes our meter do the same. */
  readonly quirk?: QuirkName;
  /** Meters that differ so; all unless given. */
  readonly meters?: readonly MeterProfile[];
}

const [D1, D2, CT] = ['is15959-1ph', 'is15959-3ph', 'is15959-ct'] as const;
const THREE_PHASE = [D2, CT];
const WITH_RELAY = [D1, D2];

export const EXPLANATIONS: readonly Explanation[] = [
  // ---- slips, each a quirk
  {
    what: ['value 8 0.0.1.0.0.255:3: {"long":630}*'],
    why: 'UTC = local + deviation: India is -330',
    quirk: 'deviation-630',
  },
  {
    what: ['value 1 0.0.94.91.11.255:2: *', 'value 1 0.0.94.91.9.255:2: *'],
    why: 'the recorded three-phase meter calls itself single-phase, D1',
    quirk: 'wrong-category',
    meters: [D2],
  },
  {
    what: ['type 1 0.0.94.96.2?.255:2: double-long-unsigned there, double-long here'],
    why: 'a balance can be below zero',
    quirk: 'unsigned-amounts',
    meters: WITH_RELAY,
  },
  {
    what: ['columns 1.0.94.91.4.255: another order'],
    why: 'R and Y are swapped there',
    quirk: 'swapped-scalers',
    meters: [D2],
  },
  {
    what: ['value 7 1.0.94.91.4.255:6: *'],
    why: 'R and Y are swapped there, and Y comes first',
    quirk: 'swapped-scalers',
    meters: THREE_PHASE,
  },
  {
    what: ['type 9 0.0.10.0.1??.255:2: *', 'type 9 0.0.10.0.1.255:2: *'],
    why: 'the methods want no parameter',
    quirk: 'script-parameter',
  },
  {
    what: ['value 9 0.0.10.0.100.255:2: *'],
    why: 'the calendar switches the zones itself: there is nothing that its scripts would call',
    quirk: 'dummy-tariff-scripts',
  },
  {
    what: ['right 15 0.0.40.0.?.255:7 client *'],
    why: 'a secret that can be read is none, and firmware upgrade may change its own',
    quirk: 'readable-secrets',
  },
  {
    what: ['value 22 0.0.15.0.0.255:2: *'],
    why: 'billing ends by the MD reset script, not by image activation',
    quirk: 'billing-script-107',
  },
  {
    what: ['value 22 0.?.15.0.4.255:2: *'],
    why: 'each push schedule names the script of its own push setup',
    quirk: 'push-script-2',
  },
  {
    what: ['value 23 0.0.22.0.0.255:8: *', 'value 41 0.0.25.0.0.255:6: *'],
    why: 'the time-outs are seconds',
    quirk: 'milliseconds-for-seconds',
  },
  {
    what: ['value 40 0.0.25.9.0.255:2: *'],
    why: 'a three-phase meter pushes its phases',
    quirk: 'single-phase-push-list',
    meters: THREE_PHASE,
  },
  {
    what: ['value 40 0.2.25.9.0.255:2: *'],
    why: 'the message listed is one that the meter has',
    quirk: 'message-to-nowhere',
    meters: THREE_PHASE,
  },
  {
    what: ['value 40 0.1.25.9.0.255:4: *'],
    why: 'a window that nobody set is none, and not in month 191',
    quirk: 'unset-garbage',
  },
  {
    what: ['value 1 1.0.96.128.30.255:2: *'],
    why: 'times that nobody set are those that hold',
    quirk: 'unset-garbage',
    meters: WITH_RELAY,
  },
  {
    what: ['value 71 0.0.17.0.0.255:11: *'],
    why: 'the limiter acts on the relay, not on the image',
    quirk: 'limiter-script-107',
    meters: WITH_RELAY,
  },
  {
    what: ['columns 0.0.99.98.4.255: -3:1.0.9.8.0.255:2:0 +3:1.0.1.8.0.255:2:0'],
    why: 'event logs capture kWh, all of them',
    quirk: 'kvah-in-others',
    meters: THREE_PHASE,
  },

  // ---- who the meter is
  {
    what: ['1.0.0.2.0', '0.0.42.0.0', '0.0.96.1.0', '0.0.96.1.1', '0.0.96.1.2', '0.0.96.1.4', '0.0.94.91.12'].map(
      (name) => `value 1 ${name}.255:2: *`,
    ),
    why: 'its own name plate',
    meters: THREE_PHASE,
  },
  {
    what: ['value 1 0.0.42.0.0.255:2: *'],
    why: 'a logical device name of 16 octets, as field meters have it',
    meters: [D1],
  },
  { what: ['value 64 0.0.43.0.?.255:5: *'], why: 'its own system title' },
  { what: ['value 64 0.0.43.0.?.255:4: *'], why: 'the titles of other clients' },
  { what: ['value 1 0.0.94.91.11.255:2: *', 'value 1 0.0.94.91.9.255:2: *'], why: 'category D3', meters: [CT] },

  // ---- what it lived through
  {
    what: ['0.0.96.11.?', '0.0.0.1.0', '0.0.0.1.1', '0.0.96.7.0', '0.0.94.91.0', '0.0.94.96.19'].map(
      (name) => `value 1 ${name}.255:2: *`,
    ),
    why: 'what happened to it',
  },
  {
    what: ['0', '1', '2', '3', '4', '5'].map((group) => `value 1 0.0.94.96.2${group}.255:2: *`),
    why: 'what was paid and used up',
    meters: WITH_RELAY,
  },
  { what: ['value 1 0.0.96.2.0.255:2: *'], why: 'how often it was programmed', meters: THREE_PHASE },
  { what: ['value 15 0.0.40.0.?.255:8: *'], why: 'which associations are open' },
  { what: ['value 18 0.0.44.0.0.255:*'], why: 'no image was transferred yet' },

  // ---- how it is set up
  {
    what: [
      'value 15 0.0.40.0.?.255:5: *"long-unsigned":832},{"long-unsigned":832}*{"long-unsigned":832},{"long-unsigned":768}*',
    ],
    why: 'it says of each association that it sends 768 octets at most, which is so',
  },
  { what: ['value 1 0.0.94.91.26.255:2: *'], why: 'the event status filter of the factory, as field meters have it' },
  {
    what: ['value 1 1.0.96.128.25.255:2: *'],
    why: 'relay times of the factory: nobody set them there',
    meters: WITH_RELAY,
  },
  { what: ['value 20 0.0.13.0.0.255:*'], why: 'a calendar of its own: zones by the hours of the day' },
  { what: ['value 22 0.0.15.0.0.255:4: *'], why: 'bills end on the first of the month' },
  { what: ['value 22 0.3.15.0.4.255:4: *'], why: 'nothing is pushed to a display unless somebody wants it' },
  { what: ['value 23 0.0.22.0.0.255:9: *'], why: 'the physical address that the bench used' },
  { what: ['value 40 0.?.25.9.0.255:3: *'], why: 'it pushes to a head-end on this machine' },
  {
    what: ['value 40 0.?.25.9.0.255:4: {"array":[{"structure":*} there, {"array":[]} here'],
    why: 'no windows: it pushes at any time',
  },
  {
    what: ['value 45 0.0.25.4.0.255:2: *', 'value 48 0.0.25.7.0.255:*'],
    why: 'a network that does not exist; the address is sixteen octets, not text',
  },
  { what: ['value 45 0.0.25.4.0.255:3: long-unsigned there, none here'], why: 'a dump holds no PIN' },
  {
    what: ['value 15 0.0.40.0.?.255:7: octet-string there, none here'],
    why: 'a dump holds no secret, though it can be read',
  },
  { what: ['3', '4', '5'].map((id) => `value 71 0.0.17.0.0.255:${id}: *`), why: 'its own load limit', meters: [D2] },
  { what: ['8', '9'].map((id) => `value 71 0.0.17.0.0.255:${id}: *`), why: 'no emergency yet', meters: WITH_RELAY },

  // ---- more than the recorded meter has
  {
    what: [
      'object 1 0.0.43.1.6.255 client 96: *',
      'object 15 0.0.40.0.6.255 client 96: *',
      'object 64 0.0.43.0.6.255 client 96: *',
    ],
    why: 'the association of the in-home display, which was switched off there',
  },

  // ---- single phase: as a field meter of category D1 has it
  {
    what: [
      'association 32 objects: 161 there, 132 here',
      'association 48 objects: 161 there, 132 here',
      ...['3', '5', '7'].flatMap((phase) =>
        ['1', '2'].map((kind) => `object 3 1.0.${phase}${kind}.27.0.255: there alone`),
      ),
      ...['3', '5', '7'].flatMap((phase) =>
        ['1', '2', '3'].map((kind) => `object 3 1.0.${phase}${kind}.7.0.255: there alone`),
      ),
      ...['3.7', '5.8', '6.8', '7.8', '8.8'].map((quantity) => `object 3 1.0.${quantity}.0.255: there alone`),
      'object 4 1.0.?.6.?.255: there alone',
      'value 7 1.0.94.91.?.255:6: *',
    ],
    why: 'one phase, no reactive energy, maximum demand for all zones together',
    meters: [D1],
  },
  {
    what: [
      ...['11.7', '11.27', '12.7', '12.27', '91.7'].map(
        (quantity) => `object 3 1.0.${quantity}.0.255 client ??: here alone`,
      ),
      'object 3 ?.0.94.91.14.255 client ??: here alone',
    ],
    why: 'quantities of the phase and of the neutral, the time with power, the current that events capture',
    meters: [D1],
  },
  {
    what: [
      'type 1 0.0.96.2.0.255:2: double-long-unsigned there, long-unsigned here',
      ...['0.0.94.91.12', '1.0.0.2.0', '0.0.96.1.1', '0.0.94.91.11', '0.0.96.1.0', '0.0.96.1.2'].map(
        (name) => `type 1 ${name}.255:2: octet-string there, visible-string here`,
      ),
      'type 1 0.0.96.1.4.255:2: octet-string there, long-unsigned here',
    ],
    why: 'types of the field meter',
    meters: [D1],
  },
  {
    what: [
      'value 7 0.0.99.98.5.255:8: *',
      'value 7 0.0.99.98.2.255:8: *',
      'value 18 0.0.44.0.0.255:2: *',
      'value 23 0.0.22.0.0.255:?: *',
    ],
    why: 'sizes of the field meter: logs, image blocks, HDLC frames',
    meters: [D1],
  },
  {
    what: ['columns 1.0.99.1.0.255: -3:1.0.91.27.0.255:2:0', 'columns 1.0.94.91.4.255: -3:1.0.91.27.0.255:3:0'],
    why: 'its maker added the neutral current',
    meters: [D1],
  },
  {
    what: ['columns 1.0.98.1.0.255: -4:1.0.2.6.0.255:2:0 *', 'columns 1.0.94.91.6.255: -4:1.0.2.6.0.255:3:0 *'],
    why: 'its maker added maximum demand of export and of the power factor',
    meters: [D1],
  },
  {
    what: ['push 0.0.25.9.0.255: +70:0.0.96.3.10.255:2:0 +71:0.0.17.0.0.255:3:0'],
    why: 'the note on the recording says that both followed',
    meters: [D1],
  },
  { what: ['push 0.5.25.9.0.255: there alone'], why: 'a push of its maker, not of the standard', meters: [D1] },

  // ---- behind current transformers
  {
    what: [
      'association 32 objects: 161 there, 157 here',
      'association 48 objects: 161 there, 157 here',
      'object 1 0.0.96.11.6.255: there alone',
      'object 7 0.0.99.98.6.255: there alone',
      'columns 0.0.99.98.6.255: there alone',
      'object 70 *: there alone',
      'object 71 *: there alone',
      'object 1 1.0.96.128.25.255: there alone',
      'object 1 1.0.96.128.30.255: there alone',
      'columns 1.0.94.91.0.255: -70:0.0.96.3.10.255:2:0 -71:0.0.17.0.0.255:3:0',
    ],
    why: 'no relay: nothing to control, limit, log or close again',
    meters: [CT],
  },
  {
    what: ['0', '1', '2', '3', '4', '5'].map((group) => `object 1 0.0.94.96.2${group}.255: there alone`),
    why: 'nothing prepaid',
    meters: [CT],
  },
  {
    what: [
      'type 3 1.0.*: float32 there, double-long*',
      'type 4 1.0.*: float32 there, double-long*',
      'value 3 1.0.*:3: *',
      'value 4 1.0.*:3: *',
    ],
    why: 'whole units, exact: a float32 has too few digits for the energy of a works',
    meters: [CT],
  },
  {
    what: [
      'object 1 1.0.0.4.?.255 client ??: here alone',
      'object 3 1.0.?.29.0.255 client ??: here alone',
      'object 4 1.0.*.6.0.255 client ??: here alone',
      'columns 0.0.94.91.10.255: +1:1.0.0.4.2.255:2:0 +1:1.0.0.4.3.255:2:0',
      'columns 1.0.99.1.0.255: +3:1.0.5.29.0.255:2:0 *',
      'columns 1.0.94.91.4.255: +3:1.0.5.29.0.255:3:0 *',
      'columns 1.0.98.1.0.255: +4:1.0.2.6.0.255:2:0 *',
      'columns 1.0.94.91.6.255: +4:1.0.2.6.0.255:3:0 *',
    ],
    why: 'ratios of the transformers, reactive block energy, maximum demand of export (Part 3)',
    meters: [CT],
  },
];
