/**
 * The ports that a command is to bind: from words for one, from a file for many.
 *
 * Owns what a file may look like, and what words leave as it was. The contract itself is `src/binding/`'s.
 */
import type { ParsedRequest } from '../../binding/flat-request.ts';
import type { PortRequest } from '../../binding/port.ts';
import type { PortRecord } from '../../binding/record.ts';
import { InvalidConfigError } from '../../errors.ts';
import type { Invocation, OptionSpec } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { isProfileWord } from './profile-words.ts';
import { type PortsSession, bindingOn } from './session.ts';
import { type FlatPort, givenPortFlags, withPortWords } from './words.ts';

export const FILE_OPTION: OptionSpec = [
  '--file <ports>',
  'many ports, YAML or JSON as Neutron writes them, each with "network"; "-" is standard input',
];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of ports, `ports: [...]` and `port: {...}` as Neutron's API has them, or one port. */
function portsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (!isObject(value)) throw new UsageError('ports: expected a list of ports');
  if (Array.isArray(value['ports'])) return value['ports'] as readonly unknown[];
  return [isObject(value['port']) ? value['port'] : value];
}

/** What a store holds of a port, as the words of the same port would give it. */
export function flatOf(record: PortRecord, host: string): FlatPort {
  const binding = bindingOn(record, host) ?? record.bindings[0];
  const flat: FlatPort = { ...record.port, network: record.network };
  if (binding === undefined) return flat;
  const added = new Set(binding.added_keys);
  const asked = Object.entries(binding.profile).filter(([key]) => !added.has(key));
  return {
    ...flat,
    'binding:vnic_type': binding.vnic_type,
    'binding:profile': Object.fromEntries(asked),
  };
}

/** Checks one port; `where` is its name in messages. */
async function checkPort(value: unknown, where: string): Promise<ParsedRequest> {
  if (!isObject(value)) throw new UsageError(`${where}: expected a port with its keys`);
  const { parseRequest } = await import('../../binding/flat-request.ts');
  try {
    return parseRequest(value);
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    throw new UsageError(`${where}: ${error.message}`, error);
  }
}

/** Gives the requests once there are ports to ask; what can be wrong without them is refused before. */
export type PreparedRequests = (session: PortsSession) => Promise<readonly PortRequest[]>;

/** Ports of the file. @throws UsageError - unreadable, malformed, no port */
export async function fileRequests(file: string, { io }: Invocation): Promise<PreparedRequests> {
  const { planName, readPlan } = await import('../plan/read.ts');
  const ports = portsIn(await readPlan(file, io.readInput, 'ports file'));
  if (ports.length === 0) throw new UsageError(`${planName(file)} names no port`);
  const where = (index: number): string => (ports.length === 1 ? 'port' : `ports[${index}]`);
  const parsed = await Promise.all(ports.map((port, index) => checkPort(port, where(index))));
  return async (session) => {
    const index = parsed.findIndex(({ host }) => host !== '' && host !== session.host);
    if (index >= 0) {
      throw new UsageError(
        `${where(index)}: its binding:host_id is ${parsed[index]?.host}, and this is ${session.host}`,
      );
    }
    return parsed.map(({ request }) => request);
  };
}

/** The id among the words of `port bind`. */
function idOf({ args }: Invocation): string {
  const [id, stray] = args.filter((word) => !isProfileWord(word));
  if (id === undefined) throw new UsageError('which port? write its id, or --file with many ports');
  if (stray !== undefined) {
    throw new UsageError(`"${stray}" is one id too many; --file binds many ports at once`);
  }
  return id;
}

/** The one port that words describe; what they do not name stays as the store has it. */
function wordRequest(invocation: Invocation): PreparedRequests {
  const { args, options } = invocation;
  const id = idOf(invocation);
  const loose = args.filter(isProfileWord);
  withPortWords({ id }, options, loose);
  return async ({ ports, host }) => {
    const known = await ports.get(id);
    const flat = withPortWords(known === undefined ? { id } : flatOf(known, host), options, loose);
    if (flat['network'] === undefined) {
      throw new UsageError(`port ${id} needs a network: --network-type vlan --segmentation-id ID, or flat`);
    }
    return [(await checkPort(flat, `port ${id}`)).request];
  };
}

/** @throws UsageError - neither a port nor a file, both, or something malformed */
export async function prepareRequests(invocation: Invocation): Promise<PreparedRequests> {
  const { args, options } = invocation;
  const { file } = options;
  if (typeof file !== 'string') return wordRequest(invocation);
  const [flag = args[0]] = givenPortFlags(options);
  if (flag !== undefined) throw new UsageError(`--file holds the ports; ${flag} beside it has no meaning`);
  return fileRequests(file, invocation);
}
