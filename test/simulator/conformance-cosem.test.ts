/**
 * The COSEM suite of the conformance test (shared/reference/conformance.md) against the virtual meters, for each association: every
 * object of the list, each attribute of its class: what may be read is read and makes sense, what may be written takes its own value
 * back, what is denied is denied.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { BENCH_SECRETS, type MeterProfile } from '../../simulator/index.js';
import { equalBytes, isPrintable } from '../../src/base/bytes.js';
import { AccessError } from '../../src/base/errors.js';
import { logicalNameToBytes } from '../../src/base/obis.js';
import type { Data } from '../../src/codec/data.js';
import { octets } from '../../src/codec/make.js';
import { companions } from '../../src/companion/companions.js';
import { AssociationLnV1 } from '../../src/cosem/classes/access.js';
import { classOf } from '../../src/cosem/registry.js';
import type { Meter } from '../../src/index.js';
import type { ListedObject } from '../../src/tools.js';
import { Bench } from './support.js';

const METERS: readonly MeterProfile[] = ['is15959-1ph', 'is15959-3ph', 'is15959-ct'];
const CONNECTIONS = ['public', 'reader', 'utility', 'push', 'firmware', 'ihd'] as const;
/** Objects that each client saw in the reference meter, which has no display. */
const SEEN = { public: 9, reader: 161, utility: 161, push: 13, firmware: 10 };
const PROFILE_GENERIC = 7;
const ASSOCIATION = 15;
const SECRET = 7;

/** What the tool was told to write where a value cannot be read first: the secrets as they are. */
const SECRETS: Readonly<Record<string, Uint8Array>> = {
  '0.0.40.0.2.255': BENCH_SECRETS.lls,
  '0.0.40.0.3.255': BENCH_SECRETS.hls,
  '0.0.40.0.5.255': BENCH_SECRETS.firmwareHls,
  '0.0.40.0.6.255': BENCH_SECRETS.displayLls,
};
const CURRENT: Readonly<Record<number, string>> = {
  32: '0.0.40.0.2.255',
  48: '0.0.40.0.3.255',
  80: '0.0.40.0.5.255',
  96: '0.0.40.0.6.255',
};

const open: Meter[] = [];
afterEach(async () => {
  for (const meter of open.splice(0)) await meter.close();
});

/** Counts what was done, and collects what was wrong. */
class Suite {
  readonly wrong: string[] = [];
  readonly done = { read: 0, denied: 0, set: 0, blind: 0, rows: 0 };
  readonly #meter: Meter;
  readonly #client: number;

  constructor(meter: Meter, client: number) {
    this.#meter = meter;
    this.#client = client;
  }

  async object(listed: ListedObject): Promise<void> {
    const { classId, version, logicalName, attributes } = listed;
    const cosem = classOf(classId, version);
    const target = `${classId}v${version} ${logicalName}`;
    if (cosem === undefined) return this.#note(`${target}: an unknown class`);
    const ids = attributes.map(({ id }) => id);
    if (ids.join() !== [...cosem.attributeNames.keys()].join()) this.#note(`${target}: lists attributes ${ids}`);
    const values = new Map<number, Data>();
    for (const { id, readable, writable } of attributes) {
      const where = `${target}:${id}`;
      const ref = this.#meter.untyped(classId, logicalName, version).attribute(id);
      const outcome = await this.#meter.tryGet(ref);
      if (!readable) {
        this.done.denied++;
        const denied = !outcome.ok && outcome.error instanceof AccessError;
        if (!denied || (outcome.error as AccessError).result !== 'scope-of-access-violated')
          this.#note(`${where}: is not denied`);
      } else if (!outcome.ok) this.#note(`${where}: ${outcome.error.message}`);
      else {
        this.done.read++;
        values.set(id, outcome.value);
        this.#check(() => cosem.attributes[cosem.attributeNames.get(id)!]!.type.decode(outcome.value), where);
      }
      if (writable) await this.#write(listed, id, values.get(id), where);
    }
    this.#structure(listed, values, target);
    await this.#denied(listed, target);
  }

