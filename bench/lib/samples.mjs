/**
 * Samples of contenders that take turns, and what is said of them.
 *
 * Owns the arithmetic: medians, spread, ratios. Must never compare numbers of different runs: on a machine that
 * others use too, only what ran side by side says anything.
 */

/** @typedef {{ name: string, run: () => number | Promise<number> }} Contender `run` gives nanoseconds */

/**
 * @param {readonly Contender[]} contenders
 * @param {{ rounds: number, warmUp: number, inARow?: number }} options inARow: runs of one turn, of which the
 *   median is the sample; with more than one, no contender pays for what the one before it left in the caches
 * @returns {Promise<Map<string, number[]>>} samples by name, in the order of the rounds
 */
export async function takeTurns(contenders, { rounds, warmUp, inARow = 1 }) {
  /** @type {Map<string, number[]>} */
  const samples = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    // Each has each neighbour before it equally often: what one leaves in the caches is shared out.
    const first = (round + warmUp) % contenders.length;
    for (const { name, run } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const turn = [];
      for (let i = 0; i < inARow; i++) turn.push(await run());
      if (round >= 0) samples.get(name)?.push(median(turn));
    }
  }
  return samples;
}

/** @param {readonly number[]} values @param {number} share 0 to 1 @returns {number} */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new Error('no samples');
  return value;
}

/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/**
 * How many times as long as `base` it takes.
 * @param {readonly number[]} values
 * @param {readonly number[]} base of the same rounds
 * @returns {{ ratio: number, low: number, high: number }} of the medians, with the tenth and ninetieth percentile
 *   of the ratios within a round
 */
export function compare(values, base) {
  const ratios = values.map((value, round) => value / /** @type {number} */ (base[round]));
  return {
    ratio: median(values) / median(base),
    low: quantile(ratios, 0.1),
    high: quantile(ratios, 0.9),
  };
}

/** @param {number} ns @returns {string} */
export function formatNs(ns) {
  if (ns >= 1e9) return `${(ns / 1e9).toPrecision(3)} s`;
  if (ns >= 1e6) return `${(ns / 1e6).toPrecision(3)} ms`;
  return `${(ns / 1e3).toPrecision(3)} µs`;
}
