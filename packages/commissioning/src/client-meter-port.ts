import {
  AccessError,
  type Companion,
  type CosemDateTime,
  type Data,
  type Decimal,
  type Meter,
  type Outcome,
  type Profile,
  type Reading,
  readingsOf,
  StateError,
  setClock,
  toHex,
} from 'cosem';
import { type Category, clientObject, companionOf, type ReadingSpec, Register } from 'cosem/classes';
import { dataToJson } from 'cosem/protocol';
import { diagnoseSupply, type SupplyDiagnosis, type SupplyOptions } from 'cosem/tools';
import { readBlockLoad } from './comparison/block-load.js';
import type { LoadEvidence, NamePlate, RecordedValue } from './evidence.js';
import type { BlockLoad, LoggedEvent, MeterPort, PaymentModes, RelayState, TamperReport } from './meter-port.js';
import { TAMPERS, type Tamper } from './policy.js';
import type { MeterProfileName } from './work-order.js';

const STATUS_WORD = '0.0.94.91.18.255';
/** Cumulative energies: active, apparent and reactive by quadrant, total and by time zone. */
const ENERGIES = /^1\.0\.(?:1|2|5|6|7|8|9|10)\.8\.\d\.255$/;
const EVENT_CODE = /^0\.0\.96\.11\./;
const CONTROL_LOG = '0.0.99.98.6.255';
const TRANSACTION_LOG = '0.0.99.98.3.255';
const OTHERS_LOG = '0.0.99.98.4.255';
const TAMPER_LOGS = ['0.0.99.98.4.255', '0.0.99.98.5.255'];

/** {@link MeterPort} over an open association with the rights of the utility. */
export class ClientMeterPort implements MeterPort {
  readonly #meter: Meter;
  readonly #companion: Companion;
  readonly #category: Category;

  /** @throws StateError when the profile is not known. */
  constructor(meter: Meter, profile: MeterProfileName) {
    const [specification = '', key] = profile.split('/');
    const companion = companionOf(specification);
    const category = companion?.categories.find((candidate) => candidate.key === key);
    if (companion === undefined || category === undefined)
      throw new StateError(`there is no meter profile '${profile}'`);
    this.#meter = meter;
    this.#companion = companion;
    this.#category = category;
  }

  namePlate(): Promise<NamePlate> {
    return this.#plate(readingsOf(this.#companion, 'nameplate'));
  }

