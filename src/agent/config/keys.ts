/**
 * Every key of the agent's configuration: its form, range, default and meaning.
 *
 * Owns the table from which the parser, the environment's names, the JSON Schema and the defaults are made, so
 * that these can't differ. It holds no rule between keys; those are in `complete.ts`.
 */
import { z } from 'zod';
import { DEFAULT_SOCKET } from '../api/default-socket.ts';
import type { ConfigKey, KeyKind } from './key.ts';
import { LISTEN_FORMS, parseListen } from './listen.ts';
import { deviceMappings, deviceSpecs, entries } from './policy-keys.ts';
import { isSocketPath } from './socket-path.ts';

/** `hostname()` and the store's default path depend on the machine, so that the table has none. */
const OF_THE_MACHINE = undefined;

/** Longer than any name that Neutron keeps (`ml2_port_bindings.host`). */
const MAX_HOST = 255;

function key(
  path: string,
  kind: KeyKind,
  schema: z.ZodType,
  expected: string,
  standard: unknown,
  meaning: string,
): ConfigKey {
  return { path, kind, schema, expected, standard, meaning };
}

function whole(
  path: string,
  unit: string,
  [least, most]: readonly [number, number],
  standard: number,
  meaning: string,
): ConfigKey {
  const expected = `a whole number${unit} from ${least} to ${most}`;
  return key(path, 'integer', z.int().min(least).max(most), expected, standard, meaning);
}

function yesNo(path: string, standard: boolean, meaning: string): ConfigKey {
  return key(path, 'boolean', z.boolean(), 'true or false', standard, meaning);
}

function choice(path: string, words: readonly string[], standard: string, meaning: string): ConfigKey {
  return key(
    path,
    'text',
    z.enum(words),
    words.join(', ').replace(/, (?=[^,]*$)/, ' or '),
    standard,
    meaning,
  );
}

// The numbers are user and group ids as in the kernel, without -1, which means none.
const name = z.union([z.string().regex(/^(?!\d+$)[^\s,:/\p{Cc}]{1,255}$/u), z.int().min(0).max(0xfffffffe)]);

function names(path: string, noun: string, what: string): ConfigKey {
  const expected = `a list of ${noun}s, by name or number`;
  return key(
    path,
    'names',
    z.array(name),
    expected,
    [],
    `${noun[0]?.toUpperCase()}${noun.slice(1)}s who ${what}`,
  );
}

// First what the JSON Schema can say too; it aborts, so that a value is refused once.
const socket = z
  .string()
  .regex(/^\/.*[^/]$/, { abort: true })
  .refine(isSocketPath)
  .nullable();
const listen = z
  .string()
  .superRefine((text, context) => {
    const read = parseListen(text);
    if (typeof read === 'string') context.addIssue({ code: 'custom', message: read });
  })
  .nullable();

