/**
 * Mutated inputs to every place where octets or text of others come in. Seed, surface and index name an input, on every machine. The tests of
 * this folder and `npm run fuzz` run this.
 */

import { UsageError } from '../../../bin/failure.js';
import { Random } from '../../../simulator/random.js';
import { fromLatin1, toHex } from '../../../src/base/bytes.js';
import { CosemError } from '../../../src/base/errors.js';

/** A place where somebody else's octets come in. */
export interface Surface {
  readonly name: string;
  /** Its part of all inputs, beside those of the others: what is cheap gets many. */
  readonly share: number;
  /** An input. Draws from `random` alone. */
  readonly make: (random: Random) => Uint8Array;
  /**
   * Gives it in. Whatever throws is judged: a CosemError is right; a {@link Broken} or anything else is a fault. `random` decides what
   * else there is to decide, such as how octets are cut into chunks.
   */
  readonly feed: (input: Uint8Array, random: Random) => void | Promise<void>;
  /** For what keeps a state over inputs: begins anew, before each {@link BLOCK}. */
  readonly renew?: () => void;
}

/** What must hold and does not. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** @throws Broken */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}

/** Inputs of a surface that one worker makes in a row, and over which a surface may keep a state. */
export const BLOCK = 32;

/** An input that did what none may do. */
export interface Failure {
  readonly surface: string;
  readonly seed: number;
  readonly index: number;
  readonly error: string;
  /** Hexadecimal, as small as it could be made. */
  readonly input: string;
}

/** What came of inputs of one surface. */
export interface Tally {
  inputs: number;
  octets: number;
  /** Inputs that were taken. */
  taken: number;
  /** Errors, by class and reason. */
  readonly errors: Map<string, number>;
}

export const newTally = (): Tally => ({ inputs: 0, octets: 0, taken: 0, errors: new Map() });

function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const octet of fromLatin1(text)) sum = Math.imul(sum ^ octet, 0x01000193) >>> 0;
  return sum;
}

/** The random numbers of an input: those that make it, and those that say how it is given in. */
function randomOf(seed: number, surface: string, index: number): Random {
  const first = new Random((seed ^ hash(surface)) >>> 0).u32();
  return new Random(first * 0x100000 + index);
}

/** The input that these name. */
export function inputOf(surface: Surface, seed: number, index: number): Uint8Array {
  return surface.make(randomOf(seed, surface.name, index));
}

/** What a boundary may throw: the errors of docs/architecture.md, and of the command the one for wrong options and files. */
export function isDocumented(error: unknown): error is CosemError | UsageError {
  return error instanceof CosemError || error instanceof UsageError;
}

/** What is thrown where nothing may be; undefined where all is well. */
function faultOf(error: unknown): string | undefined {
  if (isDocumented(error)) return undefined;
  if (!(error instanceof Error)) return `threw ${typeof error}`;
  // What an error says to itself may be long.
  const where = /\n\s+at (.*)/.exec(error.stack ?? '')?.[1] ?? '';
  return `${error.name}: ${error.message.slice(0, 200)}${error instanceof Broken ? '' : ` at ${where}`}`;
}

function nameOf(error: CosemError | UsageError): string {
  return 'reason' in error && typeof error.reason === 'string' ? `${error.name} ${error.reason}` : error.name;
}

/**
 * Gives one input in.
 * @returns what is wrong; undefined where it was taken or refused by an error that is documented.
 */
async function fed(surface: Surface, input: Uint8Array, random: Random, tally?: Tally): Promise<string | undefined> {
  try {
    const wait = surface.feed(input, random);
    if (wait !== undefined) await wait;
    if (tally !== undefined) tally.taken++;
    return undefined;
  } catch (error) {
    if (tally !== undefined && isDocumented(error)) {
      const name = nameOf(error);
      tally.errors.set(name, (tally.errors.get(name) ?? 0) + 1);
    }
    return faultOf(error);
  }
}

/** A watch over what inputs cost; see test/hostile/fuzz/worker.ts. */
export interface Watch {
  before(): void;
  /** @returns what is wrong with what it cost. */
  after(surface: string, index: number, octets: number): string | undefined;
}

