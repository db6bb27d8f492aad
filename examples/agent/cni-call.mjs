#!/usr/bin/env node
/**
 * ADD, DEL and CHECK of a CNI plugin that has the agent of the host bind a VF for a pod (CNI specification 1.0.0).
 *
 *     CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/c1 CNI_IFNAME=net1 \
 *       node examples/agent/cni-call.mjs < network.json
 *
 * The network configuration on standard input:
 *
 *     { "cniVersion": "1.0.0", "name": "fast", "type": "cni-call",
 *       "deviceID": "0000:03:10.0",           which VF, as Kubernetes' device plugin chose; or in runtimeConfig
 *       "vlan": 100, "spoofchk": "on", "trust": "off", "runtimeConfig": { "mac": "02:00:00:00:00:07" },
 *       "agentSocket": "/run/sriov/agent.sock" }
 *
 * What the VF was like before is in the agent's store, and so is all that this plugin has to remember: it writes no
 * file, takes no lock, and DEL may come twice, late, or without an ADD. Addresses are left to a real plugin: it would
 * delegate them to the one named by `ipam`.
 */
import { readFileSync } from 'node:fs';
import { AgentRefusedError, AgentUnreachableError, connectAgent } from 'sriov/agent';
import { intoContainer, outOfContainer } from './net-device.mjs';

/**
 * @typedef {object} NetworkConfiguration
 * @property {string} [cniVersion]
 * @property {string} [deviceID]
 * @property {string} [mac]
 * @property {number} [vlan]
 * @property {'on' | 'off'} [spoofchk]
 * @property {'on' | 'off'} [trust]
 * @property {{ readonly deviceID?: string, readonly mac?: string }} [runtimeConfig]
 * @property {{ readonly interfaces?: readonly object[] }} [prevResult]
 * @property {string} [agentSocket]
 */

const VERSIONS = ['0.4.0', '1.0.0'];

/** Codes of the specification, section "Error"; from 100 on they are a plugin's own. */
const CODE = {
  version: 1,
  unknownContainer: 3,
  environment: 4,
  decode: 6,
  configuration: 7,
  later: 11,
  refused: 100,
};

