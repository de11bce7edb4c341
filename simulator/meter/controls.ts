import type { Millis } from '../../src/base/clock.js';
import type { MeterControls, PhaseChoice } from '../scenario/controls.js';
import type { Appliance, Conditions } from './conditions.js';
import type { Core } from './core.js';

/** The controls of a virtual meter. */
export class CoreControls implements MeterControls {
  readonly #core: Core;
  readonly #changed: () => void;
  /** The voltages that were set; {@link power} must not forget them. */
  #voltages: (number | null)[];
  #power: boolean;

  /** @param changed called after each change. */
  constructor(core: Core, changed: () => void) {
    this.#core = core;
    this.#changed = changed;
    this.#power = core.powered;
    const { voltages } = core.timeline.current;
    this.#voltages = this.#power ? [...voltages] : voltages.map(() => null);
  }

  get phases(): number {
    return this.#core.supply.load.phases;
  }

  magnet(on: boolean): void {
    this.#change({ magnet: on });
  }

  cover(open: boolean): void {
    this.#change({ coverOpen: open });
  }

  module(removed: boolean): void {
    this.#change({ moduleRemoved: removed });
  }

  neutral(state: 'sound' | 'missing' | 'disturbed'): void {
    this.#change({ neutral: state });
  }

  earthLoad(milliamperes: number): void {
    this.#change({ earthLoad: milliamperes });
  }

  current(percent: number, phase: PhaseChoice): void {
    this.#change(({ currents }) => ({ currents: currents.map((old, i) => (isOn(i, phase) ? percent : old)) }));
  }

  voltage(decivolts: number | undefined, phase: PhaseChoice): void {
    this.#voltages = this.#voltages.map((old, i) => (isOn(i, phase) ? (decivolts ?? null) : old));
    this.#supply();
  }

  power(on: boolean): void {
    this.#power = on;
    this.#supply();
  }

  appliance(name: string, watts: number, phase: PhaseChoice): void {
    const phases = phase === undefined ? this.phases : 1;
    const share = Math.trunc(watts / phases);
    const added = Array.from({ length: watts === 0 ? 0 : phases }, (_, i): Appliance => {
      const rest = i === 0 ? watts - share * phases : 0;
      return { name, watts: share + rest, vars: 0, phase: phase ?? i };
    });
    this.#change(({ appliances }) => ({ appliances: [...appliances.filter((old) => old.name !== name), ...added] }));
  }

  household(on: boolean): void {
    this.#change({ household: on });
  }

  relayStuck(stuck: boolean): void {
    // Once they are free again, the contacts follow the relay.
    this.#core.relay.stick(stuck, this.#core.catchUp());
    this.#changed();
  }

  relayOrder(order: 'open' | 'close'): void {
    const { relay } = this.#core;
    const now = this.#core.catchUp();
    if (order === 'open') relay.remoteDisconnect(now);
    // The relay refuses in any other state.
    else if (relay.state === 'disconnected') relay.remoteReconnect(now);
    this.#changed();
  }

  controlMode(mode: number): void {
    this.#core.relay.setMode(mode, this.#core.catchUp());
    this.#changed();
  }

  balance(paise: number): void {
    this.#core.prepaid.setBalance(paise, this.#core.catchUp());
    this.#changed();
  }

  recharge(paise: number): void {
    this.#core.prepaid.payIn(paise, this.#core.catchUp());
    this.#changed();
  }

  clock(change: { readonly by: Millis } | { readonly to: Millis }): void {
    const now = this.#core.catchUp();
    this.#core.setClock('to' in change ? change.to : this.#core.time.wall(now) + change.by, now);
    this.#changed();
  }

  #supply(): void {
    this.#change({ voltages: this.#power ? this.#voltages : this.#voltages.map(() => 0) });
  }

  #change(patch: Partial<Conditions> | ((before: Conditions) => Partial<Conditions>)): void {
    const now = this.#core.catchUp();
    this.#core.change(typeof patch === 'function' ? patch(this.#core.timeline.current) : patch, now);
    this.#changed();
  }
}

function isOn(phase: number, choice: PhaseChoice): boolean {
  return choice === undefined || choice === phase;
}
