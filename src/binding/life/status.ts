/**
 * The status of a port: a machine of its own beside that of its bindings.
 *
 * Owns its rules (Neutron, plugins/ml2/rpc.py and db/provisioning_blocks.py). Only the active binding moves it;
 * asked by another host it stays, and the same record is returned. `N/A` is the status of ports that are never
 * bound, and stays too.
 */
import type { PortStatus } from '../port.ts';
import type { PortRecord } from '../record.ts';
import { activeBinding, isBound } from './state.ts';

/** Internal: what every change of status goes through. */
export function withStatus(record: PortRecord, status: PortStatus): PortRecord {
  return record.status === status || record.status === 'N/A' ? record : { ...record, status };
}

/** `host` has begun to set the port up: `BUILD`, or `DOWN` while its admin state is down. */
export function portBuild(record: PortRecord, host: string): PortRecord {
  if (!isBoundOn(record, host)) return record;
  return withStatus(record, record.port.admin_state_up ? 'BUILD' : 'DOWN');
}

/**
 * The port is set up: `ACTIVE`, unless it is unbound, failed or administratively down.
 *
 * @param waitingFor others that have not done their part (`DHCP`); with one of them it stays as it is
 */
export function portUp(record: PortRecord, waitingFor: readonly string[] = []): PortRecord {
  const active = activeBinding(record);
  if (active === undefined || !isBound(active)) return withStatus(record, 'DOWN');
  if (!record.port.admin_state_up) return withStatus(record, 'DOWN');
  return waitingFor.length > 0 ? record : withStatus(record, 'ACTIVE');
}

/** The function is gone from `host`: `DOWN`. */
export function portDown(record: PortRecord, host: string): PortRecord {
  return isBoundOn(record, host) ? withStatus(record, 'DOWN') : record;
}

/** What should hold of the function on `host` does not, and can't be mended: `ERROR`. */
export function portError(record: PortRecord, host: string): PortRecord {
  return isBoundOn(record, host) ? withStatus(record, 'ERROR') : record;
}

function isBoundOn(record: PortRecord, host: string): boolean {
  const active = activeBinding(record);
  return active !== undefined && active.host === host && isBound(active);
}
