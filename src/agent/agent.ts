/**
 * The agent of a host: VFs stay as their bindings say.
 *
 * Owns the interface. `start.ts` makes one.
 */
import type { EventEmitter } from 'node:events';
import type { Ports } from '../port/ports.ts';
import type { VfHost } from '../port/host.ts';
import type { AgentEvent, AgentEventMap } from './events.ts';
import type { AgentSettings } from './settings.ts';
import type { AgentStatus } from './status.ts';

export interface Agent extends EventEmitter<AgentEventMap> {
  /** As in use; changes with `reload`. */
  readonly settings: AgentSettings;
  /** The host's ports. What is done through them here is the agent's own work, and counted as such. */
  readonly ports: Ports;
  /** The host, with every request counted. */
  readonly host: VfHost;
  status(): Promise<AgentStatus>;
  /** Newest events, oldest first: those after `since` that are kept (the last 1,024). */
  recent(since?: number): readonly AgentEvent[];
  /** Looks at a PF, or at all, at once; resolves when it is done. */
  reconcile(pf?: string): Promise<void>;
  /**
   * Goes on with other settings. Healthy VFs are not touched.
   *
   * @throws InvalidConfigError - `host` or `store` is another: that takes a new start
   */
  reload(settings: AgentSettings): Promise<void>;
  /** Finishes what is under way and ends; VFs stay as they are, unless `onStop` says `release`. May be called again. */
  stop(): Promise<void>;
}
