/** `sriov gc`: releases the ports of devices that are no more. */
import { readFile } from 'node:fs/promises';
import type { PortRecord } from '../../binding/record.ts';
import type { Command, Invocation, Outcome } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { placeOf } from '../port/outcome-text.ts';
import { SESSION_OPTIONS, type PortsSession, bindingOn, boundHere, withPorts } from '../port/session.ts';
import { UsageError } from '../usage-error.ts';
import { releaseOutcome } from './port-release.ts';

/** Ids of `--alive`, one a line. */
async function aliveIds({ options, io }: Invocation): Promise<Set<string>> {
  const path = options['alive'];
  if (typeof path !== 'string') throw new UsageError('which devices are alive? --alive FILE, one id a line');
  let text: string;
  try {
    text = path === '-' ? await io.readInput() : await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(
      `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  const ids = new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
  if (ids.size === 0 && options['force'] !== true) {
    throw new UsageError(
      'the list of living devices is empty, so all ports would be released; add --force if that is meant',
    );
  }
  return ids;
}

/** A port whose device is gone. */
interface Dead {
  readonly port: string;
  readonly device_id: string;
  /** Text of `formatPlace`; null = its binding had failed. */
  readonly place: string | null;
}

function deadOf({ port, bindings }: PortRecord, host: string): Dead {
  return { port: port.id, device_id: port.device_id, place: placeOf(bindingOn({ bindings }, host)) ?? null };
}

function deadLine({ port, device_id: device, place }: Dead): string {
  return `- port ${port}${place === null ? '' : ` ${place}`}: device ${device} is gone\n`;
}

async function collect(
  { options, io, say }: Invocation,
  session: PortsSession,
  alive: ReadonlySet<string>,
): Promise<Outcome> {
  // A port that names no device has no owner that could be gone.
  const isAlive = ({ port }: PortRecord): boolean => port.device_id === '' || alive.has(port.device_id);
  const here = await boundHere(session);
  const dead = here.filter((record) => !isAlive(record)).map((record) => deadOf(record, session.host));
  const dryRun = options['dryRun'] === true;
  say(dead.map((one) => io.paint('yellow', deadLine(one))).join(''));
  if (dryRun || dead.length === 0) {
    const text = dead.length === 0 ? 'nothing to collect\n' : '';
    return {
      data: { dryRun, dead, report: null },
      text,
      warnings: [],
      failures: [],
      exitCode: EXIT.done,
    };
  }
  const outcome = releaseOutcome(await session.ports.collect(isAlive));
  return { ...outcome, data: { dryRun, dead, report: outcome.data } };
}

export const gc: Command = {
  name: 'gc',
  summary: 'release the ports of devices that are no more',
  args: [],
  options: [
    ['--alive <file>', 'device ids that are alive, one a line; "-" is standard input'],
    ['--dry-run', 'show which ports, release none'],
    ['--force', 'also with an empty list: all ports that name a device'],
    ...SESSION_OPTIONS,
  ],
  examples: [
    ['sriov gc --alive alive.txt --dry-run', 'ports whose device is not in the list'],
    ['virsh list --all --uuid | sriov gc --alive -', "devices are libvirt's guests"],
  ],
  notes: 'Ports bound on other hosts, and ports without a device id, are left alone.',
  async run(invocation) {
    const alive = await aliveIds(invocation);
    return withPorts(invocation, (session) => collect(invocation, session, alive));
  },
};