/** In the order in which a configuration is written. */
export const CONFIG_KEYS: readonly ConfigKey[] = [
  key(
    'host',
    'text',
    z
      .string()
      .regex(/^\S(?:.*\S)?$/u)
      .max(MAX_HOST),
    `text of 1 to ${MAX_HOST} characters without blanks at its ends`,
    OF_THE_MACHINE,
    'Name of this host, as in binding:host_id. Default: its host name',
  ),
  key(
    'store',
    'text',
    z.string().regex(/^\/[^\0]*$/u),
    'an absolute path',
    OF_THE_MACHINE,
    'Directory in which bindings are kept. Default: as of every command, /var/lib/sriov/store for root',
  ),
  key(
    'policy.device_spec',
    'json',
    deviceSpecs,
    'a list of objects as in [pci] device_spec of Nova, or null',
    null,
    "Which functions may be given away: Nova's [pci] device_spec, the first match wins. null = every function; an empty list = none",
  ),
  key(
    'policy.physical_device_mappings',
    'list',
    deviceMappings,
    'a list of PHYSNET:PF, one text with commas, or null',
    null,
    'PFs of each physical network, as Neutron has it: physnet1:eth1. With it the agent looks at these PFs alone. null = at every PF on which a port has a function',
  ),
  key(
    'policy.exclude_devices',
    'list',
    entries.nullable(),
    'a list of PF:SLOT;SLOT, one text with commas, or null',
    null,
    "VFs that are nobody's, as Neutron has it: eth1:0000:07:00.2;0000:07:00.3. Needs policy.physical_device_mappings. null = none",
  ),
  choice(
    'policy.choose',
    ['spread', 'pack'],
    'spread',
    'Of PFs that suit equally, the one with the most free VFs (spread) or with the fewest (pack)',
  ),
  key(
    'policy.numa_node',
    'integer',
    z.int().min(0).max(1023).nullable(),
    'a whole number from 0 to 1023, or null',
    null,
    'NUMA node that is preferred. null = none',
  ),
  whole(
    'reconcile.debounce_ms',
    ' of ms',
    [0, 10_000],
    5,
    'How long events of a PF are gathered before it is looked at, in ms',
  ),
  whole(
    'reconcile.max_delay_ms',
    ' of ms',
    [0, 60_000],
    100,
    'The longest that a PF waits while events keep coming, in ms; not below reconcile.debounce_ms',
  ),
  whole(
    'reconcile.poll_s',
    ' of s',
    [0, 86_400],
    300,
    'Every PF is looked at at least this often, in s, give or take a tenth. 0 = never',
  ),
  whole('reconcile.concurrency', '', [1, 64], 4, 'PFs that are looked at at the same time'),
  whole(
    'reconcile.backoff_first_ms',
    ' of ms',
    [1, 3_600_000],
    1000,
    'First wait before what failed is tried again, in ms; it doubles each time, give or take a tenth',
  ),
  whole(
    'reconcile.backoff_max_ms',
    ' of ms',
    [1, 86_400_000],
    60_000,
    'Longest wait before what failed is tried again, in ms; not below reconcile.backoff_first_ms',
  ),
  choice(
    'reconcile.trusted_mac',
    ['guest', 'port'],
    'guest',
    "Whose the MAC of a trusted VF is: one that the guest set is left (guest), or the port's is put back (port)",
  ),
  yesNo(
    'reconcile.retry_failed',
    true,
    'Whether ports that could not be bound are tried again when functions become available',
  ),
  key(
    'api.socket',
    'text',
    socket,
    'an absolute path of at most 107 bytes, or null',
    DEFAULT_SOCKET,
    'Unix socket of the API. null = no API',
  ),
  names('api.read.users', 'user', "may ask, beside root and the agent's own user"),
  names('api.read.groups', 'group', 'may ask'),
  names('api.write.users', 'user', "may ask and change, beside root and the agent's own user"),
  names('api.write.groups', 'group', 'may ask and change'),
  key(
    'metrics.listen',
    'text',
    listen,
    LISTEN_FORMS,
    null,
    'Where metrics are served: 127.0.0.1:9464, [::1]:9464 or unix:/run/sriov/metrics.sock. null = only by the API',
  ),
  yesNo(
    'metrics.vf_statistics',
    false,
    'Whether each scrape reads the statistics of every VF, which costs a dump of each PF',
  ),
  choice('log.level', ['error', 'warn', 'info', 'debug'], 'info', 'Least important lines that are written'),
  choice('log.format', ['json', 'text'], 'json', 'One JSON object a line, or text for people'),
  choice(
    'on_stop',
    ['keep', 'release'],
    'keep',
    'What becomes of bound VFs when the agent ends: left as they are, or all ports of this host released',
  ),
];

const BY_PATH: ReadonlyMap<string, ConfigKey> = new Map(CONFIG_KEYS.map((one) => [one.path, one]));

export function configKey(path: string): ConfigKey | undefined {
  return BY_PATH.get(path);
}

/** Words that may follow `section`, '' being the whole: keys and sections. Empty when it is no section. */
export function wordsOf(section: string): readonly string[] {
  const start = section === '' ? '' : `${section}.`;
  const below = CONFIG_KEYS.filter(({ path }) => path.startsWith(start));
  return [...new Set(below.map(({ path }) => path.slice(start.length).split('.')[0] ?? ''))];
}
