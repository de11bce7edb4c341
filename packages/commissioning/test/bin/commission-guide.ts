import { Output } from '../../../../bin/output.js';
import type { Language } from '../../../../src/base/language.js';
import type { Meter } from '../../../../src/index.js';
import { FakeIo } from '../../../../test/bin/fake-io.js';
import { AnsweredInputs } from '../../bin/answered.js';
import type { Gps } from '../../bin/gps.js';
import { Guide, type MeterSource, type Outcome } from '../../bin/guide.js';
import type { Inputs } from '../../bin/inputs.js';
import { Show } from '../../bin/show.js';
import { parseAnswers } from '../../src/answers.js';
import { ClientMeterPort } from '../../src/client-meter-port.js';
import { OnDemandMeterPort } from '../../src/on-demand-meter-port.js';
import type { CommissioningSession, SessionParts } from '../../src/session.js';
import { type Bench, CODE, DOCUMENTS, INSTALLER, OLD_METER, SEALS } from '../bench.js';

/** Answers to everything, as a file has them. */
export const ANSWERS: Record<string, unknown> = {
  installer: INSTALLER,
  otp: CODE,
  documents: DOCUMENTS,
  oldMeter: OLD_METER,
  ...SEALS,
  supplyMayBeCut: true,
};

export interface Guided {
  readonly outcome: Outcome;
  /** What the installer saw. */
  readonly text: string;
  /** The next run's view of what was left behind. */
  readonly left: CommissioningSession;
}

export interface GuideOptions {
  readonly language?: Language;
  readonly parts?: Partial<SessionParts>;
  readonly inputs?: (io: FakeIo) => Inputs;
  readonly gps?: Gps;
  /** Told of each line as it is shown. */
  readonly onShown?: (text: string) => void;
}

/** The command's guide on a bench, in virtual time. */
export async function guided(b: Bench, answers: Record<string, unknown>, options: GuideOptions = {}): Promise<Guided> {
  const { language = 'en', parts = {}, onShown } = options;
  const io = new FakeIo();
  if (onShown !== undefined) {
    const write = io.stdout.write.bind(io.stdout);
    io.stdout.write = ((text: string) => {
      onShown(String(text));
      return write(text);
    }) as typeof io.stdout.write;
  }
  const file = 'answers.json';
  const inputs =
    options.inputs?.(io) ??
    new AnsweredInputs(parseAnswers(JSON.stringify({ ...ANSWERS, ...answers }), file), file, io);
  let held: Promise<Meter> | undefined;
  const meter: MeterSource = {
    port: new OnDemandMeterPort(async () => {
      held ??= b.connect();
      return new ClientMeterPort(await held, b.order.newMeter.profile);
    }),
    release: async () => {
      const open = held;
      held = undefined;
      await open?.then((connected) => connected.close()).catch(() => undefined);
    },
    shielded: (work) => work(),
  };
  const guide = new Guide({
    session: b.session(parts),
    policy: b.policy,
    meter,
    inputs,
    show: new Show(new Output(io, false), language, `cosem commission ${b.order.id}`),
    clock: b.clock,
    gps: options.gps,
    signal: io.signal,
    writeCertificate: async (certificate) => {
      b.certificates.push(certificate);
      return [`${b.order.id}.json`];
    },
  });
  const outcome = await b.clock.run(guide.run());
  return { outcome, text: io.stdout.text, left: b.session(parts) };
}