/** Gives in the inputs of one block of a surface, from `index` to before `end`, and says which were wrong. */
export async function runBlock(
  surface: Surface,
  { seed, index, end }: { readonly seed: number; readonly index: number; readonly end: number },
  tally: Tally,
  watch?: Watch,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  surface.renew?.();
  for (let i = index; i < end; i++) {
    const random = randomOf(seed, surface.name, i);
    const input = surface.make(random);
    const again = random.fork();
    const replay = () => forked(seed, surface.name, i, surface);
    tally.inputs++;
    tally.octets += input.length;
    watch?.before();
    const fault = await fed(surface, input, again, tally);
    const cost = watch?.after(surface.name, i, input.length);
    const error = fault ?? cost;
    if (error === undefined) continue;
    const small = await minimised(surface, input, replay, error);
    failures.push({ surface: surface.name, seed, index: i, error, input: toHex(small) });
    surface.renew?.();
  }
  return failures;
}

function forked(seed: number, name: string, index: number, surface: Surface): Random {
  const random = randomOf(seed, name, index);
  surface.make(random);
  return random.fork();
}

/** Tries that the making of a small input may take. */
const MOST_TRIES = 2000;

/** The same fault from fewer octets, and from zeros where they do: parts are left out, halves first. */
async function minimised(
  surface: Surface,
  input: Uint8Array,
  random: () => Random,
  error: string,
): Promise<Uint8Array> {
  const kind = error.split(':', 1)[0] as string;
  let tries = 0;
  const fails = async (octets: Uint8Array) => {
    if (++tries > MOST_TRIES) return false;
    surface.renew?.();
    return (await fed(surface, octets.slice(), random()))?.startsWith(kind) === true;
  };
  let small = input;
  // What needs a state that earlier inputs made, or time, stays as it is.
  if (!(await fails(small))) return small;
  for (let size = Math.max(1, small.length >> 1); size >= 1; size = size >> 1) {
    for (let at = 0; at < small.length; ) {
      const less = new Uint8Array(small.length - Math.min(size, small.length - at));
      less.set(small.subarray(0, at));
      less.set(small.subarray(Math.min(small.length, at + size)), at);
      if (await fails(less)) small = less;
      else at += size;
    }
  }
  for (let at = 0; at < small.length; at++) {
    if (small[at] === 0) continue;
    const zeroed = small.slice();
    zeroed[at] = 0;
    if (await fails(zeroed)) small = zeroed;
  }
  return small;
}

/** A block of inputs of one surface. */
export interface Block {
  readonly surface: Surface;
  readonly index: number;
  readonly end: number;
}

/**
 * The blocks that together are `inputs` inputs, the surfaces by their shares and in turns, so that what comes last is of the kind of what
 * came first. Worker `part` of `parts` does those that are its own.
 */
export function* blocksOf(surfaces: readonly Surface[], inputs: number, part = 0, parts = 1): Generator<Block> {
  const all = surfaces.reduce((sum, { share }) => sum + share, 0);
  const counts = surfaces.map(({ share }) => Math.ceil((inputs * share) / all));
  const rounds = Math.ceil(Math.max(...counts) / BLOCK);
  const done = surfaces.map(() => 0);
  for (let round = 1; round <= rounds; round++) {
    for (const [i, surface] of surfaces.entries()) {
      const count = counts[i] as number;
      const due = Math.min(Math.ceil(count / BLOCK), Math.ceil((count * round) / rounds / BLOCK));
      for (; (done[i] as number) < due; (done[i] as number)++) {
        const block = done[i] as number;
        if (block % parts !== part) continue;
        yield { surface, index: block * BLOCK, end: Math.min(count, (block + 1) * BLOCK) };
      }
    }
  }
}

/** How a person makes a failure again. */
export function failureText({ surface, seed, index, error, input }: Failure): string {
  return `${surface} ${index}: ${error}\n  input ${input}\n  again: npm run fuzz -- --seed ${seed} --surface ${surface} --only ${index}`;
}
