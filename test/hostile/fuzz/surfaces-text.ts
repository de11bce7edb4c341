/** Files and words: sheets, templates, scenarios, papers of commissioning, configurations, kept state, names and moments. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionNames, readConnection } from '../../../bin/config.js';
import { storedSettings } from '../../../bin/settings.js';
import { parseTarget } from '../../../bin/target.js';
import { parseAnswers, parsePreferences } from '../../../packages/commissioning/src/answers.js';
import { AppendLog } from '../../../packages/commissioning/src/append-log.js';
import { exportCsv, exportJson } from '../../../packages/commissioning/src/index/export.js';
import { readCsv, readJson } from '../../../packages/commissioning/src/index/import.js';
import type { IndexRow, Installation } from '../../../packages/commissioning/src/index/installation.js';
import { verifyFile } from '../../../packages/commissioning/src/platform/verify-file.js';
import { defaultPolicy, parsePolicy } from '../../../packages/commissioning/src/policy.js';
import { verifyChain } from '../../../packages/commissioning/src/record/chain.js';
import { verifyCompact } from '../../../packages/commissioning/src/record/compact.js';
import { makeKeyFile, parseTrust } from '../../../packages/commissioning/src/record/key-file.js';
import { verifyRecord } from '../../../packages/commissioning/src/record/record.js';
import type { SignedRecord } from '../../../packages/commissioning/src/record/record-base.js';
import { parseWorkOrder } from '../../../packages/commissioning/src/work-order.js';
import { countedRandom, orderJson } from '../../../packages/commissioning/test/bench.js';
import { MemoryDisk } from '../../../packages/commissioning/test/memory-file.js';
import { certificatesOf, recordContent, TRUSTED } from '../../../packages/commissioning/test/sample-certificate.js';
import { createMeter, MemoryMeterStore, parseFault } from '../../../simulator/index.js';
import { VERBS } from '../../../simulator/scenario/verbs.js';
import { parseScenario } from '../../../simulator/scenario.js';
import { fromHex } from '../../../src/base/bytes.js';
import { VirtualClock } from '../../../src/base/clock.js';
import { parseLogicalName } from '../../../src/base/obis.js';
import { knownQuirks } from '../../../src/client/quirks/known.js';
import { parseQuirks } from '../../../src/client/quirks/sheet.js';
import { parseTown } from '../../../src/client/stored/town.js';
import { Decimal } from '../../../src/codec/decimal.js';
import { parseMoment, parseMomentOrWords } from '../../../src/codec/moment.js';
import { parseData } from '../../../src/codec/written.js';
import { describeLogicalName } from '../../../src/cosem/names.js';
import { parseTemplate } from '../../../src/cosem/template.js';
import { knownPushSheets } from '../../../src/push/known-sheets.js';
import { parsePushKeys } from '../../../src/push/push-keys.js';
import { parsePushSheets } from '../../../src/push/sheet.js';
import { FileCounterStore } from '../../../src/transport/node-counter-store.js';
import { KeyFile } from '../../../src/transport/node-key-file.js';
import { ModelDisk } from '../../support/model-disk.js';
import { lazy } from './corpus.js';
import { isDocumented, must, type Surface } from './engine.js';
import { mutatedText } from './mutate-text.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const FILE = 'a file';

/** A surface of text: one or several readers, each with its own texts. */
function reader(name: string, share: number, texts: () => readonly string[], read: (text: string) => unknown): Surface {
  return {
    name,
    share,
    make: (random) => encoder.encode(mutatedText(random, texts())),
    feed: (input) => {
      const made = read(decoder.decode(input));
      if (made instanceof Promise) return made.then(() => undefined);
      return undefined;
    },
  };
}

const template = JSON.stringify({
  format: 'cosem-template',
  version: 1,
  masked: false,
  systemTitle: '43534D3030303037',
  devices: [
    {
      server: 1,
      associations: [
        {
          ...{
            name: 'public',
            client: 16,
            ciphered: false,
            authentication: 'none',
            policy: 'none',
            preEstablished: false,
          },
          ...{ conformance: 16, maxReceivePduSize: 832, maxSendPduSize: 768, current: { 8: { enum: 2 } } },
          objectList: [
            {
              ...{ class: 7, version: 1, logicalName: '1.0.99.1.0.255' },
              attributes: [[2, 'read-only', [1, 2]]],
              methods: [[1, 'no-access']],
            },
          ],
        },
      ],
      objects: [
        { class: 3, version: 0, logicalName: '1.0.1.8.0.255', values: { 2: { 'double-long-unsigned': 5 } } },
        { class: 7, version: 1, logicalName: '1.0.99.1.0.255', values: { 2: { array: [{ structure: [] }] } } },
        {
          ...{ class: 8, version: 0, logicalName: '0.0.1.0.0.255' },
          values: {
            2: {
              clock: {
                type: 'octet-string',
                ahead: 19800,
                deviation: -330,
                status: 0,
                weekday: true,
                hundredths: true,
              },
            },
            3: { refused: 'read-write-denied' },
          },
        },
      ],
    },
  ],
});

