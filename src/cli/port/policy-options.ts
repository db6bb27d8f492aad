/**
 * The options that say which functions of this host may be given to ports, in Nova's and Neutron's words.
 *
 * Owns their spelling. What they mean is read by `src/binding/`.
 */
import type { BindPolicy } from '../../binding/policy.ts';
import type { OptionSpec } from '../command.ts';
import { UsageError } from '../usage-error.ts';

export const POLICY_OPTIONS: readonly OptionSpec[] = [
  [
    '--device-spec <json>',
    "Nova's [pci] device_spec: an object or a list; may be repeated, the first match wins",
    { repeat: true },
  ],
  ['--physical-device-mappings <list>', "Neutron's physnet1:eth1,physnet2:eth2"],
  ['--exclude-devices <list>', "Neutron's eth1:0000:07:00.2;0000:07:00.3,eth2:..."],
  ['--choose <how>', 'spread over PFs (default) or pack'],
  ['--numa-node <node>', 'NUMA node that is preferred'],
];

function chooseOf(value: unknown): 'spread' | 'pack' | undefined {
  if (value === undefined || value === 'spread' || value === 'pack') return value;
  throw new UsageError(`--choose ${String(value)}: expected spread or pack`);
}

function nodeOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,4}$/.test(value)) {
    throw new UsageError(`--numa-node ${String(value)}: expected the number of a node, 0 or more`);
  }
  return Number(value);
}

/**
 * @throws UsageError - what can be seen to be wrong without the libraries
 * @throws InvalidConfigError - a device spec or a list is malformed; it says where
 */
export async function policyOf(options: Readonly<Record<string, unknown>>): Promise<BindPolicy> {
  const choose = chooseOf(options['choose']);
  const numaNode = nodeOf(options['numaNode']);
  const specs = options['deviceSpec'] as readonly string[] | undefined;
  const { physicalDeviceMappings: mapped, excludeDevices: excluded } = options;
  if (excluded !== undefined && mapped === undefined) {
    throw new UsageError('--exclude-devices needs --physical-device-mappings, which names the PFs');
  }
  const { parseDeviceMappings, parseExcludeDevices } = await import('../../binding/neutron-config.ts');
  const mappings = mapped === undefined ? undefined : parseDeviceMappings(mapped);
  const { parseDeviceSpecs } = await import('../../binding/device-spec/parse.ts');
  return {
    ...(choose === undefined ? {} : { choose }),
    ...(numaNode === undefined ? {} : { numaNode }),
    ...(specs === undefined ? {} : { deviceSpecs: parseDeviceSpecs(specs) }),
    ...(mappings === undefined ? {} : { mappings }),
    ...(mappings === undefined || excluded === undefined
      ? {}
      : { exclude: parseExcludeDevices(excluded, mappings) }),
  };
}
