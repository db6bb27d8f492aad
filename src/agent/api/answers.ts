/** Answers of the API whose form is its own. Owns the types; the schemas are `schema/ports.ts`'. */
import type { BindingRecord } from '../../binding/record.ts';
import type { Refusal } from '../../binding/refusal.ts';
import type { VfConfig } from '../../vf/config.ts';

/** What became of one port. */
export interface PortAnswer {
  readonly id: string;
  readonly bound: boolean;
  /** Of `formatPlace`; null = it has no function here. */
  readonly place: string | null;
  /** Of the port. */
  readonly status: string;
  /** The binding on this host; null = there is none. */
  readonly binding: BindingRecord | null;
  /** Empty when it is bound. */
  readonly refusals: readonly Refusal[];
  /** What was, or with a plan would be, changed of its VF; null = nothing. */
  readonly changes: VfConfig | null;
}

export interface BindAnswer {
  /** In the order of the request. */
  readonly ports: readonly PortAnswer[];
  readonly messages: number;
  readonly durationMs: number;
}
