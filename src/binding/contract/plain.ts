/**
 * A copy of a value as JSON has it.
 *
 * Owns what counts as plain: the store keeps records as JSON, so what JSON would lose or change without a word
 * (NaN, functions, Dates, cycles) is refused by path. The copy shares nothing with what was given.
 */
import { type ContractProblem, pathText } from './error.ts';

/** Deeper than any binding, and far from the end of the stack. */
const MAX_DEPTH = 64;

/** Copies; what is wrong goes to `problems`. Keys whose value is undefined are absent, as in JSON. */
export function plainCopy(
  value: unknown,
  problems: ContractProblem[],
  path: readonly PropertyKey[] = [],
): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  const refuse = (message: string): undefined => {
    problems.push({ path: pathText(path), message });
    return undefined;
  };
  if (typeof value === 'number') {
    // -0 would come back from the store as 0.
    return Number.isFinite(value) ? value + 0 : refuse(`${value} is no number that JSON has`);
  }
  if (typeof value !== 'object')
    return value === undefined ? undefined : refuse(`a ${typeof value} is no JSON`);
  if (path.length >= MAX_DEPTH) return refuse(`is nested more than ${MAX_DEPTH} deep, or contains itself`);
  if (Array.isArray(value)) {
    return Array.from(value, (item: unknown, index) =>
      item === undefined
        ? (problems.push({ path: pathText([...path, index]), message: 'is missing' }), null)
        : plainCopy(item, problems, [...path, index]),
    );
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return refuse('must be a plain object');
  const copy: Record<string, unknown> = {};
  for (const [key, own] of Object.entries(value)) {
    // It would become the copy's prototype rather than a key of it.
    if (key === '__proto__') refuse('the key __proto__ is not accepted');
    else if (own !== undefined) copy[key] = plainCopy(own, problems, [...path, key]);
  }
  return copy;
}
