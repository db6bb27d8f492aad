/** `sriov port bind`: binds one port from words, or many from a file. */
import type { PortRequest } from '../../binding/port.ts';
import type { Command, Invocation, Outcome } from '../command.ts';
import { PLAN_NOTE, planOutcome } from '../port/plan-outcome.ts';
import { bindExitCode, boundText, outcomeJson, refusedLines } from '../port/outcome-text.ts';
import { POLICY_OPTIONS, policyOf } from '../port/policy-options.ts';
import { FILE_OPTION, prepareRequests } from '../port/requests.ts';
import { SESSION_OPTIONS, type PortsSession, withPorts } from '../port/session.ts';
import { PORT_OPTIONS } from '../port/words.ts';

async function bindAll(
  invocation: Invocation,
  session: PortsSession,
  requests: readonly PortRequest[],
): Promise<Outcome> {
  if (invocation.options['dryRun'] === true) return planOutcome(invocation, session, requests, false);
  const report = await session.ports.bind(requests);
  return {
    data: {
      dryRun: false,
      host: session.host,
      ports: report.ports.map((outcome) => outcomeJson(outcome, new Map())),
      messages: report.messages,
      durationMs: report.durationMs,
    },
    text: boundText(report),
    warnings: [],
    failures: report.ports.flatMap(refusedLines),
    exitCode: bindExitCode(report.ports),
  };
}

export const portBind: Command = {
  name: 'port bind',
  summary: 'bind ports to functions of this host and set these up',
  args: [
    ['[id]', 'id of the port; without --file'],
    ['[words...]', 'only the rest of --binding:profile type=dict'],
  ],
  options: [
    ...PORT_OPTIONS,
    FILE_OPTION,
    ['--dry-run', 'show what would change, change nothing'],
    ...POLICY_OPTIONS,
    ...SESSION_OPTIONS,
  ],
  examples: [
    [
      'sriov port bind PORT --binding:vnic_type direct --network-type vlan --segmentation-id 100 --physical-network physnet1 --physical-device-mappings physnet1:enp3s0f0',
      'a VF of a PF of physnet1, in VLAN 100',
    ],
    [
      'sriov port bind PORT --vnic-type direct --binding-profile pci_slot=0000:03:10.1 --network-type flat',
      'this VF and no other',
    ],
    ['sriov port bind PORT --qos-max-kbps 500000', 'a port that is known: what is not named stays'],
    ['sriov port bind --file ports.yaml', 'many ports, one message for each PF'],
  ],
  notes:
    'A port that is bound here already is brought up to date. A port that is refused leaves the others bound; each\n' +
    `reason is listed. ${PLAN_NOTE}`,
  async run(invocation) {
    const requests = await prepareRequests(invocation);
    const policy = await policyOf(invocation.options);
    return withPorts(
      invocation,
      async (session) => bindAll(invocation, session, await requests(session)),
      policy,
    );
  },
};
