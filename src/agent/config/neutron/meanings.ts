/**
 * What the options of Neutron's SR-IOV agent, and Nova's of PCI devices, mean here.
 *
 * Owns the table. Sources: neutron/conf/plugins/ml2/drivers/mech_sriov/agent_common_opts.py, neutron/conf/agent/
 * and nova/conf/pci.py.
 */

export type Meaning =
  /** Goes to this key of the configuration. */
  | { readonly kind: 'kept'; readonly to: string }
  /** Its purpose is met otherwise. */
  | { readonly kind: 'not needed'; readonly why: string }
  /** What it asks for is not done here. */
  | { readonly kind: 'no counterpart'; readonly why: string };

const kept = (to: string): Meaning => ({ kind: 'kept', to });
const notNeeded = (why: string): Meaning => ({ kind: 'not needed', why });
const missing = (why: string): Meaning => ({ kind: 'no counterpart', why });

const BUS = missing('the agent talks to no message bus; what binds ports calls its API or writes its store');
const LOG = notNeeded(
  'the log goes to standard output as JSON or text (log.format), and the service manager keeps it',
);
const PLACEMENT = missing(
  'bandwidth is not reported to Placement; leave that to what reports inventory today',
);
const SERVER = missing('it is an option of the Neutron server, which stays as it is');

/** By `section.option`. */
const OPTIONS: ReadonlyMap<string, Meaning> = new Map([
  ['DEFAULT.host', kept('host')],
  ['DEFAULT.debug', kept('log.level')],
  ['DEFAULT.use_json', kept('log.format')],
  ['DEFAULT.transport_url', BUS],
  ['DEFAULT.control_exchange', BUS],
  ['DEFAULT.rpc_response_timeout', BUS],
  ['DEFAULT.use_syslog', LOG],
  ['DEFAULT.use_journal', LOG],
  ['DEFAULT.use_stderr', LOG],
  ['DEFAULT.state_path', notNeeded('the agent keeps nothing but its store (store)')],
  [
    'agent.polling_interval',
    notNeeded(
      'events start the work; reconcile.poll_s is a safety net alone, so that two seconds would only cost time',
    ),
  ],
  ['agent.quitting_rpc_timeout', notNeeded('nothing is asked of a server when the agent ends')],
  [
    'agent.report_interval',
    missing('there is no heartbeat to a server; health is told by the API, by metrics and to systemd'),
  ],
  ['agent.log_agent_heartbeats', notNeeded('there is no heartbeat')],
  ['agent.extensions', notNeeded('rates of a port are part of its binding and need no extension')],
  ['agent.root_helper', notNeeded('nothing is run as another user: the agent has the capability itself')],
  [
    'agent.root_helper_daemon',
    notNeeded('nothing is run as another user: the agent has the capability itself'),
  ],
  ['securitygroup.firewall_driver', notNeeded('VFs have no firewall, in Neutron neither (it asks for noop)')],
  ['securitygroup.enable_security_group', notNeeded('VFs have no firewall, in Neutron neither')],
  ['sriov_nic.physical_device_mappings', kept('policy.physical_device_mappings')],
  ['sriov_nic.exclude_devices', kept('policy.exclude_devices')],
  ['sriov_nic.resource_provider_bandwidths', PLACEMENT],
  ['sriov_nic.resource_provider_hypervisors', PLACEMENT],
  ['sriov_nic.resource_provider_inventory_defaults', PLACEMENT],
  ['pci.device_spec', kept('policy.device_spec')],
  ['pci.passthrough_whitelist', kept('policy.device_spec')],
  ['pci.alias', missing('an alias is for flavours of Nova; ports need none')],
  ['pci.report_in_placement', missing('inventory is not reported to Placement')],
]);

const SECTIONS: ReadonlyMap<string, Meaning> = new Map([
  ['ml2', SERVER],
  ['ml2_type_vlan', SERVER],
  ['ml2_type_flat', SERVER],
  ['ml2_type_vxlan', SERVER],
  ['ml2_sriov', SERVER],
  ['qos', SERVER],
  ['database', SERVER],
  ['keystone_authtoken', SERVER],
  ['oslo_messaging_rabbit', BUS],
  ['oslo_messaging_notifications', BUS],
  ['oslo_concurrency', notNeeded('locks are kept in the store')],
  ['privsep', notNeeded('nothing is run as another user: the agent has the capability itself')],
]);

/** Undefined = unknown. */
export function meaningOf(section: string, option: string): Meaning | undefined {
  const said = OPTIONS.get(`${section}.${option}`) ?? SECTIONS.get(section);
  if (said !== undefined) return said;
  return section === 'DEFAULT' && /^(?:log_|logging_|syslog_|default_log_)/.test(option) ? LOG : undefined;
}
