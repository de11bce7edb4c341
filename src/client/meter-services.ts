import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';
import { given } from '../base/given.js';
import type { OnRemark } from '../base/remark.js';
import type { ListTrust } from '../session/list-trust.js';
import type { Services } from './connection.js';
import { type Dispensable, isDispensable } from './dispensable.js';
import type { MeterCalls } from './meter-calls.js';
import type { MeterWays, Ways } from './meter-ways.js';

const LISTS = 'multiple-references';
/** How many services one visit gives up: further errors have another cause. */
const MOST = 2;

/** The parts of a {@link MeterServices}. */
export interface ServicesParts {
  readonly trust: ListTrust;
  /** Proposed conformance; 0 where the association cannot be opened again. */
  readonly proposed: number;
  readonly ways: MeterWays | undefined;
  readonly onRemark: OnRemark | undefined;
}

/** The services that one meter grants but does not carry out, found out on this visit or on an earlier one. */
export class MeterServices implements Services {
  /** Associations are opened without these. */
  readonly without = new Set<Dispensable>();
  readonly #parts: ServicesParts;
  readonly #proved = new Set<Dispensable>();
  #news = false;
  #naming: 'sn' | undefined;

  constructor(parts: ServicesParts) {
    this.#parts = parts;
    parts.trust.onVoid = () => this.#prove(LISTS);
  }

  /** How the meter names its objects, where that is not by logical names. */
  get naming(): 'sn' | undefined {
    return this.#naming;
  }

  /** Takes what was found out about it. */
  named(naming: 'sn' | undefined): void {
    this.#naming = naming;
    this.#news = true;
    if (naming === undefined) return;
    const text = 'the meter speaks short names (SN referencing): it is asked by them';
    this.#parts.onRemark?.({ code: 'short-names', text, weight: 'detail' });
  }

  giveUp(service: ConformanceName): boolean {
    if (!isDispensable(service) || (this.#parts.proposed & CONFORMANCE[service]) === 0) return false;
    if (this.without.has(service) || this.without.size >= MOST) return false;
    this.without.add(service);
    return true;
  }

  restore(service: ConformanceName): void {
    this.without.delete(service as Dispensable);
  }

  opened(service: ConformanceName, why: string): void {
    const text = `the meter does not get on with ${service} (${why}): the association was opened again without it`;
    this.#parts.onRemark?.({ code: 'opened-without', text, weight: 'note' });
  }

  proved(service: ConformanceName): void {
    if (isDispensable(service)) this.#prove(service);
  }

  #prove(service: Dispensable): void {
    this.#proved.add(service);
    this.#news = true;
  }

  /** Uses what is known about the place. @returns what must be confirmed once the meter says who it is. */
  async recall(): Promise<Ways | undefined> {
    const known = await this.#parts.ways?.load();
    this.#naming = known?.naming;
    for (const service of known?.without ?? []) {
      this.#proved.add(service);
      if (service === LISTS) this.#parts.trust.void ??= 'as on an earlier visit';
      else if ((this.#parts.proposed & CONFORMANCE[service]) !== 0) this.without.add(service);
    }
    return known;
  }

  /**
   * Forgets it, because another meter is there, or the meter does not associate in this way. @returns whether the association must be
   * changed.
   */
  forget(): boolean {
    const other = this.without.size > 0;
    this.without.clear();
    this.#proved.clear();
    this.#parts.trust.void = undefined;
    void this.#parts.ways?.forget();
    return other;
  }

  /** Whether anything was found out that is not stored yet. */
  get news(): boolean {
    return this.#news;
  }

  /** Stores what was found out. It costs a request where the association does not say who the meter is. */
  async keep(meter: MeterCalls): Promise<void> {
    const { ways, onRemark } = this.#parts;
    if (!this.#news || ways === undefined) return;
    this.#news = false;
    await ways.keep(meter, { without: [...this.#proved], ...given({ naming: this.#naming }) }, onRemark);
  }
}