const certificate = lazy(() => certificatesOf([recordContent('WO-1'), recordContent('WO-2')]));
const papers = lazy((): readonly string[] => {
  const all = certificate();
  return [...all, ...all.map(({ signed }) => signed)]
    .map((one) => JSON.stringify(one))
    .concat(all.map(({ compact }) => compact));
});

/** What a check may find in papers that hold. */
const signed = lazy(
  () =>
    new Set(
      certificate().flatMap(({ signed: { record }, compact }) => {
        const read = verifyCompact(compact, TRUSTED);
        return [record, ...(read.verdict === 'valid' ? [read.content] : [])].map((content) => JSON.stringify(content));
      }),
    ),
);

const keyFile = lazy(() =>
  makeKeyFile('R. Sharma', 'four little words', countedRandom(), 'ed25519', { n: 2, r: 1, p: 1 }),
);
const trusted = JSON.stringify({ format: 'cosem-trusted-signers-1', signers: TRUSTED });

const installation: Installation = {
  workOrder: 'WO-1',
  consumer: { number: '1100220033', name: 'Asha Devi', address: '12 Gandhi Marg', mobileLast4: '4321' },
  meter: '10000042',
  feeder: 'F-11',
  transformer: 'T-204',
  pole: 'P-9',
  seals: ['S-1'],
  sanctionedLoad: 2000,
  installedAt: Date.UTC(2026, 10, 23),
  startReadings: {
    time: '2026-11-23 10:30:00',
    values: [{ register: '1.0.1.8.0.255', value: '123.4', unit: 'kWh' }],
  },
};
const rowOf = (one: Installation): IndexRow => ({ ...one, row: 1, recordedAt: 0, consumerDigest: 'd' });

const config = JSON.stringify({
  generatedBy: 'cosem simulate',
  default: 'reader',
  connections: {
    reader: {
      tcp: '127.0.0.1:4059',
      client: 32,
      ek: '00'.repeat(16),
      ak: '11'.repeat(16),
      auth: 'lls',
      title: '43534D4845533031',
      password: 'ABCDEFGH',
    },
    utility: { serial: '/dev/ttyUSB0', client: 48, pending: { ek: '22'.repeat(16) } },
  },
});
const pushKeys = JSON.stringify({
  '4B464D1020000001': { ek: '00'.repeat(16), ak: '11'.repeat(16) },
  '*': { ek: '22'.repeat(16) },
});

/** A place for files whose readers want a name. */
const place = lazy(() => join(mkdtempSync(join(tmpdir(), 'cosem-fuzz-')), 'file'));
const written = (text: string) => {
  writeFileSync(place(), text);
  return place();
};

const KEPT = '10000042';
/** What a meter wrote down, by name. */
const kept = lazy(() => {
  const store = new MemoryMeterStore();
  const meter = createMeter('is15959-1ph', { clock: clock(), seed: 7, serial: KEPT, store });
  meter.stop();
  return store.load(KEPT);
});
const clock = () => new VirtualClock(Date.UTC(2026, 10, 23, 3, 30));

const counters = lazy(() => {
  const disk = new ModelDisk();
  const store = new FileCounterStore('/counters', { fs: disk.fs });
  for (const entry of ['a', 'b']) store.next(entry);
  store.raise('a', 5000);
  return disk.text('/counters') ?? '';
});

/** A log of three lines. */
const log = lazy(() => {
  const disk = new MemoryDisk();
  const file = disk.file('log');
  const lines = new AppendLog<unknown>(file);
  for (let i = 0; i < 3; i++) lines.append({ i, text: 'वि' });
  return decoder.decode(file.read());
});

