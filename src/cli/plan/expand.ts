/**
 * What a plan means: each PF with one full config for every VF it names.
 *
 * Owns the plan's own words (`pfs`, `numVfs`, VF lists, counting addresses, `override`) and refuses what
 * contradicts itself. The values of VF settings are checked by the library's `parseVfConfigs`.
 */
import { isDeepStrictEqual } from 'node:util';
import { VF_ATTRIBUTES, type VfAttribute, type VfConfig } from '../../vf/config.ts';
import { addressPlus } from '../address.ts';
import { suggestion } from '../../suggest.ts';
import { UsageError } from '../usage-error.ts';
import { parseVfList } from '../vf-list.ts';

/** Checks plain data against VfConfig; the library's `parseVfConfigs`. */
export type CheckConfigs = (value: unknown) => VfConfig[];

export interface PlanPf {
  /** Name, ifindex or PCI address, as the plan has it. */
  readonly pf: string | number;
  /** How many VFs there should be; absent = as many as there are. */
  readonly numVfs?: number;
  /** One config for each VF, ascending. */
  readonly vfs: readonly VfConfig[];
}

type Fields = Record<string, unknown>;

const PLAN_KEYS = ['pfs'];
const PF_KEYS = ['pf', 'numVfs', 'vfs'];
const VF_KEYS = ['vf', 'override', ...VF_ATTRIBUTES];
const SWITCHES: readonly string[] = ['spoofCheck', 'trust', 'rssQuery'] satisfies VfAttribute[];
const COUNTING: readonly string[] = ['mac', 'nodeGuid', 'portGuid'] satisfies VfAttribute[];

function fields(value: unknown, where: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${where}: expected keys (${known.join(', ')})`);
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new UsageError(`${where}: unknown key "${unknown}"; ${suggestion(unknown, known)}`);
  return value as Fields;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new UsageError(`${where}: expected a list`);
  return value as readonly unknown[];
}

function vfNumbers(value: unknown, where: string): number[] {
  if (typeof value !== 'number' && typeof value !== 'string') {
    throw new UsageError(`${where}.vf: expected a VF number or a list such as 0-63 or 0,2,8-15`);
  }
  try {
    return parseVfList(String(value));
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${where}.vf: ${error.message}`, error) : error;
  }
}

/** The entry as plain VfConfig fields: `on`/`off` as booleans, a bare VLAN number as its id. */
function normalise(entry: Fields): Fields {
  const settings: Fields = {};
  for (const key of VF_ATTRIBUTES) {
    const value = entry[key];
    if (value === undefined) continue;
    if (SWITCHES.includes(key) && (value === 'on' || value === 'off')) settings[key] = value === 'on';
    else if (key === 'vlan' && typeof value === 'number') settings[key] = value === 0 ? null : { id: value };
    else settings[key] = value;
  }
  return settings;
}

function settingsFor(settings: Fields, offset: number, vf: number, where: string): Fields {
  if (offset === 0) return settings;
  const counted: Fields = { ...settings };
  for (const key of COUNTING) {
    const base = settings[key];
    if (typeof base !== 'string') continue;
    const address = addressPlus(base, offset);
    if (address === undefined) {
      throw new UsageError(
        `${where}.${key}: ${base} + ${offset} for VF ${vf} runs over its last three bytes`,
      );
    }
    counted[key] = address;
  }
  return counted;
}

interface Merged {
  config: VfConfig;
  readonly origin: Map<VfAttribute, string>;
}

function merge(into: Map<number, Merged>, config: VfConfig, where: string, override: boolean): void {
  const known = into.get(config.vf) ?? { config: { vf: config.vf }, origin: new Map<VfAttribute, string>() };
  for (const attribute of VF_ATTRIBUTES) {
    if (config[attribute] === undefined) continue;
    const earlier = known.origin.get(attribute);
    if (
      earlier !== undefined &&
      !override &&
      !isDeepStrictEqual(known.config[attribute], config[attribute])
    ) {
      throw new UsageError(
        `${where}: ${attribute} of VF ${config.vf} is already set otherwise by ${earlier}; ` +
          'write "override: true" in the later entry if that is meant',
      );
    }
    known.origin.set(attribute, where);
  }
  known.config = { ...known.config, ...config };
  into.set(config.vf, known);
}

function expandEntry(value: unknown, where: string, into: Map<number, Merged>, check: CheckConfigs): void {
  const entry = fields(value, where, VF_KEYS);
  const vfs = vfNumbers(entry['vf'], where);
  const override = entry['override'] ?? false;
  if (typeof override !== 'boolean') throw new UsageError(`${where}.override: expected true or false`);
  const settings = normalise(entry);
  if (Object.keys(settings).length === 0)
    throw new UsageError(`${where}: sets nothing; known are ${VF_ATTRIBUTES.join(', ')}`);
  const first = vfs[0] ?? 0;
  const configs: VfConfig[] = [];
  for (const vf of vfs) {
    try {
      configs.push(...check([{ vf, ...settingsFor(settings, vf - first, vf, where) }]));
    } catch (error) {
      if (error instanceof UsageError || !(error instanceof Error)) throw error;
      throw new UsageError(`${where}: ${error.message}`, error);
    }
  }
  for (const config of configs) merge(into, config, where, override);
}

function expandPf(value: unknown, where: string, check: CheckConfigs): PlanPf {
  const { pf, numVfs, vfs } = fields(value, where, PF_KEYS);
  if ((typeof pf !== 'string' || pf === '') && !(Number.isInteger(pf) && Number(pf) > 0)) {
    throw new UsageError(`${where}.pf: expected a name, an ifindex or a PCI address`);
  }
  if (numVfs !== undefined && !(Number.isInteger(numVfs) && Number(numVfs) >= 0)) {
    throw new UsageError(`${where}.numVfs: expected a whole number, 0 or more`);
  }
  const merged = new Map<number, Merged>();
  for (const [index, entry] of list(vfs ?? [], `${where}.vfs`).entries()) {
    expandEntry(entry, `${where}.vfs[${index}]`, merged, check);
  }
  return {
    pf: pf as string | number,
    ...(numVfs === undefined ? {} : { numVfs: numVfs as number }),
    vfs: [...merged.values()].map(({ config }) => config).sort((a, b) => a.vf - b.vf),
  };
}

/**
 * The plan in `value`, plain data as {@link readPlan} gives it.
 *
 * @throws UsageError that names the place, e.g. `pfs[0].vfs[2].mac`
 */
export function expandPlan(value: unknown, check: CheckConfigs): PlanPf[] {
  const plan = fields(value, 'plan', PLAN_KEYS);
  const pfs = list(plan['pfs'], 'pfs');
  if (pfs.length === 0) throw new UsageError('pfs: the plan names no PF');
  return pfs.map((pf, index) => expandPf(pf, `pfs[${index}]`, check));
}

/**
 * The plan for another PF than the one it names: one plan, many hosts.
 *
 * @throws UsageError when the plan has more than one PF
 */
export function retarget(entries: readonly PlanPf[], pf: string): PlanPf[] {
  if (entries.length !== 1)
    throw new UsageError(`--pf ${pf} is for plans with one PF; this one has ${entries.length}`);
  return entries.map((entry) => ({ ...entry, pf }));
}
