import { homedir } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  cleanPhoto,
  type Language,
  type MessageCode,
  type MessageParams,
  MOST_PHOTOS,
  type PhotoInput,
  type PhotoKind,
  type Policy,
  photosWanted,
  readPhoto,
} from '../src/index.js';
import { refusedBy } from './refused-by.js';

/**
 * The path of a file as terminals write one that is dragged into them: in quotes, with blanks behind backslashes, or as `file://`.
 * @param windows whether a backslash stands between folders.
 */
export function pathIn(text: string, windows = process.platform === 'win32'): string {
  const trimmed = text.trim();
  const [, quoted] = /^(?:'(.*)'|"(.*)")$/s.exec(trimmed)?.filter((part) => part !== undefined) ?? [];
  if (quoted !== undefined) return quoted.replaceAll("'\\''", "'");
  if (trimmed.startsWith('file://')) {
    try {
      return fileURLToPath(trimmed, { windows });
    } catch {
      return trimmed;
    }
  }
  const plain = windows ? trimmed : trimmed.replace(/\\(.)/g, '$1');
  return plain.startsWith('~/') ? homedir() + plain.slice(1) : plain;
}

/** What asking for texts needs: the questions on a terminal. */
interface TextPrompts {
  readonly language: Language;
  words(code: MessageCode, params?: MessageParams): string;
  text(
    message: string,
    options: {
      readonly initial: string;
      readonly optional: boolean;
      readonly check: (text: string) => string | undefined;
    },
  ): Promise<string>;
}

/** Asks a person for photos. What was given in this run is offered again, because a probe that slipped changes no photo. */
export class PhotoPrompts {
  readonly #prompts: TextPrompts;
  readonly #before = new Map<PhotoKind, readonly string[]>();

  constructor(prompts: TextPrompts) {
    this.#prompts = prompts;
  }

  /** @returns nothing where the policy wants none of these kinds. */
  async ask(kinds: readonly PhotoKind[], policy: Policy): Promise<readonly PhotoInput[]> {
    const photos: PhotoInput[] = [];
    for (const kind of kinds) {
      if (photosWanted(policy, kind) > 0) photos.push(...(await this.#kind(kind, policy)));
    }
    return photos;
  }

  async #kind(kind: PhotoKind, policy: Policy): Promise<readonly PhotoInput[]> {
    const before = this.#before.get(kind) ?? [];
    const paths: string[] = [];
    const least = photosWanted(policy, kind);
    while (paths.length < MOST_PHOTOS) {
      const number = paths.length + 1;
      const optional = number > least;
      const text = await this.#prompts.text(
        this.#prompts.words(optional ? 'ask-photo-more' : 'ask-photo', { number, kind: `photo-kind-${kind}` }),
        {
          optional,
          initial: before[paths.length] ?? '',
          check: (typed) =>
            refusedBy(() => cleanPhoto(photoAt(kind, typed), policy.photos.largest), this.#prompts.language),
        },
      );
      if (text === '') break;
      paths.push(text);
    }
    this.#before.set(kind, paths);
    return paths.map((path) => photoAt(kind, path));
  }
}

function photoAt(kind: PhotoKind, text: string): PhotoInput {
  const path = pathIn(text);
  return { kind, name: basename(path), read: () => readPhoto(path) };
}