  async serial(): Promise<string | undefined> {
    const specs = readingsOf(this.#companion, 'nameplate').filter(({ key }) => key === 'serial');
    return (await this.#plate(specs)).serial;
  }

  async #plate(specs: readonly ReadingSpec[]): Promise<NamePlate> {
    const outcomes = someOf(await this.#meter.readings(specs));
    return Object.fromEntries(
      specs.flatMap(({ key }, i) => {
        const outcome = outcomes[i];
        return outcome?.ok === true ? [[key, outcome.value.text.trim()]] : [];
      }),
    );
  }

  time(): Promise<CosemDateTime> {
    return this.#meter.get(this.#meter.clock().time);
  }

  clockStatus(): Promise<number> {
    return this.#meter.get(this.#meter.clock().status);
  }

  setTime(time: CosemDateTime): Promise<void> {
    return setClock(this.#meter, time);
  }

  async relay(): Promise<RelayState> {
    const status = await this.#meter.relay().status();
    // The record must state the payment mode. Where the status does not contain it, it is read again, which gives the reason for a refusal.
    const mode = status.mode ?? (await this.#meter.get(this.#meter.disconnectControl().controlMode));
    return { ...status, mode };
  }

  // No reading back here: the step itself checks what has become of a command.
  async openRelay(): Promise<void> {
    await this.#meter.relay().disconnect({ patience: 0 });
  }

  async closeRelay(): Promise<void> {
    await this.#meter.relay().reconnect({ patience: 0 });
  }

  switchings(): Promise<readonly LoggedEvent[] | undefined> {
    return this.#log(CONTROL_LOG);
  }

  async load(): Promise<LoadEvidence> {
    const specs = readingsOf(this.#companion, 'instant').filter(({ key }) => /^(voltage|current)[RYB]?$/.test(key));
    const outcomes = someOf(await this.#meter.readings(specs));
    const of = (quantity: string) =>
      specs.flatMap(({ key }, i) => {
        const value = key.startsWith(quantity) ? numberIn(outcomes[i]) : undefined;
        return value === undefined ? [] : [value.toString()];
      });
    return { volts: of('voltage'), amperes: of('current') };
  }

  async energies(): Promise<readonly RecordedValue[]> {
    const specs = this.#category.objects
      .filter(({ cosem, logicalName }) => cosem.id === Register.id && ENERGIES.test(logicalName))
      .map(({ logicalName, title }): ReadingSpec => {
        const object = clientObject(Register, logicalName);
        return { key: logicalName, title, attribute: object.value, scalerUnit: object.scalerUnit };
      });
    return recorded(someOf(await this.#meter.readings(specs)));
  }

  async payment(): Promise<readonly RecordedValue[]> {
    return recorded(await this.#meter.readings(readingsOf(this.#companion, 'balance')));
  }

  async tampers(watched: readonly Tamper[]): Promise<TamperReport> {
    const outcome = await this.#meter.tryGet(this.#meter.data(STATUS_WORD).value);
    const word = outcome.ok && outcome.value.type === 'bit-string' ? outcome.value.value.bytes : undefined;
    const codes = watched.map((tamper) => TAMPERS[tamper].code as number);
    const logged: LoggedEvent[] = [];
    const unread: string[] = [];
    for (const name of TAMPER_LOGS) {
      const events = await this.#log(name);
      if (events === undefined) unread.push(name);
      else logged.push(...events.filter(({ code }) => codes.includes(code)));
    }
    return {
      statusWord: word === undefined ? null : toHex(word),
      standing: word === undefined ? [] : watched.filter((tamper) => bitOf(word, TAMPERS[tamper].bit)),
      logged,
      unread,
    };
  }

  supply(options: SupplyOptions): Promise<SupplyDiagnosis> {
    return diagnoseSupply(this.#meter, options);
  }

  async paymentModes(): Promise<PaymentModes> {
    const specs = readingsOf(this.#companion, 'balance');
    const outcomes = someOf(await this.#meter.readings(specs));
    const of = (key: string) => {
      const outcome = outcomes[specs.findIndex((spec) => spec.key === key)];
      return outcome?.ok === true ? outcome.value : undefined;
    };
    const mode = of('paymentMode')?.value?.toString();
    const time = await this.#meter.tryGet(this.#meter.clock().time);
    return {
      time: time.ok ? time.value.toText() : undefined,
      payment: mode === '1' ? 'prepaid' : mode === '0' ? 'postpaid' : undefined,
      metering: of('meteringMode')?.text,
      balance: of('balance')?.value?.toString(),
      balanceTime: of('balanceTime')?.text,
    };
  }

  async setPaymentMode(to: 'prepaid' | 'postpaid'): Promise<void> {
    const specs = readingsOf(this.#companion, 'balance').filter(({ key }) => key === 'paymentMode');
    const [outcome] = await this.#meter.readings(specs);
    if (outcome === undefined) throw new StateError('this specification has no payment mode');
    if (!outcome.ok) throw outcome.error;
    const { logicalName, data } = outcome.value;
    const value = { ...data, value: to === 'prepaid' ? 1 : 0 } as Data;
    await this.#meter.set(this.#meter.data(logicalName).value, value);
  }

  async modeEvents(): Promise<readonly LoggedEvent[] | undefined> {
    const [transactions, others] = [await this.#log(TRANSACTION_LOG), await this.#log(OTHERS_LOG)];
    return transactions && others && [...transactions, ...others];
  }

  blockLoad(hours: number): Promise<BlockLoad> {
    return readBlockLoad(this.#meter, this.#category, hours, () => this.#log(TRANSACTION_LOG));
  }

  /** The entries of a log; undefined when the meter does not allow reading it. */
  async #log(name: string): Promise<readonly LoggedEvent[] | undefined> {
    try {
      return await eventsOf(this.#meter.profile(name));
    } catch (error) {
      if (error instanceof AccessError) return undefined;
      throw error;
    }
  }
}

/** A meter that tells a part has told what it has; one that tells nothing refuses, and is not to be taken for one without load or register. */
function someOf<T>(outcomes: readonly Outcome<T>[]): readonly Outcome<T>[] {
  const [first] = outcomes;
  if (first?.ok === false && outcomes.every(({ ok }) => !ok)) throw first.error;
  return outcomes;
}

/** Columns are found by their names, because meters order them differently. */
async function eventsOf(log: Profile): Promise<readonly LoggedEvent[]> {
  const rows = await log.rows();
  return rows.flatMap(({ time, values }) => {
    const code = values.find(({ logicalName }) => EVENT_CODE.test(logicalName))?.value;
    return code === undefined ? [] : [{ time: time?.toText() ?? '', code: Number(code.toString()) }];
  });
}

function bitOf(word: Uint8Array, bit: number): boolean {
  return ((word[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
}

function numberIn(outcome: Outcome<Reading> | undefined): Decimal | undefined {
  return outcome?.ok === true ? outcome.value.value : undefined;
}

function recorded(outcomes: readonly Outcome<Reading>[]): RecordedValue[] {
  return outcomes.flatMap((outcome) => (outcome.ok ? [recordedValue(outcome.value)] : []));
}

function recordedValue(reading: Reading): RecordedValue {
  const { classId, logicalName, attributeId, name, data, unit, currency, scaler, time, status, value } = reading;
  const isNumber = unit !== undefined && unit !== 'none' && value !== undefined;
  return {
    classId,
    logicalName,
    attributeId,
    name,
    value: isNumber ? value.toString() : reading.text,
    unit: isNumber ? (currency ?? unit) : '',
    scaler: isNumber ? (scaler ?? null) : null,
    raw: dataToJson(data),
    ...(status === undefined ? {} : { status: dataToJson(status) }),
    ...(time === undefined ? {} : { time: time.toText() }),
  };
}
