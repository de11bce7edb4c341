import { given } from '../../base/given.js';
import { checkOptions, type OptionNames } from '../../base/known-options.js';
import type { Meter } from '../meter.js';
import type { SupplyDiagnosis, SupplyOptions } from './diagnosis.js';
import { judgeSupply } from './judge.js';
import { readSupply } from './read.js';

const OPTIONS: OptionNames<SupplyOptions> = {
  serial: true,
  recharge: true,
  hours: true,
  localTime: true,
  clockLimit: true,
  signal: true,
};

/**
 * Finds out why a house is dark, by what its meter tells: relay, account, load limit, event logs, voltage and current, tampering, clock and
 * signal. It takes a few seconds at an optical port, and changes nothing. A verdict rests on what was read; what the meter refuses is in
 * `evidence.unread` and is never taken for absent.
 *
 * ```ts
 * const { verdict, also, closing } = await diagnoseSupply(meter, { serial: '4100027' });
 * console.log(wordSupplyCause(verdict.id, verdict.facts).sentence); // The recharge reached the meter at …
 * if (closing.order && closing.byCredit && closing.barriers.length === 0) await meter.relay().reconnect();
 * ```
 * @param meter open, best with the rights of the utility: a reader may not be shown everything.
 * @param options what is known about the house: the meter that should be there, the recharge that was paid.
 * @returns the verdict, what else was found, and whether an order may close the relay.
 * @throws LinkError, TimeoutError when the line breaks; StateError for options that there are not.
 */
export async function diagnoseSupply(meter: Meter, options: SupplyOptions = {}): Promise<SupplyDiagnosis> {
  checkOptions(options, OPTIONS, 'diagnoseSupply');
  const evidence = await readSupply(meter, options.localTime, given({ signal: options.signal }));
  return judgeSupply(evidence, options);
}
