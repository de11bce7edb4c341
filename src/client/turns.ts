/** Who asks for a turn: granted once, as soon as all that it shares is free. */
export interface Turn {
  /** What it shares with others, and how many may have that at once. */
  readonly shares: ReadonlyMap<string, number>;
  /** It is its turn. @returns whether it takes it; where not it asks again itself. */
  grant(): boolean;
}

/** Turns of many that share things: in the order they asked, but nobody waits for what he does not share. */
export class Turns {
  readonly #most: number;
  readonly #used = new Map<string, number>();
  #running = 0;
  #ready: Turn[] = [];
  /** Those that wait for what they share, by its name. */
  readonly #blocked = new Map<string, Turn[]>();
  #granting = false;

  /** @param most how many have a turn at once in all. */
  constructor(most: number) {
    this.#most = most;
  }

  ask(turns: readonly Turn[]): void {
    this.#ready = [...this.#ready, ...turns];
    this.#grant();
  }

  /** A turn that was taken is over. */
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

  /** Turns that were asked for and are wanted no more. */
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
