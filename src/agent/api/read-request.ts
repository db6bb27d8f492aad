/**
 * Query and body of a request, checked.
 *
 * Owns the limits and the words for what is wrong. Strict: a key that a route does not know is refused, since it would
 * otherwise be ignored without a word.
 */
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { check } from '../../binding/contract/check.ts';
import { suggestion } from '../../suggest.ts';
import { RequestError } from './failure.ts';

/** In bytes: some ten thousand ports. */
export const MAX_BODY: number = 16 * 1024 * 1024;

function refuse(message: string): never {
  throw new RequestError(400, 'SRIOV_INVALID_CONFIG', message);
}

function checkKeys(schema: z.ZodObject, keys: readonly string[], what: string): void {
  const known = Object.keys(schema.shape);
  for (const key of keys) {
    if (known.includes(key)) continue;
    refuse(
      `${what} ${JSON.stringify(key.slice(0, 48))} is not known; ${known.length === 0 ? 'there is none here' : suggestion(key, known)}`,
    );
  }
}

/** @throws RequestError, ContractError */
export function readQuery(schema: z.ZodObject, search: URLSearchParams): unknown {
  checkKeys(schema, [...search.keys()], 'parameter');
  const twice = [...search.keys()].find((key) => search.getAll(key).length > 1);
  if (twice !== undefined) refuse(`parameter ${JSON.stringify(twice)} is given more than once`);
  return check(schema, Object.fromEntries(search), 'query');
}

function checkType({ headers }: IncomingMessage): void {
  const type = headers['content-type'];
  if (headers['content-encoding'] !== undefined) {
    throw new RequestError(415, 'SRIOV_NOT_JSON', 'the body must not be compressed');
  }
  if (type !== undefined && /^application\/json\s*(?:;\s*charset=utf-8\s*)?$/i.test(type)) return;
  throw new RequestError(
    415,
    'SRIOV_NOT_JSON',
    `the body is ${type ?? 'of no type'}; send Content-Type: application/json`,
  );
}

async function readText(request: IncomingMessage): Promise<string> {
  const tooBig = (): never => {
    throw new RequestError(
      413,
      'SRIOV_TOO_BIG',
      `the body has more than ${MAX_BODY} bytes; split the request`,
    );
  };
  // Said before anything of it is read, where the client says how much it will be.
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) tooBig();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) tooBig();
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) refuse('the body is not UTF-8');
  return text;
}

function parseJson(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    refuse(`the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('the body must be an object');
  }
  return value;
}

/** @throws RequestError, ContractError */
export async function readBody(
  request: IncomingMessage,
  schema: z.ZodObject,
  optional: boolean,
): Promise<unknown> {
  const none =
    request.headers['transfer-encoding'] === undefined &&
    Number(request.headers['content-length'] ?? 0) === 0;
  if (none && optional) return check(schema, {}, 'body');
  if (none) refuse('a body is missing; send JSON');
  checkType(request);
  const value = parseJson(await readText(request));
  checkKeys(schema, Object.keys(value), 'key');
  return check(schema, value, 'body');
}
