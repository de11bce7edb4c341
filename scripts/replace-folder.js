import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Puts the files of one folder into the place of another's, and removes what the other has beside them. A program that runs from it never
 * misses a file: each is replaced in one step, and what is the same stays untouched.
 * @param from is gone afterwards; on the file system of `to`.
 * @param keep names at the top of `to` that stay.
 */
export function replaceFolder(from, to, keep = () => false) {
  const fresh = filesIn(from);
  for (const file of fresh) {
    const [source, target] = [join(from, file), join(to, file)];
    if (isSame(source, target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    renameSync(source, target);
  }
  const wanted = new Set(fresh);
  for (const file of filesIn(to)) {
    if (!wanted.has(file) && !keep(file.split(/[/\\]/)[0])) rmSync(join(to, file), { force: true });
  }
  rmSync(from, { recursive: true, force: true });
  removeEmpty(to);
}

/** Every file below a folder, by its path there. */
function filesIn(folder, below = '') {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    return entry.isDirectory() ? filesIn(folder, path) : [path];
  });
}

function isSame(a, b) {
  const there = lstatSync(b, { throwIfNoEntry: false });
  return there?.isFile() === true && there.size === lstatSync(a).size && readFileSync(a).equals(readFileSync(b));
}

function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    removeEmpty(path);
    if (readdirSync(path).length === 0) rmdirSync(path);
  }
}
