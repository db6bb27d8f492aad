/**
 * The ports of this host, opened for one command and closed after it.
 *
 * Owns the options that name the store and the host. It must stay free of the libraries behind bindings: these
 * are loaded when a command on ports opens them, so that the others stay quick.
 */
import type { BindPolicy } from '../../binding/policy.ts';
import type { PortBinding } from '../../binding/port.ts';
import type { PortRecord } from '../../binding/record.ts';
import type { VfHost } from '../../port/host.ts';
import type { Ports } from '../../port/ports.ts';
import type { Invocation, OptionSpec } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** What the options ask for. */
export interface SessionOptions {
  /** Path of the store; absent = the default of this host. */
  readonly store?: string;
  /** As in `binding:host_id`; absent = the host's own name. */
  readonly host?: string;
  readonly policy?: BindPolicy;
}

export interface PortsSession {
  readonly ports: Ports;
  /** As in `binding:host_id`. */
  readonly host: string;
  /** What is read of VFs for texts: the old values of a difference, the name of a net device. */
  readonly vfHost: Pick<VfHost, 'read' | 'netDevice'>;
  readonly close: () => Promise<void>;
}

export type OpenPorts = (options: SessionOptions) => Promise<PortsSession>;

export const SESSION_OPTIONS: readonly OptionSpec[] = [
  ['--store <path>', 'where bindings are kept'],
  ['--host <name>', "this host's name in bindings (default: its host name)"],
];

function text(flag: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.trim() === '') throw new UsageError(`${flag} needs a value`);
  return value;
}

async function openHere(options: SessionOptions): Promise<PortsSession> {
  const { openPortsHere } = await import('./open-here.ts');
  return openPortsHere(options);
}

/** Runs `use` with the ports that the options name. */
export async function withPorts<T>(
  { options, io }: Invocation,
  use: (session: PortsSession) => Promise<T>,
  policy?: BindPolicy,
): Promise<T> {
  const store = text('--store', options['store']);
  const host = text('--host', options['host']);
  const session = await (io.openPorts ?? openHere)({
    ...(store === undefined ? {} : { store }),
    ...(host === undefined ? {} : { host }),
    ...(policy === undefined ? {} : { policy }),
  });
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** The port's binding on a host. */
export function bindingOn<T extends Pick<PortBinding, 'host'>>(
  record: { readonly bindings: readonly T[] },
  host: string,
): T | undefined {
  return record.bindings.find((binding) => binding.host === host);
}

/** Ports that have a function of this host. */
export async function boundHere({ ports, host }: PortsSession): Promise<PortRecord[]> {
  const all = await ports.list();
  return all.filter((record) => bindingOn(record, host) !== undefined);
}