class CniError extends Error {
  /**
   * @param {number} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** @param {string} name */
function environment(name) {
  const value = process.env[name];
  if (value === undefined || value === '') throw new CniError(CODE.environment, `${name} is not set`);
  return value;
}

/** @returns {NetworkConfiguration} */
function readConfiguration() {
  try {
    return JSON.parse(readFileSync(0, 'utf8'));
  } catch (error) {
    throw new CniError(
      CODE.decode,
      `the network configuration is no JSON: ${/** @type {Error} */ (error).message}`,
    );
  }
}

/** Of this attachment, so that a repeated call means the same port. */
function portId() {
  return `${environment('CNI_CONTAINERID')}.${environment('CNI_IFNAME')}`;
}

/** The pod, which outlives its sandbox; without Kubernetes the container. `sriov gc` goes by it. */
function deviceId() {
  const [, pod] = /(?:^|;)K8S_POD_UID=([^;]+)/.exec(process.env['CNI_ARGS'] ?? '') ?? [];
  return pod ?? environment('CNI_CONTAINERID');
}

/** @param {NetworkConfiguration} configuration */
function portOf({ deviceID, runtimeConfig, mac, vlan = 0, spoofchk = 'on', trust = 'off' }) {
  const slot = runtimeConfig?.deviceID ?? deviceID;
  if (slot === undefined)
    throw new CniError(CODE.configuration, 'deviceID, the PCI address of the VF, is missing');
  for (const [name, value] of Object.entries({ spoofchk, trust })) {
    if (value === 'on' || value === 'off') continue;
    throw new CniError(CODE.configuration, `${name} is ${JSON.stringify(value)}: expected "on" or "off"`);
  }
  const address = runtimeConfig?.mac ?? mac;
  return {
    id: portId(),
    device_owner: 'kubernetes:pod',
    device_id: deviceId(),
    ...(address === undefined ? {} : { mac_address: address }),
    port_security_enabled: spoofchk === 'on',
    'binding:vnic_type': 'direct',
    'binding:profile': { pci_slot: slot, ...(trust === 'on' ? { trusted: true } : {}) },
    network: vlan === 0 ? { network_type: 'flat' } : { network_type: 'vlan', segmentation_id: vlan },
  };
}

/** @param {NetworkConfiguration} configuration */
async function add(configuration) {
  const agent = agentOf(configuration);
  const [port, netns, name] = [portOf(configuration), environment('CNI_NETNS'), environment('CNI_IFNAME')];
  try {
    const { ports } = await agent.bind([port]);
    const slot = String(ports[0]?.binding?.profile.pci_slot ?? port['binding:profile'].pci_slot);
    const moved = intoContainer(slot, netns, name, port.mac_address);
    const mac = moved ?? port.mac_address;
    return {
      cniVersion: configuration.cniVersion,
      interfaces: [{ name, ...(mac === undefined ? {} : { mac }), sandbox: netns }],
      ips: [],
    };
  } catch (error) {
    // Else the agent would go on trying to bind it, for a container that is given up.
    outOfContainer(netns, name);
    await agent.release([port.id]).catch(() => undefined);
    throw error;
  }
}

/**
 * The device first: a VF is put back by its PF, which reaches it in no other namespace than its own.
 *
 * @param {NetworkConfiguration} configuration
 */
async function del(configuration) {
  outOfContainer(process.env['CNI_NETNS'] ?? '', environment('CNI_IFNAME'));
  try {
    await agentOf(configuration).release([portId()]);
  } catch (error) {
    if (!(error instanceof AgentRefusedError) || error.code !== 'SRIOV_NO_PORT') throw error;
  }
}

/** @param {NetworkConfiguration} configuration */
async function check(configuration) {
  if (configuration.prevResult === undefined) throw new CniError(CODE.configuration, 'prevResult is missing');
  const { view } = await agentOf(configuration).port(portId());
  if (view === null) throw new CniError(CODE.unknownContainer, `port ${portId()} is not bound on this host`);
  if (view.state === 'waiting') throw new CniError(CODE.later, `port ${view.id}: ${view.reason}`);
  // A MAC that a trusted container gave itself is its right.
  if (view.state === 'ok' || view.state === 'guest-mac') return;
  throw new CniError(CODE.refused, `port ${view.id} is ${view.state}: ${view.reason}`);
}

/** @param {NetworkConfiguration} configuration */
function agentOf({ agentSocket }) {
  return connectAgent(agentSocket);
}

async function call() {
  const command = environment('CNI_COMMAND');
  if (command === 'VERSION') return { cniVersion: '1.0.0', supportedVersions: VERSIONS };
  const configuration = readConfiguration();
  const { cniVersion = '0.1.0' } = configuration;
  if (!VERSIONS.includes(cniVersion)) {
    throw new CniError(
      CODE.version,
      `cniVersion ${cniVersion} is not known; known are ${VERSIONS.join(', ')}`,
    );
  }
  if (command === 'ADD') return add(configuration);
  if (command === 'DEL') return del(configuration);
  if (command === 'CHECK') return check(configuration);
  throw new CniError(CODE.environment, `CNI_COMMAND ${command}: expected ADD, DEL, CHECK or VERSION`);
}

/**
 * @param {unknown} error
 * @returns {number}
 */
function codeOf(error) {
  if (error instanceof CniError) return error.code;
  if (error instanceof AgentUnreachableError) return CODE.later;
  if (!(error instanceof AgentRefusedError)) return CODE.refused;
  if (error.status === 503) return CODE.later;
  if (error.code === 'SRIOV_NO_PORT') return CODE.unknownContainer;
  return error.status === 400 ? CODE.configuration : CODE.refused;
}

try {
  const result = await call();
  if (result !== undefined) console.log(JSON.stringify(result));
} catch (error) {
  const { message } = /** @type {Error} */ (error);
  console.log(JSON.stringify({ cniVersion: '1.0.0', code: codeOf(error), msg: message }));
  process.exitCode = 1;
}
