/**
 * From the agent's events to lines of its log: one event, one line.
 *
 * Owns which fields a line has. Keeps of each port at most the differences that are about to be repaired.
 */
import type { EventEmitter } from 'node:events';
import { eventText } from '../event-text.ts';
import type { AgentEvent, AgentEventMap, Difference } from '../events.ts';
import { levelOf } from './level.ts';
import type { AgentLog, LogFields } from './log.ts';
import { repairedText } from './repaired-text.ts';

/** @returns ends it */
export function attachLog(agent: EventEmitter<AgentEventMap>, log: AgentLog): () => void {
  /** By port. */
  const drifts = new Map<string, readonly Difference[]>();
  const onEvent = (event: AgentEvent): void => {
    if (event.type === 'drift') drifts.set(event.port, event.differences);
    const level = levelOf(event);
    if (log.wants(level)) {
      const differences = event.type === 'repaired' ? (drifts.get(event.port) ?? []) : [];
      log.write(level, fieldsOf(event, differences), textOf(event, differences));
    }
    if (isOver(event)) drifts.delete(event.port);
  };
  agent.on('event', onEvent);
  return () => {
    agent.off('event', onEvent);
  };
}

/** What was found of the port before tells nothing of it any more. */
function isOver(event: AgentEvent): event is Extract<AgentEvent, { readonly port: string }> {
  if (event.type === 'port') return event.binding === null;
  return event.type === 'repaired' || event.type === 'lost' || event.type === 'left-over';
}

function textOf(event: AgentEvent, differences: readonly Difference[]): string {
  return event.type === 'repaired' ? repairedText(event, differences) : eventText(event);
}

/** All of the event, but under names that a line has for something else; `message` is in the sentence. */
function fieldsOf(event: AgentEvent, differences: readonly Difference[]): LogFields {
  const { type, at, ...rest } = event;
  const fields: Record<string, unknown> = { time: at, event: type, ...rest };
  if (differences.length > 0) fields['differences'] = differences;
  if ('message' in fields) {
    if (fields['message'] !== '') fields['reason'] = fields['message'];
    delete fields['message'];
  }
  return fields;
}
