/**
 * Runs a schema over a value and says what is wrong in words of the contract.
 *
 * Owns the sentences for what zod finds; must never change zod's global settings, which belong to the caller's
 * program.
 */
import type { z } from 'zod';
import { suggestion } from '../../suggest.ts';
import { bindingJsonLength, MAX_BINDING_JSON } from '../limits.ts';
import { ContractError, type ContractProblem, pathText } from './error.ts';
import { plainCopy } from './plain.ts';

/**
 * @param subject - what the value is; begins the message when the value as a whole is wrong
 * @throws ContractError - lists everything that is wrong
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, subject: string): T {
  const problems: ContractProblem[] = [];
  const plain = plainCopy(value, problems);
  if (problems.length > 0) throw new ContractError(subject, problems);
  const result = schema.safeParse(plain, { error: sentence });
  if (result.success) return result.data;
  throw new ContractError(
    subject,
    result.error.issues.map(({ path, message }) => ({ path: pathText(path), message })),
  );
}

/** Refuses a dictionary that Neutron could not store. */
export function checkSize(subject: string): (value: unknown, context: z.RefinementCtx) => void {
  return (value, context) => {
    const length = bindingJsonLength(value);
    if (length <= MAX_BINDING_JSON) return;
    const message = `${subject} value too large: ${length} characters of JSON, and at most ${MAX_BINDING_JSON} are allowed`;
    context.addIssue({ code: 'custom', message });
  };
}

/** The same object without those of the known keys that are null; null says "not given" there. */
export function dropNulls<T extends object>(value: T, known: readonly string[]): Present<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([key, own]) => own !== null || !known.includes(key)),
  ) as Present<T>;
}

export type Present<T> = { [K in keyof T]: Exclude<T[K], null | undefined> };

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

type Issue = Parameters<NonNullable<z.core.$ZodErrorMap>>[0];

function sentence(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `must be ${NAMES[issue.expected] ?? issue.expected}, not ${shown(issue.input)}`;
    case 'invalid_value': {
      const known = issue.values.map(String);
      if (typeof issue.input !== 'string')
        return `must be one of ${known.join(', ')}, not ${shown(issue.input)}`;
      return `${shown(issue.input)} is not known; ${suggestion(issue.input, known)}`;
    }
    case 'too_small':
      return issue.origin === 'string'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}, not ${shown(issue.input)}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}, not ${shown(issue.input)}`;
    default:
      return undefined;
  }
}

/** Bounded, so that a stray file does not become the message. */
function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 50 ? `${text.slice(0, 49)}…` : text;
}
