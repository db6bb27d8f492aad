/**
 * Neutron's `[sriov_nic] physical_device_mappings` and `exclude_devices`.
 *
 * Owns reading the two. Source: parse_mappings() in neutron-lib's utils/helpers.py and
 * parse_exclude_devices() in Neutron's mech_sriov/agent/common/config.py.
 */
import { InvalidConfigError } from '../errors.ts';
import { formatPciAddress, parsePciAddress } from '../pci/address.ts';

/**
 * Reads `physnet:pf` entries, as a list or as one text with commas, such as `physnet1:eth1,physnet1:eth2`.
 *
 * A physical network may have several PFs, and a PF several networks; an entry that stands twice counts once.
 * Blanks around names, and blank entries, don't count. A PF is a network device's name, since an address has
 * colons of its own.
 *
 * @returns PFs by physical network, both in the order given; empty for an empty list or a blank text
 * @throws InvalidConfigError - an entry has not exactly one colon, or a blank side
 */
export function parseDeviceMappings(value: unknown): Map<string, string[]> {
  const mappings = new Map<string, string[]>();
  for (const [name, entry] of listEntries('physical_device_mappings', value)) {
    if (entry === '') continue;
    const [network = '', device = '', ...more] = entry.split(':').map((side) => side.trim());
    if (!entry.includes(':') || more.length > 0) {
      throw refuse(name, entry, 'must have exactly one colon: physnet1:eth1');
    }
    if (network === '') throw refuse(name, entry, 'the physical network before the colon is missing');
    if (device === '') throw refuse(name, entry, 'the network device after the colon is missing');
    const devices = mappings.get(network) ?? [];
    if (!devices.includes(device)) devices.push(device);
    mappings.set(network, devices);
  }
  return mappings;
}

/**
 * Reads `pf:slot;slot` entries, as a list or as one text with commas, such as `eth1:0000:07:00.2;0000:07:00.3`.
 *
 * Blanks around names and slots, and blank slots, don't count; neither does a slot that stands twice. Other than
 * in Neutron a slot must be a PCI address, so that a misspelt one does not stay in use unnoticed.
 *
 * @param mappings what {@link parseDeviceMappings} gave: each PF must be in it
 * @returns PCI addresses of VFs by PF, as `formatPciAddress` writes them
 * @throws InvalidConfigError - an entry has no colon or no PF, a PF stands twice or is in no mapping, a slot
 *   is no PCI address
 */
export function parseExcludeDevices(
  value: unknown,
  mappings: ReadonlyMap<string, readonly string[]>,
): Map<string, string[]> {
  const mapped = new Set([...mappings.values()].flat());
  const excluded = new Map<string, string[]>();
  for (const [name, entry] of listEntries('exclude_devices', value)) {
    const colon = entry.indexOf(':');
    if (colon < 0) throw refuse(name, entry, 'must have a colon: eth1:0000:07:00.2;0000:07:00.3');
    const device = entry.slice(0, colon).trim();
    if (device === '') throw refuse(name, entry, 'the network device before the colon is missing');
    if (excluded.has(device)) throw refuse(name, entry, `${device} is in an earlier entry already`);
    if (!mapped.has(device)) throw refuse(name, entry, `${device} is not in physical_device_mappings`);
    excluded.set(device, parseSlots(name, entry, entry.slice(colon + 1)));
  }
  return excluded;
}

function parseSlots(name: string, entry: string, text: string): string[] {
  const slots = new Set<string>();
  for (const slot of text.split(';').map((part) => part.trim())) {
    if (slot !== '') slots.add(parseSlot(name, entry, slot));
  }
  return [...slots];
}

function parseSlot(name: string, entry: string, slot: string): string {
  try {
    return formatPciAddress(parsePciAddress(slot));
  } catch (error) {
    if (error instanceof InvalidConfigError) throw refuse(name, entry, error.message);
    throw error;
  }
}

/** Entries with their names for messages, trimmed. */
function listEntries(option: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value === 'string' && value.trim() === '') return [];
  const items: unknown = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(items)) {
    throw new InvalidConfigError(`${option} must be a list of texts or one text with commas`);
  }
  return Array.from(items, (item: unknown, index) => {
    const name = `${option}[${index}]`;
    if (typeof item !== 'string') throw new InvalidConfigError(`${name} must be text`);
    return [name, item.trim()] as const;
  });
}

function refuse(name: string, entry: string, why: string): InvalidConfigError {
  const shown = JSON.stringify(entry.length > 80 ? `${entry.slice(0, 80)}…` : entry);
  return new InvalidConfigError(`${name} ${shown}: ${why}`);
}