export const textSurfaces: readonly Surface[] = [
  reader(
    'quirk-sheets',
    12,
    () => [JSON.stringify(knownQuirks), ...knownQuirks.map((sheet) => JSON.stringify(sheet))],
    (text) => parseQuirks(text, FILE),
  ),
  reader(
    'push-sheets',
    10,
    () => knownPushSheets.map((sheet) => JSON.stringify(sheet)),
    (text) => parsePushSheets(text, FILE),
  ),
  reader('templates', 12, () => [template], parseTemplate),
  reader(
    'scenarios',
    4,
    () => [
      Object.values(VERBS)
        .map(({ example }) => `- ${example}\n`)
        .join(''),
      'name: evening\nsteps:\n  - at 18:00 magnet on for 20m\n  - "after 2h power off for 10m"\n',
    ],
    (text) => parseScenario(text),
  ),
  reader(
    'faults',
    12,
    () => ['silence=2s@10%@18:00-19:00', 'busy=5s@2026-12-01..2026-12-02T06:00', '17:echo', 'bit-errors=1e-4'],
    parseFault,
  ),
  reader(
    'work-orders',
    10,
    () => [
      JSON.stringify(orderJson()),
      JSON.stringify(defaultPolicy),
      JSON.stringify({ otp: ['stdin'], seals: ['a'], skip: { clock: 'x' } }),
    ],
    (text) => {
      parsePreferences(text);
      if (text.includes('stdin')) parseAnswers(text, FILE);
      else if (text.includes('consumer')) parseWorkOrder(text, FILE);
      else parsePolicy(text, FILE);
    },
  ),
  reader('records', 5, papers, async (text) => {
    const check = await verifyFile(encoder.encode(text), TRUSTED);
    if (check !== undefined && check.verdict.verdict === 'valid') {
      const { content } = check.verdict;
      must(signed().has(JSON.stringify(content)), 'what nobody signed is called valid');
    }
    verifyCompact(text, TRUSTED);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return;
    }
    verifyRecord(json, TRUSTED);
    verifyChain([json as SignedRecord], TRUSTED);
  }),
  reader(
    'key-files',
    10,
    () => [keyFile(), trusted],
    (text) => parseTrust(text, FILE),
  ),
  reader(
    'index-import',
    5,
    () => [JSON.stringify([installation]), exportCsv([rowOf(installation)], { personal: true })],
    (text) => {
      const found = text.trimStart().startsWith('[') ? readJson(text, FILE) : readCsv(text, FILE);
      exportCsv(found.map(rowOf), { personal: true });
      exportJson(found.map(rowOf));
    },
  ),
  reader(
    'config',
    4,
    () => [config],
    (text) => {
      const file = written(text);
      const keys = new KeyFile(file);
      for (const name of connectionNames(file)) {
        storedSettings(readConnection(file, name));
        parseTown(text, FILE, { connection: name });
        keys.values(name, 'new');
      }
      void keys.pending;
    },
  ),
  reader(
    'push-keys',
    4,
    () => [pushKeys],
    (text) => parsePushKeys(text, 'f'),
  ),
  reader(
    'counter-files',
    10,
    () => [counters()],
    (text) => {
      const disk = new ModelDisk();
      disk.put('/counters', text);
      const store = new FileCounterStore('/counters', { fs: disk.fs });
      const next = store.next('a');
      must(Number.isInteger(next) && next >= 1 && next <= 0xffffffff, `the counter ${next} is given`);
      store.received.accept('x', 1);
    },
  ),
  reader(
    'logs',
    10,
    () => [log()],
    (text) => new AppendLog({ ...new MemoryDisk().file('log'), read: () => encoder.encode(text) }),
  ),
  {
    name: 'meter-state',
    share: 1,
    make: (random) => {
      const names = [...kept().keys()];
      const name = names[random.below(names.length)] as string;
      return encoder.encode(`${name}\n${mutatedText(random, [kept().get(name) as string])}`);
    },
    feed: (input) => {
      const [name = '', ...rest] = decoder.decode(input).split('\n');
      const store = new MemoryMeterStore();
      store.save(KEPT, new Map([...kept(), [name, rest.join('\n')]]));
      createMeter('is15959-1ph', { clock: clock(), seed: 7, serial: KEPT, store }).stop();
    },
  },
  reader(
    'words',
    100,
    () => [
      '1.0.1.8.0.255',
      '1-0:1.8.0*255',
      '1-0:1.8.0',
      '2026-11-23T14:05:00+05:30',
      '7 days ago',
      '-12h',
      'today',
      '3:1.0.1.8.0.255:2',
      'long-unsigned=5',
      'octet-string=0102',
      'date-time=2026-11-23 14:05:00',
      '{"structure":[{"unsigned":1}]}',
      '-12.50',
      '0102 0304',
    ],
    (text) => {
      const errors: unknown[] = [];
      for (const read of WORDS) {
        try {
          read(text);
        } catch (error) {
          errors.push(error);
        }
      }
      const odd = errors.find((error) => !isDocumented(error));
      if (odd !== undefined) throw odd;
      if (errors.length === WORDS.length) throw errors[0];
    },
  ),
];

const WORDS: readonly ((text: string) => unknown)[] = [
  (text) => describeLogicalName(parseLogicalName(text)),
  (text) => parseMoment(text, 'it', 'end'),
  (text) => parseMomentOrWords(text, 'it', 'begin'),
  (text) => parseTarget(text, 'attribute'),
  (text) => parseData(text),
  (text) => Decimal.parse(text),
  (text) => fromHex(text),
];