  async #write({ classId, logicalName, version }: ListedObject, id: number, value: Data | undefined, where: string) {
    const ref = this.#meter.untyped(classId, logicalName, version).attribute(id);
    const name = logicalName === '0.0.40.0.0.255' ? CURRENT[this.#client]! : logicalName;
    const written = value ?? (classId === ASSOCIATION && id === SECRET ? octets(SECRETS[name]!) : undefined);
    if (written === undefined) return this.#note(`${where}: can be written and not read, and nobody said what with`);
    this.done[value === undefined ? 'blind' : 'set']++;
    try {
      await this.#meter.set(ref, written);
    } catch (error) {
      this.#note(`${where}: does not take its own value: ${String(error)}`);
    }
  }

  /** What is not granted is refused: a SET of what can be read only, a method that may not be executed. */
  async #denied({ classId, logicalName, version, attributes, methods }: ListedObject, target: string): Promise<void> {
    const object = this.#meter.untyped(classId, logicalName, version);
    const refused = async (promise: Promise<unknown>, where: string) => {
      const error = await promise.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      this.done.denied++;
      if (!(error instanceof AccessError)) this.#note(`${where}: ${error ?? 'is done'}`);
    };
    const { set, action } = { set: this.#meter.supports('set'), action: this.#meter.supports('action') };
    const fixed = attributes.find(({ writable, id }) => !writable && id > 1);
    if (set && fixed)
      await refused(this.#meter.set(object.attribute(fixed.id), octets(new Uint8Array(2))), `${target}:${fixed.id}`);
    for (const { id, executable } of methods) {
      if (!executable && action)
        await refused(this.#meter.call(object.method(id), { type: 'integer', value: 0 }), `${target}:${id}()`);
    }
  }

  #structure({ classId, logicalName }: ListedObject, values: ReadonlyMap<number, Data>, target: string): void {
    const name = values.get(1);
    if (name && !(name.type === 'octet-string' && equalBytes(name.value, logicalNameToBytes(logicalName))))
      this.#note(`${target}: calls itself otherwise`);
    if (classId !== PROFILE_GENERIC) return;
    const [rows, columns] = [values.get(2)?.value as readonly Data[], values.get(3)?.value as readonly Data[]];
    const [inUse, entries] = [Number(values.get(7)?.value), Number(values.get(8)?.value)];
    this.done.rows += rows.length;
    if (rows.some((row) => (row.value as readonly Data[]).length !== columns.length))
      this.#note(`${target}: rows do not have ${columns.length} columns`);
    if (inUse > entries || rows.length !== inUse) this.#note(`${target}: ${rows.length} rows, ${inUse} of ${entries}`);
  }

  #check(action: () => unknown, where: string): void {
    try {
      action();
    } catch (error) {
      this.#note(`${where}: ${String(error)}`);
    }
  }

  #note(what: string): void {
    this.wrong.push(what);
  }
}

describe.each(METERS)('COSEM suite, %s', (profile) => {
  test.each(CONNECTIONS)('%s', async (name) => {
    const faults: string[] = [];
    const bench = new Bench({ profile, onFault: (error, target) => faults.push(`${target}: ${error}`) });
    const meter = await bench.open(name, { framing: 'hdlc' });
    open.push(meter);
    const { client } = bench.meter.connections.find((connection) => connection.name === name)!;
    const suite = new Suite(meter, client);
    const objects = await meter.objects();
    for (const object of objects) await suite.object(object);
    expect(faults).toEqual([]);
    expect(suite.wrong).toEqual([]);
    expect(suite.done.read).toBeGreaterThan(30);
    if (profile === 'is15959-3ph' && name !== 'ihd') expect(objects.length).toBe(SEEN[name]);

    // The association as the tool prints it and compares it with what was declared.
    const current = meter.object(AssociationLnV1, '0.0.40.0.0.255');
    const spec = companions[0]!.associations.find((association) => association.clientSap === client)!;
    const status = await meter.get(current.associationStatus);
    expect(status).toBe('associated');
    expect(await meter.get(current.associatedPartnersId)).toEqual({ clientSap: client, serverSap: 1 });
    expect(await meter.get(current.securitySetupReference)).toBe(spec.securitySetup ?? '');
    const nameOf = (await meter.get(meter.data('0.0.42.0.0.255').value)) as { value: Uint8Array };
    expect(isPrintable(nameOf.value)).toBe(true);
    // After all of it the meter lets the same client in again: the secrets were not harmed.
    await meter.close();
    open.push(await bench.open(name, { framing: 'hdlc' }));
  });
});
