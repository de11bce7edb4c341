import type { QuirkSheet } from './sheet.js';

/**
 * The quirk sheets that come with the library. Deviations that a client tolerates with every meter are not in them: a UA without
 * parameters, one that grants more than was proposed, an FRMR without information, unset date-times, long answers in blocks of GET although
 * general-block-transfer was negotiated, text as octet-string or visible-string.
 */
export const knownQuirks: readonly QuirkSheet[] = [
  {
    id: 'deviation-plus-330',
    title: 'Indian meters whose deviation has the wrong sign',
    source: 'dumps of field meters, single and three phase. No zone on Earth is 5 h 30 min behind UTC',
    effects: { deviation: { sends: 330, means: -330 } },
  },
  {
    id: 'deviation-630',
    title: 'Indian meters whose deviation is 630',
    source:
      'recorded conversations of a public three-phase reference meter. No zone on Earth is 10 h 30 min behind UTC',
    effects: { deviation: { sends: 630, means: -330 } },
  },
  {
    id: 'event-codes-low-octet',
    title: 'Indian meters whose event codes are an enum, which has one octet',
    source: 'dump of a single-phase field meter. Numbers of other types are taken as they are',
    effects: { eventCodes: 'low-octet' },
  },
  {
    id: 'reference-three-phase',
    title: 'The public three-phase reference meter',
    source: 'its recorded conversations',
    match: { manufacturer: 'REI' },
    notes: [
      'The schedule of billing dates and the limiter name the script table of image activation, 107.',
      'The scaler profile of the block load has phases R and Y in each other’s place: scalers are read from the registers instead.',
      'A balance below zero reads as 0: amounts are unsigned.',
      'The name plate may say meter type 6, single phase: the object list tells the phases.',
    ],
  },
];
