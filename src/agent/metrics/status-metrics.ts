/**
 * Metrics that are made from the agent's view when they are asked for.
 *
 * Owns gauges of ports, bindings and PFs. They are made anew each time, so that what is gone has none.
 */
import { parsePlace } from '../../binding/place.ts';
import { type AgentStatus, type PfView, PORT_STATES, type PortView } from '../status.ts';
import type { Metrics } from './registry.ts';

/** @returns takes the view; null = there is none, since it could not be made */
export function statusMetrics(metrics: Metrics): (status: AgentStatus | null) => void {
  const info = metrics.gauge('sriov_agent_build_info', 'Always 1; the versions are in the labels.', [
    'version',
    'node_version',
  ]);
  const ready = metrics.gauge('sriov_agent_ready', '1 = everything was looked at once.');
  const healthy = metrics.gauge(
    'sriov_agent_healthy',
    '1 = ready, and neither the store nor a watch is in trouble. Ports that are lost or held do not count.',
  );
  const storeOk = metrics.gauge('sriov_agent_store_ok', '1 = the store can be read.');
  const failures = metrics.counter(
    'sriov_agent_status_failures_total',
    'Scrapes at which the view of ports and PFs could not be made, so that it is missing.',
  );
  const healthyWrites = metrics.counter(
    'sriov_agent_healthy_writes_total',
    'Settings that were as wanted and were written all the same; a bug if not 0.',
  );
  const pfs = pfMetrics(metrics);
  const ports = portMetrics(metrics);

  return (status) => {
    for (const metric of [info, ready, healthy, storeOk]) metric.reset();
    if (status === null) {
      healthy.set(0);
      failures.inc();
    } else {
      info.set({ version: status.version, node_version: process.version }, 1);
      ready.set(status.ready ? 1 : 0);
      healthy.set(status.healthy ? 1 : 0);
      storeOk.set(status.store.state === 'ok' ? 1 : 0);
      healthyWrites.reset();
      healthyWrites.inc(status.counters.healthyWrites);
    }
    pfs(status?.pfs ?? []);
    ports(status?.ports ?? []);
  };
}

function pfMetrics(metrics: Metrics): (pfs: readonly PfView[]) => void {
  const state = metrics.gauge('sriov_pf_state', '1 for the state that a PF is in.', ['pf', 'state']);
  const vfs = metrics.gauge('sriov_pf_vfs', 'VFs that a PF has; none where it is not known.', ['pf']);
  const ports = metrics.gauge('sriov_pf_ports', 'Ports that have a function of a PF.', ['pf']);
  const trouble = metrics.gauge('sriov_pf_trouble', '1 = the last look at a PF failed.', ['pf']);
  const look = metrics.gauge(
    'sriov_pf_last_look_timestamp_seconds',
    'When a PF was looked at last, in seconds since 1970 by the clock of the host.',
    ['pf'],
  );
  return (views) => {
    for (const metric of [state, vfs, ports, trouble, look]) metric.reset();
    for (const view of views) {
      const { pf } = view;
      state.set({ pf, state: view.state }, 1);
      if (view.numVfs !== null) vfs.set({ pf }, view.numVfs);
      ports.set({ pf }, view.ports);
      trouble.set({ pf }, view.trouble === null ? 0 : 1);
      if (view.lastLook !== null) look.set({ pf }, Date.parse(view.lastLook.at) / 1000);
    }
  };
}

function portMetrics(metrics: Metrics): (ports: readonly PortView[]) => void {
  const counts = metrics.gauge('sriov_ports', 'Ports of this host, by state.', ['state']);
  const config = metrics.gauge(
    'sriov_vf_config_state',
    '1 for the state that the configuration of a bound VF is in. vf is empty for a PF that is bound as a whole.',
    ['pf', 'vf', 'state'],
  );
  const bindings = metrics.gauge('sriov_bindings', 'Bindings on this host.', ['vif_type', 'status']);
  return (views) => {
    for (const metric of [counts, config, bindings]) metric.reset();
    for (const state of PORT_STATES) counts.set({ state }, 0);
    for (const { state, place, vifType, bindingStatus } of views) {
      counts.inc({ state });
      bindings.inc({ vif_type: vifType, status: bindingStatus });
      if (place === null) continue;
      const { pf, vf } = parsePlace(place);
      config.set({ pf, vf: vf === null ? '' : String(vf), state }, 1);
    }
  };
}
