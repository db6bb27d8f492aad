/**
 * The agent of the soak, as a process of its own that can be killed:
 *
 *     node agent.mjs STORE HOST
 *
 * Answers `status` with its status, and `stop` by ending; sends each event that is about a VF.
 */
import { createLinuxHost } from '../../dist/binding-api.js';
import { startAgent, readSettings } from '../../dist/agent-api.js';
import { openThreadedStore } from '../../dist/store/threaded/open.js';

const [, , directory = '', name = ''] = process.argv;
// Emulated processors are slow: only a lock that is held for longer is one that stands still.
const store = await openThreadedStore(directory, { patienceMs: 60_000 });
const set = ['reconcile.poll_s=20', 'reconcile.backoff_first_ms=200', 'reconcile.backoff_max_ms=2000'];
const settings = readSettings({ flags: { host: name, store: directory, set } });
const agent = await startAgent({ store, host: createLinuxHost({ name }), settings, version: '0.0.0' });
const send = (/** @type {unknown} */ message) => process.connected && process.send?.(message);
agent.on('event', (event) => {
  if (event.type !== 'reconciled') send({ event });
});
process.on('message', (/** @type {unknown} */ message) => {
  if (message === 'status') void agent.status().then((status) => send({ status }));
  if (message === 'stop')
    void agent
      .stop()
      .then(() => store.close())
      .then(() => process.exit(0));
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit(0));
send({ started: true });
