/** The word that was probably meant; undefined where none is similar. */
function closest(written: string, words: readonly string[]): string | undefined {
  const near = words.map((word) => ({ word, distance: editDistance(written.toLowerCase(), word.toLowerCase()) }));
  const [best] = near.sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.word.length * 0.4)) ? best.word : undefined;
}

/** A hint for a misspelled word: `did you mean 'energy'? one of energy, balance`. */
export function suggestion(written: string, words: readonly string[]): string {
  const meant = closest(written, words);
  const all = `one of ${words.join(', ')}`;
  return meant === undefined ? all : `did you mean '${meant}'? ${all}`;
}

/** How many letters are wrong, missing, too many, or in each other's place (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  let before = row;
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? replaced) + 1 : replaced;
      next.push(Math.min(replaced, exchanged, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] as number;
}
