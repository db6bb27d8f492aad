/**
 * Starts the agent of this host.
 */
import { watchLinks } from '../events/watch-links.ts';
import { watchUevents } from '../events/watch-uevents.ts';
import type { Agent } from './agent.ts';
import { type AgentOptions, LocalAgent } from './engine/local-agent.ts';

/**
 * Resolves when the watches are up and everything was looked at once. It does not close the store.
 *
 * @throws StoreError - the store can't be read
 * @throws KernelError - there is no socket or thread for the watches: EMFILE, EAGAIN
 * @example
 * const store = await openLmdbStore(settings.store)
 * const agent = await startAgent({ store, host: createLinuxHost({ name: settings.host }), settings, version })
 * agent.on('repaired', ({ place, attributes }) => console.log(place, attributes))
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const agent = new LocalAgent(options, {
    links: (signal) => watchLinks({ initial: true, signal }),
    uevents: (signal) => watchUevents({ subsystems: ['pci', 'netdevsim', 'vfio', 'vdpa'], signal }),
  });
  try {
    await agent.start();
  } catch (error) {
    await agent.stop();
    throw error;
  }
  return agent;
}
