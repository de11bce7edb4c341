/** The word that was probably meant; undefined where none is near. */
function closest(written: string, words: readonly string[]): string | undefined {
  const near = words.map((word) => ({ word, distance: editDistance(written.toLowerCase(), word.toLowerCase()) }));
  const [best] = near.sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.word.length * 0.4)) ? best.word : undefined;
}

/** `did you mean 'energy'? one of energy, balance` */
export function suggestion(written: string, words: readonly string[]): string {
  const meant = closest(written, words);
  const all = `one of ${words.join(', ')}`;
  return meant === undefined ? all : `did you mean '${meant}'? ${all}`;
}

/** How many letters are wrong, missing or too many (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
