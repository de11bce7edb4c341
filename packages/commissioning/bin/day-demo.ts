/** `cosem day demo`: a day of ten orders against virtual meters on a pair of pseudo-terminals. */

import { join } from 'node:path';
import { systemClock } from 'cosem';
import { configOf, Ended, EXIT, languageOf, type Run, writeConfig } from 'cosem/command';
import { nodeCrypto } from 'cosem/node';
import { createMeter, type VirtualMeter } from 'cosem/simulator';
import {
  createVerificationService,
  createWorkspace,
  handOver,
  importOrders,
  type Language,
  listDayOrders,
  ordersIn,
  parseMapping,
  readSheetFile,
  readTrustedSigners,
  type ShortMessage,
  say,
  verifyRecord,
  Workspace,
  type WorkspacePaths,
  writeHandOver,
  writeWholeFile,
} from '../src/index.js';
import { Probe } from './day-demo-probe.js';
import { DemoDay, HOUSES, type House, houseId, surveyId } from './day-demo-script.js';
import { countsOf, dayKey, ordersToday } from './day-list.js';
import { workDay } from './day-loop.js';
import { reported, showReport } from './day-report.js';
import { demoRun, freshFolder, INSTALLER, PASSPHRASE, writeJson } from './demo.js';
import { Remembered } from './folder.js';
import { surveyIn } from './survey.js';

const DAY = 86_400_000;
/** Paise. */
const RECHARGE = 50_000;
/** Half a minute a house, of which the machine may take this much. */
const GOAL = 30_000;

export async function dayDemo(run: Run, argument: string | undefined): Promise<void> {
  const { io, output, options } = run;
  const folder = freshFolder(argument ?? (io.env.DEMO_DIR || undefined));
  const language = languageOf(io);
  const isRealistic = options.realistic === true;
  const started = systemClock.now();
  const paths = createWorkspace(folder, { name: INSTALLER, passphrase: PASSPHRASE });
  const messages: ShortMessage[] = [];
  const service = await createVerificationService({ send: (message) => void messages.push(message) });
  const meters = new Map(HOUSES.map((house, i) => [house, meterOf(house, i)]));
  const probe = await Probe.open(isRealistic, (text) => output.note(text));
  try {
    const inside = demoRun(run, folder, { timeout: isRealistic ? '3' : '1', patience: '0', yes: true });
    const remembered = new Remembered(folder);
    remembered.keep({ language, installer: installerOf(started) });
    writeJson(paths.policy, {
      utility: 'Demonstration utility',
      services: { verification: service.url, records: service.url },
      // Virtual meters have served households for months.
      meter: { highestStartReading: null },
    });
    for (const [house, meter] of meters) {
      const config = configOf(meter, probe.place, 'hdlc', probe.reader);
      writeConfig(join(folder, `${houseId(house)}.json`), config);
    }
    output.line(say(language, 'demo-folder', { folder }));
    output.line(say(language, 'day-demo-line', { line: probe.name, count: HOUSES.length }));
    await importDay(folder, meters, started);
    writeOtherOrders(paths, meters, started);
    output.line(say(language, 'day-demo-imported', { count: HOUSES.length }));
    const lead = new DemoDay({ run: inside, language, meters, probe, messages });
    using workspace = await Workspace.open(folder, { passphrase: PASSPHRASE });
    for (const house of HOUSES.filter(({ trouble }) => trouble === 'surveyed')) {
      await surveyIn(inside, workspace, { folder, language, remembered, ...lead.surveying(house) });
    }
    await workDay(inside, { folder, language, remembered, workspace, lead });
    await endDay(inside, { folder, paths, language, workspace });
    output.line();
    const seconds = (time: number) => (time / 1000).toFixed(1);
    const took = [...lead.times].map(([order, time]) =>
      say(language, 'day-demo-house', { order, seconds: seconds(time) }),
    );
    output.line(say(language, 'demo-taken', { count: service.records.length }));
    output.line(say(language, 'day-demo-times', { times: took.join(', ') }));
    const longest = Math.max(...lead.times.values());
    output.line(say(language, 'day-demo-longest', { seconds: seconds(longest), goal: GOAL / 1000 }));
    output.line(say(language, 'day-demo-took', { seconds: seconds(systemClock.now() - started) }));
    const counts = countsOf(ordersToday(listDayOrders(folder), systemClock.now()));
    output.document({
      command: 'day demo',
      folder,
      line: probe.name,
      counts,
      times: Object.fromEntries(lead.times),
      taken: service.records.length,
    });
    if (counts.open + counts.failed > 0) throw new Ended(EXIT.refused);
  } finally {
    await probe.close();
    for (const meter of meters.values()) meter.stop();
    await service.close();
  }
}

function meterOf(_house: House, i: number) {
  return createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: i + 1 });
}

function installerOf(now: number) {
  const letterValidUntil = new Date(now + 90 * DAY).toISOString().slice(0, 10);
  return { id: 'EMP-77', name: INSTALLER, letter: 'AMI/2026/118', letterValidUntil };
}

