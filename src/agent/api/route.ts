/**
 * The shape of a route: what the server dispatches by, and what the OpenAPI document says, in one place.
 *
 * Owns types only.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Agent } from '../agent.ts';
import type { Right } from './access.ts';

/** A request that is allowed and well-formed. */
export interface Call {
  readonly agent: Agent;
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Checked by the route's `query`. */
  readonly query: unknown;
  /** Checked by the route's `body`; undefined without one. */
  readonly body: unknown;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the client is gone, or the server ends. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Name of a schema of the document. */
export type SchemaName = string;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** OpenAPI's form: `/v1/ports/{id}`. */
  readonly path: string;
  /** `operationId` of the document. */
  readonly name: string;
  readonly right: Right;
  readonly summary: string;
  readonly description?: string;
  /** Absent = no parameters. Keys that it does not have are refused. */
  readonly query?: z.ZodObject;
  /** Absent = no body. */
  readonly body?: {
    readonly schema: z.ZodObject;
    /** In the document. */
    readonly name: SchemaName;
    /** It may be left away, and is `{}` then. */
    readonly optional?: true;
  };
  readonly answers: SchemaName;
  /** Absent = JSON. */
  readonly stream?: true;
  /** HTTP statuses of its errors, beside those that any route may have. */
  readonly errors: readonly (404 | 409 | 422)[];
  /** Undefined = it has written the response itself. */
  readonly handle: (call: Call) => Promise<Answer | undefined>;
}
