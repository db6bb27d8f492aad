/**
 * The ports of the host that the command runs on. Loaded only by commands on ports: it brings the store and the
 * addon with it.
 *
 * Owns the putting together; it decides nothing.
 */
import { createLinuxHost } from '../../port/linux-host.ts';
import { openPorts } from '../../port/open.ts';
import { openLmdbStore } from '../../store/lmdb-store.ts';
import { loadLibrary } from '../library.ts';
import type { PortsSession, SessionOptions } from './session.ts';

/** @throws UnsupportedPlatformError, StoreError */
export async function openPortsHere({
  store: path,
  host: name,
  policy,
}: SessionOptions): Promise<PortsSession> {
  await loadLibrary();
  const vfHost = createLinuxHost(name === undefined ? {} : { name });
  const store = await openLmdbStore(path);
  const ports = openPorts({ store, host: vfHost, ...(policy === undefined ? {} : { policy }) });
  return { ports, host: vfHost.name, vfHost, close: () => store.close() };
}