/** The orders come as they come to installers: in a sheet. */
async function importDay(folder: string, meters: ReadonlyMap<House, VirtualMeter>, now: number): Promise<void> {
  const headings = [
    'WO',
    'Consumer',
    'Name',
    'Address',
    'Mobile',
    'Load kW',
    'Old meter',
    'New meter',
    'Due',
    'Config',
  ];
  const due = dayKey(now + 30 * DAY)
    .split('-')
    .reverse()
    .join('/');
  const installed = [...meters].filter(([{ trouble }]) => trouble !== 'dark');
  const rows = installed.map(([house, meter]) => {
    const { number, name, address, mobile } = consumerAt(house);
    const file = `${houseId(house)}.json`;
    return [houseId(house), number, name, address, mobile, '2', oldSerial(house), meter.identity.serial, due, file];
  });
  const sheet = join(folder, 'orders.csv');
  writeWholeFile(
    sheet,
    `\uFEFF${[headings, ...rows].map((cells) => cells.map((cell) => `"${cell}"`).join(';')).join('\r\n')}`,
  );
  const mapping = join(folder, 'mapping.json');
  const text = JSON.stringify(MAPPING(new Date(now).toISOString()), undefined, 2);
  writeWholeFile(mapping, `${text}\n`);
  const { orders, refused } = ordersIn(await readSheetFile(sheet, 1), parseMapping(text, mapping));
  if (refused.length > 0) throw new Error(`the demo's own sheet is refused: ${JSON.stringify(refused)}`);
  importOrders(folder, orders);
}

function consumerAt({ number: n, name }: House) {
  return {
    number: String(1_100_220_030 + n),
    name,
    address: `${11 + n} Gandhi Marg, Lucknow 226001`,
    mobile: String(9_812_344_320 + n),
  };
}

function oldSerial({ number }: House): string {
  return `OLD-${5566 + number}`;
}

/** The surveys that came before, and the order for the dark house, whose meter was cut off by the utility and recharged since. */
function writeOtherOrders(paths: WorkspacePaths, meters: ReadonlyMap<House, VirtualMeter>, now: number): void {
  const issued = new Date(now - 60_000).toISOString();
  for (const [house, meter] of meters) {
    const base = { format: 'cosem-work-order-1', issued, consumer: consumerAt(house) };
    if (house.trouble === 'surveyed') {
      const survey = { kind: 'survey', sanctionedLoad: 2000, oldMeter: { serial: oldSerial(house) } };
      writeJson(join(paths.orders, `${surveyId(house)}.json`), { ...base, id: surveyId(house), ...survey });
    }
    if (house.trouble !== 'dark') continue;
    meter.controls.controlMode(4);
    meter.controls.relayOrder('open');
    meter.controls.recharge(RECHARGE);
    writeJson(join(paths.orders, `${houseId(house)}.json`), {
      ...base,
      id: houseId(house),
      kind: 'reconnection',
      meter: { serial: meter.identity.serial, profile: 'is15959/D1' },
      keys: { config: `${houseId(house)}.json`, connection: 'utility' },
      reconnect: { close: 'ordered', recharge: { at: issued, rupees: String(RECHARGE / 100) } },
    });
  }
}

const MAPPING = (issued: string) => ({
  format: 'cosem-order-mapping-1',
  fields: {
    id: { column: 'WO' },
    issued: { constant: issued },
    validUntil: { column: 'Due', time: '23:59:59' },
    'consumer.number': { column: 'Consumer', digits: 10 },
    'consumer.name': { column: 'Name' },
    'consumer.address': { column: 'Address' },
    'consumer.mobile': { column: 'Mobile' },
    sanctionedLoad: { column: 'Load kW', times: 1000 },
    'network.feeder': { constant: 'F-11' },
    'network.transformer': { constant: 'T-204' },
    'network.pole': { constant: 'P-9' },
    'position.latitude': { constant: 26.8467 },
    'position.longitude': { constant: 80.9462 },
    'oldMeter.serial': { column: 'Old meter' },
    'newMeter.serial': { column: 'New meter' },
    'newMeter.profile': { constant: 'is15959/D1' },
    'keys.config': { column: 'Config' },
    'keys.connection': { constant: 'utility' },
  },
});

interface EndOfDay {
  readonly folder: string;
  readonly paths: WorkspacePaths;
  readonly language: Language;
  readonly workspace: Workspace;
}

/** Report, hand-over, and every record checked as anybody can check it. */
async function endDay(run: Run, { folder, paths, language, workspace }: EndOfDay): Promise<void> {
  const { output } = run;
  const { report, policy, files } = await reported(run, folder);
  showReport(run, report, policy, language);
  for (const { path, content } of files) {
    writeWholeFile(join(folder, path), content);
    output.line(say(language, 'report-written', { file: join(folder, path) }));
  }
  const bundle = join(folder, `day-${report.day}.zip`);
  writeHandOver(bundle, handOver(workspace, files));
  output.line(say(language, 'hand-over-written', { file: bundle }));
  const trusted = readTrustedSigners(paths.trusted);
  const verdicts = workspace.chain.records.map((signed) => verifyRecord(signed, trusted).verdict);
  const valid = verdicts.filter((verdict) => verdict === 'valid').length;
  output.line(say(language, 'day-demo-checked', { valid, count: verdicts.length }));
  if (valid < verdicts.length) throw new Ended(EXIT.badAnswer);
}
