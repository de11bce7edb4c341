/** A request for a turn. It is granted once, as soon as everything that it shares is free. */
export interface Turn {
  /** What it shares with others, and how many may use that at once. */
  readonly shares: ReadonlyMap<string, number>;
  /** Called when it is its turn. @returns whether it takes the turn; if not, it will ask again itself. */
  grant(): boolean;
}

/** Grants turns to many users of shared things: in the order of asking, but nobody waits for things that he does not share. */
export class Turns {
  readonly #most: number;
  readonly #used = new Map<string, number>();
  #running = 0;
  #ready: Turn[] = [];
  /** Requests that wait for a shared thing, by its name. */
  readonly #blocked = new Map<string, Turn[]>();
  #granting = false;

  /** @param most how many turns may be taken at once in total. */
  constructor(most: number) {
    this.#most = most;
  }

  ask(turns: readonly Turn[]): void {
    this.#ready = [...this.#ready, ...turns];
    this.#grant();
  }

  /** Ends a turn that was taken. */
  free({ shares }: Turn): void {
    this.#running--;
    const woken: Turn[] = [];
    for (const name of shares.keys()) {
      const used = (this.#used.get(name) ?? 0) - 1;
      if (used > 0) this.#used.set(name, used);
      else this.#used.delete(name);
      woken.push(...(this.#blocked.get(name) ?? []));
      this.#blocked.delete(name);
    }
    this.#ready = [...woken, ...this.#ready];
    this.#grant();
  }

  /** Removes requests that are no longer wanted. */
  drop(unwanted: (turn: Turn) => boolean): void {
    this.#ready = this.#ready.filter((turn) => !unwanted(turn));
    for (const [name, turns] of this.#blocked) {
      const left = turns.filter((turn) => !unwanted(turn));
      if (left.length > 0) this.#blocked.set(name, left);
      else this.#blocked.delete(name);
    }
  }

  #grant(): void {
    if (this.#granting) return;
    this.#granting = true;
    let at = 0;
    for (; this.#running < this.#most && at < this.#ready.length; at++) {
      const turn = this.#ready[at] as Turn;
      const full = [...turn.shares].find(([name, most]) => (this.#used.get(name) ?? 0) >= most);
      if (full !== undefined) this.#block(full[0], turn);
      else if (turn.grant()) this.#take(turn);
    }
    this.#ready = this.#ready.slice(at);
    this.#granting = false;
  }

  #block(name: string, turn: Turn): void {
    const blocked = this.#blocked.get(name);
    if (blocked === undefined) this.#blocked.set(name, [turn]);
    else blocked.push(turn);
  }

  #take({ shares }: Turn): void {
    this.#running++;
    for (const name of shares.keys()) this.#used.set(name, (this.#used.get(name) ?? 0) + 1);
  }
}
