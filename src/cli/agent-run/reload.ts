/**
 * SIGHUP: the configuration is read anew.
 *
 * Owns that it is all or nothing: what can't be used leaves agent, servers and log as they were.
 */
import type { Agent } from '../../agent/agent.ts';
import type { AgentLog } from '../../agent/log/log.ts';
import type { Notifier } from '../../agent/os/notify.ts';
import type { AgentSettings } from '../../agent/settings.ts';
import type { Services } from './services.ts';

export interface Reloaded {
  readonly agent: Pick<Agent, 'settings' | 'reload'>;
  readonly services: Pick<Services, 'update'>;
  readonly log: Pick<AgentLog, 'write' | 'configure'>;
  readonly notifier: Pick<Notifier, 'ready' | 'reloading'>;
  /** Reads the sources of the first start. */
  readonly read: () => Promise<AgentSettings>;
}

/** @returns never rejects */
export function reloader({ agent, services, log, notifier, read }: Reloaded): () => Promise<void> {
  const apply = async (): Promise<void> => {
    const [before, settings] = [agent.settings, await read()];
    await services.update(settings);
    try {
      await agent.reload(settings);
    } catch (error) {
      await services.update(before);
      throw error;
    }
    log.configure(settings.log);
  };
  return async () => {
    notifier.reloading();
    try {
      await apply();
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      log.write(
        'error',
        { event: 'reload-failed', code },
        `goes on with the former configuration: ${message}`,
      );
    }
    // Also then: the manager has only one word for the end of a reload, and the agent works.
    notifier.ready();
  };
}
