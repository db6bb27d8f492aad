/**
 * `sriov/agent`: the agent as a library. Everything public of it is named here; nothing is decided here.
 *
 * An entry of its own, so that `sriov` and `sriov/binding` load neither a log nor a metrics library.
 */
export type { Agent } from './agent/agent.ts';
export type { BindAnswer, PortAnswer } from './agent/api/answers.ts';
export { type AgentClient, connectAgent, type EventsOptions } from './agent/api/client.ts';
export { AgentRefusedError, AgentUnreachableError } from './agent/api/errors.ts';
export type { GapEvent } from './agent/api/gap.ts';
export { loadSettings, readSettings } from './agent/config/read.ts';
export type {
  AgentEvent,
  AgentEventBody,
  AgentEventMap,
  AgentEventOf,
  Difference,
  Trigger,
} from './agent/events.ts';
export { eventText } from './agent/event-text.ts';
export type { AgentOptions } from './agent/engine/local-agent.ts';
export type {
  AgentSettings,
  Allowed,
  ApiSettings,
  LogSettings,
  MetricsSettings,
  ReconcileSettings,
} from './agent/settings.ts';
export { startAgent } from './agent/start.ts';
export type { AgentCounters, AgentStatus, PfView, PortState, PortView } from './agent/status.ts';
