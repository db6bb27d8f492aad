/**
 * The conformance kit: what a PF's driver does with the settings of VFs, and what it takes.
 *
 * Owns the order of the parts, and that everything is put back whatever happens. It judges nothing itself.
 */
import { release } from 'node:os';
import { AbortedError, InvalidConfigError, RefusedError, SriovError } from '../errors.ts';
import type { PhysicalFunction } from '../host/physical-function.ts';
import { readVfFunction } from '../lifecycle/function.ts';
import { setUp } from '../lifecycle/net-device.ts';
import { waitForVfs } from '../lifecycle/wait.ts';
import { checkDataPath } from './data-path.ts';
import { waitForCarrier } from './pass.ts';
import { pfUsers } from './pf-use.ts';
import type { ConformanceReport, DataPathResult, SettingResult, SurvivalResult } from './result.ts';
import { trySettings } from './settings.ts';
import { checkSurvival } from './survival.ts';
import { putBack, takeSnapshot } from './snapshot.ts';

export interface ConformanceOptions {
  /** VFs to make where there are none, 1 to 65535; they are removed afterwards. Default 1. */
  readonly vfs?: number;
  /** Net device on the same wire as the PF, for the data path. */
  readonly peer?: string;
  /** Run although the PF or a VF is in use: traffic will break. Default false. */
  readonly force?: boolean;
  /** Stops between two steps; everything is put back before the promise is rejected. */
  readonly signal?: AbortSignal;
  /** Called with what begins. */
  readonly progress?: (text: string) => void;
}

/** Everything is tried on this one. */
const VF = 0;

/**
 * Tries everything on VF 0 and puts everything back.
 *
 * @throws RefusedError - the PF is in use
 * @throws InvalidConfigError - a wrong number of VFs
 * @throws KernelError - `EPERM`: CAP_NET_ADMIN
 */
export async function runConformance(
  pf: PhysicalFunction,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const { vfs = 1, peer, progress = () => undefined, signal } = options;
  if (!Number.isInteger(vfs) || vfs < 1) throw new InvalidConfigError(`vfs must be 1 or more, not ${vfs}`);
  if (options.force !== true) await requireFree(pf);
  const before = await takeSnapshot(pf, VF, peer);
  const parts: Parts = { settings: [], survival: [], skipped: [], dataPath: [] };
  let failed: unknown;
  try {
    if (before.numVfs === 0) {
      progress(`making ${vfs} VFs`);
      await pf.setNumVfs(vfs);
      await waitForVfs(pf, { netDevices: false });
    }
    for (const name of [pf.name, ...(peer === undefined ? [] : [peer])]) await setUp(name, true);
    if (pf.pciAddress !== undefined) await noteFailure(parts.skipped, waitForCarrier(pf.name, 10_000));
    await runParts(pf, parts, peer, progress, signal);
  } catch (error) {
    failed = error ?? new SriovError('SRIOV_INTERNAL', `${pf.name}: failed without an error`);
  }
  progress('putting everything back');
  const notRestored = await putBack(pf, before);
  if (failed !== undefined) throw explained(pf, failed, notRestored, signal);
  return {
    pf: pf.name,
    device: pf.device ?? null,
    driver: pf.driver ?? null,
    kernel: release(),
    vf: VF,
    vfs: before.numVfs === 0 ? vfs : before.numVfs,
    ...parts,
    notRestored,
  };
}

interface Parts {
  settings: SettingResult[];
  survival: SurvivalResult[];
  readonly skipped: string[];
  dataPath: DataPathResult[];
}

async function runParts(
  pf: PhysicalFunction,
  parts: Parts,
  peer: string | undefined,
  progress: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  progress('settings');
  parts.settings = await trySettings(pf, VF, signal);
  progress('what survives a reset');
  const { survival, skipped } = await checkSurvival(pf, VF, parts.settings, signal);
  parts.survival = survival;
  parts.skipped.push(...skipped);
  const why = peer === undefined ? 'no peer was named' : noNetDevice(pf);
  if (peer === undefined || why !== undefined) {
    parts.skipped.push(`data path: ${why}`);
    return;
  }
  progress('data path');
  await waitForCarrier(peer);
  parts.dataPath = await dataPath(pf, peer, signal);
}

/** The error that ended the run, with what could not be put back. */
function explained(
  pf: PhysicalFunction,
  error: unknown,
  notRestored: readonly string[],
  signal: AbortSignal | undefined,
): unknown {
  const left =
    notRestored.length === 0 ? 'everything was put back' : `not put back: ${notRestored.join('; ')}`;
  if (signal?.aborted === true) {
    return new AbortedError(`${pf.name}: stopped; ${left}`, undefined, { pf: pf.name });
  }
  if (error instanceof Error) error.message += `; ${left}`;
  return error;
}

/** What ends the checks half-way is a result as well. */
async function dataPath(
  pf: PhysicalFunction,
  peer: string,
  signal: AbortSignal | undefined,
): Promise<DataPathResult[]> {
  try {
    return await checkDataPath(pf, VF, peer, signal);
  } catch (error) {
    if (!(error instanceof SriovError)) throw error;
    return [{ check: 'data path', outcome: 'failed', detail: error.message }];
  }
}

async function requireFree(pf: PhysicalFunction): Promise<void> {
  const users = await pfUsers(pf);
  if (users.length > 0) throw new RefusedError(`${pf.name} is in use: ${users.join('; ')}`, { pf: pf.name });
}

function noNetDevice(pf: PhysicalFunction): string | undefined {
  if (pf.pciAddress === undefined) return 'the VFs are no PCI functions';
  const found = readVfFunction(`/sys/bus/pci/devices/${pf.pciAddress}`, VF);
  return found === undefined || found.netDevices.length === 0 ? `VF ${VF} has no net device here` : undefined;
}

async function noteFailure(skipped: string[], work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    skipped.push(error instanceof Error ? error.message : String(error));
  });
}
