/**
 * What has flowed through a meter, in joules (watt-seconds), volt-ampere-seconds and var-seconds: whole numbers, so that registers in Wh
 * are exact. 3600 J = 1 Wh.
 */
export interface Energies {
  /** Active energy drawn from the grid, in joules. */
  readonly activeImport: number;
  /** Apparent energy while active energy was drawn, in volt-ampere-seconds. */
  readonly apparentImport: number;
  /** Active energy fed into the grid, in joules. */
  readonly activeExport: number;
  /** Apparent energy while active energy was fed in, in volt-ampere-seconds. */
  readonly apparentExport: number;
  /** Reactive energy of quadrant 1 (import, lagging current), in var-seconds. */
  readonly reactiveQ1: number;
  /** Reactive energy of quadrant 2 (export, lagging current), in var-seconds. */
  readonly reactiveQ2: number;
  /** Reactive energy of quadrant 3 (export, leading current), in var-seconds. */
  readonly reactiveQ3: number;
  /** Reactive energy of quadrant 4 (import, leading current), in var-seconds. */
  readonly reactiveQ4: number;
  /** Apparent energy through phase 1 in either direction, in volt-ampere-seconds. */
  readonly phase1: number;
  /** Apparent energy through phase 2, as for phase 1; 0 in a meter without that phase. */
  readonly phase2: number;
  /** Apparent energy through phase 3, as for phase 1; 0 in a meter without that phase. */
  readonly phase3: number;
}

export type EnergyKind = keyof Energies;

export const PHASE_ENERGIES = ['phase1', 'phase2', 'phase3'] as const;

export const NO_ENERGY: Energies = {
  activeImport: 0,
  apparentImport: 0,
  activeExport: 0,
  apparentExport: 0,
  reactiveQ1: 0,
  reactiveQ2: 0,
  reactiveQ3: 0,
  reactiveQ4: 0,
  phase1: 0,
  phase2: 0,
  phase3: 0,
};

export function minus(a: Energies, b: Energies): Energies {
  return {
    activeImport: a.activeImport - b.activeImport,
    apparentImport: a.apparentImport - b.apparentImport,
    activeExport: a.activeExport - b.activeExport,
    apparentExport: a.apparentExport - b.apparentExport,
    reactiveQ1: a.reactiveQ1 - b.reactiveQ1,
    reactiveQ2: a.reactiveQ2 - b.reactiveQ2,
    reactiveQ3: a.reactiveQ3 - b.reactiveQ3,
    reactiveQ4: a.reactiveQ4 - b.reactiveQ4,
    phase1: a.phase1 - b.phase1,
    phase2: a.phase2 - b.phase2,
    phase3: a.phase3 - b.phase3,
  };
}

export function plus(a: Energies, b: Energies): Energies {
  return {
    activeImport: a.activeImport + b.activeImport,
    apparentImport: a.apparentImport + b.apparentImport,
    activeExport: a.activeExport + b.activeExport,
    apparentExport: a.apparentExport + b.apparentExport,
    reactiveQ1: a.reactiveQ1 + b.reactiveQ1,
    reactiveQ2: a.reactiveQ2 + b.reactiveQ2,
    reactiveQ3: a.reactiveQ3 + b.reactiveQ3,
    reactiveQ4: a.reactiveQ4 + b.reactiveQ4,
    phase1: a.phase1 + b.phase1,
    phase2: a.phase2 + b.phase2,
    phase3: a.phase3 + b.phase3,
  };
}

/** A running sum of energies. */
export class Tally implements Energies {
  activeImport = 0;
  apparentImport = 0;
  activeExport = 0;
  apparentExport = 0;
  reactiveQ1 = 0;
  reactiveQ2 = 0;
  reactiveQ3 = 0;
  reactiveQ4 = 0;
  phase1 = 0;
  phase2 = 0;
  phase3 = 0;

  /** Adds every kind of energy of `e`. */
  add(e: Energies): void {
    this.activeImport += e.activeImport;
    this.apparentImport += e.apparentImport;
    this.activeExport += e.activeExport;
    this.apparentExport += e.apparentExport;
    this.reactiveQ1 += e.reactiveQ1;
    this.reactiveQ2 += e.reactiveQ2;
    this.reactiveQ3 += e.reactiveQ3;
    this.reactiveQ4 += e.reactiveQ4;
    this.phase1 += e.phase1;
    this.phase2 += e.phase2;
    this.phase3 += e.phase3;
  }

  /**
   * Counts what flowed through all phases together, in one direction.
   * @param active signed: negative is export. @param reactive signed: negative is leading.
   */
  count(imported: boolean, active: number, reactive: number, apparent: number): void {
    if (imported) {
      this.activeImport += active;
      this.apparentImport += apparent;
      if (reactive >= 0) this.reactiveQ1 += reactive;
      else this.reactiveQ4 -= reactive;
    } else {
      this.activeExport -= active;
      this.apparentExport += apparent;
      if (reactive >= 0) this.reactiveQ2 += reactive;
      else this.reactiveQ3 -= reactive;
    }
  }

  /** Adds the part of it that went through one phase. */
  through(phase: number, apparent: number): void {
    if (phase === 0) this.phase1 += apparent;
    else if (phase === 1) this.phase2 += apparent;
    else this.phase3 += apparent;
  }
}
