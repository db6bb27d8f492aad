/** `sriov port show`: a port with its bindings, or the interface of a hypervisor for it. */
import type { BindingRecord, PortRecord } from '../../binding/record.ts';
import { SriovError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { bindingText, placeOf } from '../port/outcome-text.ts';
import { refusalLines } from '../port/refusal-text.ts';
import { type PortsSession, SESSION_OPTIONS, bindingOn, withPorts } from '../port/session.ts';

function networkText({
  network_type: type,
  segmentation_id: id,
  physical_network: physical,
}: PortRecord['network']): string {
  return [type, ...(id === null ? [] : [`${id}`]), ...(physical === null ? [] : [`on ${physical}`])].join(
    ' ',
  );
}

function bindingLines(binding: BindingRecord): string[] {
  const { host, status, vnic_type: type, profile, failures } = binding;
  const [failure] = failures.slice(-1);
  const keys = Object.entries(profile).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [
    `${host}: ${type}, ${status}, ${bindingText({ ...binding, status: 'ACTIVE' })}`,
    ...(keys.length === 0 ? [] : [`  profile ${keys.join(' ')}`]),
    ...(failure === undefined || placeOf(binding) !== undefined
      ? []
      : refusalLines(failure.refusals).map((line) => `  failed ${failure.at}: ${line}`)),
  ];
}

/** The port first, then each of its bindings. */
export function portShowText({ port, network, status, bindings }: PortRecord): string {
  const owner = [port.device_owner, port.device_id].filter((part) => part !== '').join(' ');
  const lines = [
    `port ${port.id}: ${status}, mac ${port.mac_address ?? 'of the VF'}, network ${networkText(network)}`,
    ...(owner === '' ? [] : [`  of ${owner}`]),
    ...bindings.flatMap(bindingLines),
  ];
  return `${lines.join('\n')}\n`;
}

async function xmlOf(record: PortRecord, session: PortsSession): Promise<string> {
  const binding = bindingOn(record, session.host);
  if (binding === undefined || binding.place === null) {
    throw new SriovError(
      'SRIOV_NOT_BOUND',
      `port ${record.port.id} is not bound on ${session.host}, so it has no interface`,
    );
  }
  const { interfaceXml } = await import('../port/interface-xml.ts');
  return interfaceXml(record, binding, session);
}

export const portShow: Command = {
  name: 'port show',
  summary: 'show a port with its bindings',
  args: [['<id>', 'id of the port']],
  options: [['--libvirt', 'the XML of its interface for libvirt instead'], ...SESSION_OPTIONS],
  examples: [
    ['sriov port show PORT', 'what it asked for and what it has'],
    ['sriov port show PORT --libvirt | virsh attach-device guest /dev/stdin', 'give it to a guest'],
  ],
  async run(invocation) {
    return withPorts(invocation, async (session) => {
      const id = invocation.args[0] ?? '';
      const record = await session.ports.get(id);
      if (record === undefined) throw new SriovError('SRIOV_NO_PORT', `port ${id} is not known`);
      const done = { warnings: [], failures: [], exitCode: EXIT.done };
      if (invocation.options['libvirt'] !== true)
        return { data: record, text: portShowText(record), ...done };
      const xml = await xmlOf(record, session);
      return { data: { ...record, libvirt: xml }, text: `${xml}\n`, ...done };
    });
  },
};
