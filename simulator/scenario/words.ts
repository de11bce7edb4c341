import type { Millis } from '../../src/base/clock.js';
import { DURATION_FORM, parseDuration } from '../duration.js';

/** A word of a step and where it begins in the step's text. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

/** What is wrong with a step, and the position of the character. */
export class WordError extends Error {
  readonly at: number;
  readonly hint: string;
  constructor(message: string, at: number, hint: string) {
    super(message);
    this.at = at;
    this.hint = hint;
  }
}

/** The words of a step, taken one after the other. */
export class Words {
  readonly #words: readonly Word[];
  readonly #end: number;
  #next = 0;

  constructor(text: string) {
    this.#words = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], at: match.index }));
    this.#end = text.trimEnd().length;
  }

  get done(): boolean {
    return this.#next === this.#words.length;
  }

  peek(): string | undefined {
    return this.#words[this.#next]?.text;
  }

  /** The next word. @throws WordError where the text ends. */
  take(wanted: string): Word {
    const word = this.#words[this.#next];
    if (word === undefined) throw new WordError(`the line ends where ${wanted} should follow`, this.#end, wanted);
    this.#next++;
    return word;
  }

  /** Takes the next word where it is this one. */
  takes(text: string): boolean {
    if (this.peek() !== text) return false;
    this.#next++;
    return true;
  }

  /** Takes the next word, which must be one of these. */
  oneOf<T extends string>(choices: readonly T[]): T {
    const word = this.take(choices.join(' or '));
    const choice = choices.find((candidate) => candidate === word.text);
    if (choice === undefined)
      throw new WordError(`'${word.text}' is not known here`, word.at, `one of ${choices.join(', ')}`);
    return choice;
  }

  duration(): Millis {
    return this.read('a duration', DURATION_FORM, parseDuration);
  }

  /** Takes the next word and reads it. @throws WordError when `read` gives undefined. */
  read<T>(what: string, hint: string, read: (text: string) => T | undefined): T {
    const word = this.take(what);
    const value = read(word.text);
    if (value === undefined) throw new WordError(`'${word.text}' is not ${what}`, word.at, hint);
    return value;
  }

  /** @throws WordError where words are left. */
  end(hint: string): void {
    const word = this.#words[this.#next];
    if (word !== undefined) throw new WordError(`nothing may follow here, but '${word.text}' does`, word.at, hint);
  }
}
