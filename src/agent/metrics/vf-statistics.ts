/**
 * What drivers counted for the VFs of ports, read when it is asked for.
 *
 * Owns what stands for a VF without statistics: no series. The kernel itself fills in zeros where a driver has no
 * ndo_get_vf_stats, and does not look at what the driver's returns (rtnl_fill_vfinfo, net/core/rtnetlink.c), so the
 * answer alone does not tell "unsupported" from "nothing counted yet". One counter that is not 0 does.
 */
import type { Counter } from 'prom-client';
import { parsePlace } from '../../binding/place.ts';
import { KernelError } from '../../errors.ts';
import { PhysicalFunction } from '../../host/physical-function.ts';
import type { VfStats } from '../../vf/config.ts';
import type { VfTable } from '../../vf/table.ts';
import type { AgentStatus, PfView } from '../status.ts';
import type { Metrics } from './registry.ts';

/**
 * One read of all VFs of a PF with their statistics.
 *
 * @param pf - name in sysfs
 * @param netDevice - its network device
 */
export type ReadStats = (pf: string, netDevice: string) => Promise<VfTable>;

/** Of this host. @throws KernelError, IncompleteReadError, NotAPhysicalFunctionError */
export const readStatsOfHost: ReadStats = async (pf, netDevice) => {
  const opened = PhysicalFunction.open(netDevice);
  if (opened.device !== pf) {
    throw new KernelError('ENODEV', `${pf}: ENODEV: ${netDevice} is another device's by now`, {
      target: { pf },
    });
  }
  return opened.readVfs({ stats: true });
};

type VfLabel = 'pf' | 'vf' | 'port';

/** The series of each counter, without `sriov_vf_` and `_total`. */
const SERIES: readonly (readonly [keyof VfStats, string, string])[] = [
  ['rxBytes', 'rx_bytes', 'Bytes that the VF received, as the driver counts them.'],
  ['txBytes', 'tx_bytes', 'Bytes that the VF sent, as the driver counts them.'],
  ['rxPackets', 'rx_packets', 'Packets that the VF received.'],
  ['txPackets', 'tx_packets', 'Packets that the VF sent.'],
  ['rxDropped', 'rx_dropped', 'Packets to the VF that were dropped; 0 where the driver has no such counter.'],
  ['txDropped', 'tx_dropped', 'Packets of the VF that were dropped; 0 where the driver has no such counter.'],
  ['broadcast', 'broadcast', 'Broadcast packets; 0 where the driver has no such counter.'],
  ['multicast', 'multicast', 'Multicast packets; 0 where the driver has no such counter.'],
];

/** @returns reads them; null = statistics are not wanted, and there are no series at all */
export function vfStatistics(
  metrics: Metrics,
  read: ReadStats,
): (status: AgentStatus | null) => Promise<void> {
  const supported = metrics.gauge(
    'sriov_vf_statistics_supported',
    '1 = the driver of a PF was seen to count for its VFs; 0 = it has no statistics of VFs, or has counted nothing since the agent was started, which the kernel does not tell apart.',
    ['pf'],
  );
  const missing = metrics.gauge(
    'sriov_vf_statistics_missing',
    'Bound VFs of which no statistics could be read: the read failed, or the kernel listed only some VFs.',
    ['pf'],
  );
  const series = SERIES.map(([key, name, help]) => {
    const labels: readonly VfLabel[] = ['pf', 'vf', 'port'];
    return { key, counter: metrics.counter(`sriov_vf_${name}_total`, help, labels) };
  });
  /** PFs of which a counter was seen that is not 0. */
  const seen = new Set<string>();

  async function readPf(view: PfView, bound: readonly Bound[]): Promise<void> {
    const { pf } = view;
    const table = await tableOf(view, read);
    if (table === undefined) {
      missing.set({ pf }, bound.length);
      return;
    }
    // Those of VFs without a port count as well: it is the driver that is asked about.
    if (!seen.has(pf)) for (const { stats } of table) if (counted(stats)) seen.add(pf);
    supported.set({ pf }, seen.has(pf) ? 1 : 0);
    let without = 0;
    for (const { vf, port } of bound) {
      const stats = table.find(vf)?.stats;
      if (stats === undefined) without++;
      else if (seen.has(pf)) put(series, { pf, vf: String(vf), port }, stats);
    }
    missing.set({ pf }, without);
  }

  return async (status) => {
    for (const metric of [supported, missing, ...series.map(({ counter }) => counter)]) metric.reset();
    if (status === null) return;
    const bound = boundByPf(status);
    // A PF that went away may come back with another driver.
    for (const pf of seen) {
      if (!status.pfs.some((view) => view.pf === pf && view.state !== 'absent')) seen.delete(pf);
    }
    // One after the other: each read holds the rtnl lock while the driver is asked for each VF.
    for (const view of status.pfs) {
      const vfs = bound.get(view.pf);
      if (vfs !== undefined) await readPf(view, vfs);
    }
  };
}

interface Bound {
  readonly vf: number;
  readonly port: string;
}

function boundByPf(status: AgentStatus): Map<string, Bound[]> {
  const byPf = new Map<string, Bound[]>();
  for (const { id, place } of status.ports) {
    if (place === null) continue;
    const { pf, vf } = parsePlace(place);
    if (vf === null) continue;
    const list = byPf.get(pf);
    if (list === undefined) byPf.set(pf, [{ vf, port: id }]);
    else list.push({ vf, port: id });
  }
  return byPf;
}

/** Undefined = it can't be read, or not all of it; then the metric says for how many VFs. */
async function tableOf({ pf, netDevice }: PfView, read: ReadStats): Promise<VfTable | undefined> {
  if (netDevice === null) return undefined;
  try {
    return await read(pf, netDevice);
  } catch {
    return undefined;
  }
}

function counted(stats: VfStats | undefined): boolean {
  return stats !== undefined && Object.values(stats).some((value) => value !== 0n);
}

/** Values above 2^53 lose their last digits: Prometheus' values are doubles. */
function put(
  series: readonly { readonly key: keyof VfStats; readonly counter: Counter<VfLabel> }[],
  labels: Readonly<Record<VfLabel, string>>,
  stats: VfStats,
): void {
  for (const { key, counter } of series) counter.inc({ ...labels }, Number(stats[key]));
}
