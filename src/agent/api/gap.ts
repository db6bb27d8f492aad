/** The line of an event stream that says that events are missing. Owns the type and its sentence. */

/**
 * `not-kept`: the agent keeps the last 1,024 events, and those from `from` to `to` are no longer among them; the client
 * was away, or too slow. `restarted`: the agent was started anew and counts from 1 again; what is missing of the
 * old count nobody knows, and `to` is 0.
 *
 * After a gap, `GET /v1/status` says how everything is now.
 */
export interface GapEvent {
  readonly type: 'gap';
  readonly reason: 'not-kept' | 'restarted';
  /** First `seq` that is missing. */
  readonly from: number;
  /** Last one, in the new count. */
  readonly to: number;
}

export function gapText({ reason, from, to }: GapEvent): string {
  return reason === 'restarted'
    ? 'the agent was started anew; events that it told last before are missing'
    : `${to - from + 1} events are missing, ${from} to ${to}: the agent no longer keeps them`;
}
