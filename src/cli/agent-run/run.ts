/**
 * `sriov agent` as a process: put together, kept alive, ended.
 *
 * Owns the order of start and end. What is done to VFs is the agent's, in `src/agent/`.
 */
import { EventEmitter } from 'node:events';
import type { Agent } from '../../agent/agent.ts';
import { loadSettings } from '../../agent/config/read.ts';
import type { AgentEventMap } from '../../agent/events.ts';
import { attachLog } from '../../agent/log/attach.ts';
import { type AgentLog, createLog } from '../../agent/log/log.ts';
import { createNotifier, type Notifier } from '../../agent/os/notify.ts';
import type { AgentSettings } from '../../agent/settings.ts';
import { startAgent } from '../../agent/start.ts';
import { createLinuxHost } from '../../port/linux-host.ts';
import { isStuck, openThreadedStore, type ThreadedStore } from '../../store/threaded/open.ts';
import { EXIT } from '../exit-codes.ts';
import { loadLibrary } from '../library.ts';
import { packageVersion } from '../version.ts';
import { lifeOf } from './alive.ts';
import { Ends } from './ends.ts';
import { endNow, endOnFatalErrors } from './fatal.ts';
import { lockStore } from './lock.ts';
import { reloader } from './reload.ts';
import { type Services, startServices } from './services.ts';
import { handleSignals } from './signals.ts';
import type { SettingSources } from './sources.ts';
import { tellStatus } from './status-line.ts';
import { startWatchdog } from './watchdog.ts';

/**
 * Runs until SIGTERM or SIGINT.
 *
 * @returns the exit status
 * @throws AgentConfigError - the configuration is wrong; nothing was started
 * @throws RefusedError - another agent has the store
 * @throws SriovError - what it needs can't be had: the addon, the store, sockets
 */
export async function runAgent({ file, flags }: SettingSources): Promise<number> {
  const read = (): Promise<AgentSettings> => loadSettings(file, process.env, flags);
  const settings = await read();
  await loadLibrary();
  const log = createLog(settings.log);
  const notifier = createNotifier(process.env, ({ message, code }) =>
    log.write('warn', { event: 'notify-failed', code }, message),
  );
  const ends = new Ends();
  ends.add(endOnFatalErrors(log));
  let failed: readonly unknown[] = [];
  try {
    await serve(settings, { log, notifier, ends, read });
    notifier.stopping();
  } catch (error) {
    // Said here too: if the store is stuck, nobody else will.
    log.write('error', { event: 'start-failed' }, messageOf(error));
    throw error;
  } finally {
    failed = await ends.all();
    for (const error of failed) log.write('error', { event: 'stop-failed' }, messageOf(error));
    if (isStuck()) {
      log.write(
        'error',
        { event: 'stuck' },
        'the store does not answer, so the agent ends itself by SIGKILL',
      );
      endNow(EXIT.failed);
    }
  }
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

interface Around {
  readonly log: AgentLog;
  readonly notifier: Notifier;
  readonly ends: Ends;
  readonly read: () => Promise<AgentSettings>;
}

/** Starts everything; returns at the first signal that ends it. */
async function serve(settings: AgentSettings, { log, notifier, ends, read }: Around): Promise<void> {
  // A file need not be read anew before it is in use.
  let reload = (): Promise<void> => Promise.resolve();
  const ending = new Promise<void>((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      log.write('info', { event: 'signal', signal }, `${signal}: ends; a second one ends it at once`);
      resolve();
    };
    ends.add(handleSignals({ reload: () => reload(), stop }));
  });
  notifier.status('starting');
  const store = await openStore(settings, log, ends);
  const agent = await begin(settings, store, log, ends);
  const services: Services = await startServices(agent, log);
  ends.add(() => services.close());
  reload = reloader({ agent, services, log, notifier, read });
  notifier.ready();
  ends.add(tellStatus(agent, notifier.status));
  watch(agent, { log, notifier, ends });
  await ending;
}

async function openStore(settings: AgentSettings, log: AgentLog, ends: Ends): Promise<ThreadedStore> {
  const store = await openThreadedStore(settings.store, {
    onSlow: ({ message, code }) => log.write('error', { event: 'store-slow', code }, message),
  });
  try {
    const lock = await lockStore(store.directory);
    ends.add(async () => {
      await store.close();
      lock.release();
    });
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function begin(
  settings: AgentSettings,
  store: ThreadedStore,
  log: AgentLog,
  ends: Ends,
): Promise<Agent> {
  const host = createLinuxHost({ name: settings.host });
  const agent = await startAgent({ store, host, settings, version: packageVersion() });
  // What was told while it started comes first.
  const told = new EventEmitter();
  ends.add(attachLog(told as EventEmitter<AgentEventMap>, log));
  for (const event of agent.recent()) told.emit('event', event);
  agent.on('event', (event) => told.emit('event', event));
  ends.add(() => agent.stop());
  return agent;
}

function watch(agent: Agent, { log, notifier, ends }: Pick<Around, 'log' | 'notifier' | 'ends'>): void {
  if (notifier.watchdogMs === null) return;
  const watchdog = startWatchdog({
    intervalMs: notifier.watchdogMs,
    look: lifeOf({ agent, isStuck }),
    beat: notifier.watchdog,
    onSilence: (reason) => log.write('error', { event: 'watchdog' }, `no beat of the watchdog: ${reason}`),
  });
  ends.add(watchdog.stop);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
