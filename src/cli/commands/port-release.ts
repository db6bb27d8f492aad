/** `sriov port release`: gives functions back as they were found. */
import type { Command, Invocation, Outcome } from '../command.ts';
import { count } from '../output.ts';
import { releaseExitCode, releaseFailures, releaseWarnings, releasedLine } from '../port/release-text.ts';
import { SESSION_OPTIONS, type PortsSession, boundHere, withPorts } from '../port/session.ts';
import { UsageError } from '../usage-error.ts';
import type { ReleaseReport } from '../../port/report.ts';

export function releaseOutcome(report: ReleaseReport): Outcome {
  return {
    data: report,
    text: releasedLine(report),
    warnings: releaseWarnings(report),
    failures: releaseFailures(report),
    exitCode: releaseExitCode(report),
  };
}

/** Nobody can be asked by a script, so the question is answered beforehand, with the number in sight. */
async function idsOf({ args, options }: Invocation, session: PortsSession): Promise<readonly string[]> {
  if (options['all'] !== true) return args;
  const ids = (await boundHere(session)).map(({ port }) => port.id);
  if (options['yes'] === true || ids.length === 0) return ids;
  throw new UsageError(
    `--all would release ${count(ids.length, 'port')} of ${session.host}; add --yes if that is meant`,
  );
}

export const portRelease: Command = {
  name: 'port release',
  summary: 'release ports: their functions are again as they were found',
  args: [['[ids...]', 'ids of ports that are bound on this host']],
  options: [
    ['--all', 'all ports that are bound on this host; needs --yes'],
    ['--yes', 'confirms --all'],
    ...SESSION_OPTIONS,
  ],
  examples: [
    ['sriov port release PORT', 'MAC, VLAN and all else as before the port was bound'],
    ['sriov port release --all --yes', 'every port of this host, one message for each PF'],
  ],
  async run(invocation) {
    const { args, options } = invocation;
    const all = options['all'] === true;
    if (all && args.length > 0) throw new UsageError('--all and ids together: give one of them');
    if (!all && args.length === 0) throw new UsageError('which ports? write their ids, or --all --yes');
    return withPorts(invocation, async (session) =>
      releaseOutcome(await session.ports.release(await idsOf(invocation, session))),
    );
  },
};
