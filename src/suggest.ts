/**
 * "Did you mean": the known word that is nearest to a wrong one.
 *
 * Owns the distance and the sentence. It never accepts a word, it only helps to refuse one.
 */

/** Levenshtein distance of two short words, case ignored. */
function distance(left: string, right: string): number {
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(substituted, removed, inserted));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The known word within a third of the wrong one's length (two letters at least), or undefined. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const word of known) {
    const far = distance(wrong, word);
    if (far < bestDistance && far < word.length) {
      best = word;
      bestDistance = far;
    }
  }
  return best;
}

/** Second half of a refusal: the nearest known word, or all of them. */
export function suggestion(wrong: string, known: readonly string[]): string {
  const word = nearest(wrong, known);
  return word === undefined ? `known are ${known.join(', ')}` : `did you mean ${word}?`;
}
