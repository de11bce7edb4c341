/** The visit that compares two meters: read one, read the other, compare, sign. */

import type { MeterPort } from '../meter-port.js';
import type { RecordContent } from '../record/chain.js';
import type { Disclosure } from '../record/record-base.js';
import { intend, type VisitContext } from '../step/context.js';
import { disclosureOf, recordHead, type Signing, signAndWrite } from '../step/sign.js';
import { STEPS_OF } from '../steps.js';
import { Visit, type VisitParts, type VisitResult } from '../visit.js';
import type { MeterComparisonOrder } from '../work-order.js';
import type { LoadRead, MeterComparisonEvidence, MeterComparisonIntent } from './evidence.js';
import type { MeterComparisonRecord } from './record.js';
import { type CompareOptions, compareLoads, readLoad, USUAL_HOURS } from './steps.js';

/** What the visit works with. */
export interface MeterComparisonParts extends VisitParts<MeterComparisonOrder> {
  readonly signing: Omit<Signing<MeterComparisonRecord>, 'write'>;
  /** Owner of the signing key. */
  readonly keyOwner: string;
}

/** The work on an order to compare two meters: {@link Visit} says how it is interrupted and resumed. */
export class MeterComparisonVisit extends Visit<MeterComparisonEvidence, MeterComparisonOrder, MeterComparisonIntent> {
  readonly #parts: MeterComparisonParts;

  /** @throws as {@link Visit}. */
  constructor(parts: MeterComparisonParts) {
    super(parts, STEPS_OF['meter-comparison']);
    this.#parts = parts;
  }

  /** Step 1: reads the meter under test. */
  testedLoad(port: MeterPort): Promise<VisitResult<MeterComparisonEvidence, 'tested-load'>> {
    return this.#load('tested-load', port);
  }

  /** Step 2: reads the check meter. */
  checkLoad(port: MeterPort): Promise<VisitResult<MeterComparisonEvidence, 'check-load'>> {
    return this.#load('check-load', port);
  }

  /** Step 3: compares. */
  compare(options: CompareOptions): Promise<VisitResult<MeterComparisonEvidence, 'comparison'>> {
    return this.run('comparison', ({ journal }) =>
      compareLoads(journal.evidence('tested-load') as LoadRead, journal.evidence('check-load') as LoadRead, options),
    );
  }

  /** Step 4: the signed record. @param write writes the certificate; it may be called again after a power cut. */
  certificate(
    write: Signing<MeterComparisonRecord>['write'],
  ): Promise<VisitResult<MeterComparisonEvidence, 'certificate'>> {
    return this.run('certificate', (context) => {
      const { signing, keyOwner } = this.#parts;
      const begun = context.journal.pending('certificate', 'sign');
      const person = disclosureOf(context.order, begun?.salt, signing);
      const intent: MeterComparisonIntent = { action: 'sign', salt: person.salt };
      if (begun === undefined) intend(context, 'certificate', intent);
      return signAndWrite(contentOf(context, person, keyOwner), person, { ...signing, write });
    });
  }

  #load<S extends 'tested-load' | 'check-load'>(
    step: S,
    port: MeterPort,
  ): Promise<VisitResult<MeterComparisonEvidence, S>> {
    const { meter, checkMeter, hours = USUAL_HOURS } = this.order;
    const expected =
      step === 'tested-load'
        ? { serial: meter.serial, other: checkMeter.serial, which: 'tested' as const }
        : { serial: checkMeter.serial, other: meter.serial, which: 'check' as const };
    return this.run(
      step,
      (context) => readLoad(context, port, hours, expected) as Promise<MeterComparisonEvidence[S]>,
      async (error) => port.causeOf?.(error, true),
    );
  }
}

function contentOf(
  context: VisitContext<MeterComparisonEvidence, MeterComparisonOrder, MeterComparisonIntent>,
  person: Disclosure,
  by: string,
): RecordContent<MeterComparisonRecord> {
  const { order, journal } = context;
  const [tested, check] = [journal.evidence('tested-load') as LoadRead, journal.evidence('check-load') as LoadRead];
  const { classes, ...result } = journal.evidence('comparison') as MeterComparisonEvidence['comparison'];
  const { from, to, difference, verdict, clocks, leftOut, clockLogs } = result;
  return {
    format: 'cosem-meter-comparison-record-1',
    ...recordHead(context, person),
    by,
    meter: { serial: order.meter.serial, accuracy: classes.tested, ahead: tested.ahead, ...result.tested },
    checkMeter: { serial: order.checkMeter.serial, accuracy: classes.check, ahead: check.ahead, ...result.check },
    ...{ from, to, difference, verdict, clocks, leftOut, clockLogs },
  };
}
