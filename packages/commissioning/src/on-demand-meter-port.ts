import type { CosemDateTime } from 'cosem';
import type { SupplyDiagnosis, SupplyOptions } from 'cosem/tools';
import type { LoadEvidence, NamePlate, RecordedValue } from './evidence.js';
import type { RefusalCause } from './messages.js';
import type { BlockLoad, LoggedEvent, MeterPort, PaymentModes, RelayState, TamperReport } from './meter-port.js';
import type { Tamper } from './policy.js';

/**
 * A meter that is only opened when it is first needed. If the probe is not in place, the step that needs the meter fails, and the journal
 * says so.
 */
export class OnDemandMeterPort implements MeterPort {
  readonly #open: () => Promise<MeterPort>;
  readonly #causeOf: NonNullable<MeterPort['causeOf']>;

  /**
   * @param open gives the open meter; called before each question.
   * @param causeOf says why the meter could not be opened, or did not answer. Left out, nobody knows.
   */
  constructor(open: () => Promise<MeterPort>, causeOf: MeterPort['causeOf'] = () => Promise.resolve(undefined)) {
    this.#open = open;
    this.#causeOf = causeOf;
  }

  causeOf(error: unknown, mayAsk: boolean): Promise<RefusalCause | undefined> {
    return this.#causeOf(error, mayAsk);
  }

  async namePlate(): Promise<NamePlate> {
    return (await this.#open()).namePlate();
  }

  async serial(): Promise<string | undefined> {
    return (await this.#open()).serial();
  }

  async time(): Promise<CosemDateTime> {
    return (await this.#open()).time();
  }

  async clockStatus(): Promise<number> {
    return (await this.#open()).clockStatus();
  }

  async setTime(time: CosemDateTime): Promise<void> {
    return (await this.#open()).setTime(time);
  }

  async relay(): Promise<RelayState> {
    return (await this.#open()).relay();
  }

  async openRelay(): Promise<void> {
    return (await this.#open()).openRelay();
  }

  async closeRelay(): Promise<void> {
    return (await this.#open()).closeRelay();
  }

  async switchings(): Promise<readonly LoggedEvent[] | undefined> {
    return (await this.#open()).switchings();
  }

  async load(): Promise<LoadEvidence> {
    return (await this.#open()).load();
  }

  async energies(): Promise<readonly RecordedValue[]> {
    return (await this.#open()).energies();
  }

  async payment(): Promise<readonly RecordedValue[]> {
    return (await this.#open()).payment();
  }

  async tampers(watched: readonly Tamper[]): Promise<TamperReport> {
    return (await this.#open()).tampers(watched);
  }

  async supply(options: SupplyOptions): Promise<SupplyDiagnosis> {
    return (await this.#open()).supply(options);
  }

  async paymentModes(): Promise<PaymentModes> {
    return (await this.#open()).paymentModes();
  }

  async setPaymentMode(to: 'prepaid' | 'postpaid'): Promise<void> {
    return (await this.#open()).setPaymentMode(to);
  }

  async modeEvents(): Promise<readonly LoggedEvent[] | undefined> {
    return (await this.#open()).modeEvents();
  }

  async blockLoad(hours: number): Promise<BlockLoad> {
    return (await this.#open()).blockLoad(hours);
  }
}
