/**
 * The agent's settings, from what its sources say of each key.
 *
 * Owns the defaults that depend on the machine, the rules between keys, and the change from the file's form to
 * that of the program.
 */
import { hostname } from 'node:os';
import { formatDeviceSpec } from '../../binding/device-spec/device-spec.ts';
import { parseDeviceSpecs } from '../../binding/device-spec/parse.ts';
import { parseDeviceMappings, parseExcludeDevices } from '../../binding/neutron-config.ts';
import type { BindPolicy } from '../../binding/policy.ts';
import { defaultStorePath } from '../../store/location.ts';
import type { AgentSettings, Allowed } from '../settings.ts';
import type { ConfigProblem } from './error.ts';
import { CONFIG_KEYS } from './keys.ts';
import type { Layer } from './layer.ts';
import { formatListen, parseListen } from './listen.ts';
import { refusal } from './policy-keys.ts';
import type { Environment } from './words-source.ts';

/** All keys of the file's form by path. */
export type Values = ReadonlyMap<string, unknown>;

/** The last layer that says something of a key counts. */
export function valuesOf(layers: readonly Layer[], environment: Environment): Values {
  const values = new Map(CONFIG_KEYS.map(({ path, standard }) => [path, standard]));
  values.set('host', hostname());
  values.set('store', defaultStorePath(environment));
  for (const layer of layers) for (const [path, { value }] of layer) values.set(path, value);
  return values;
}

/** Rules between keys. `where` says of a key where its value comes from. */
export function contradictions(values: Values, where: (path: string) => string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const notBelow = (high: string, low: string): void => {
    const [most, least] = [values.get(high) as number, values.get(low) as number];
    if (most >= least) return;
    const said = where(high) === '' ? low : high;
    const message = `${high} ${most} must not be below ${low} ${least}; change one of them`;
    problems.push({ where: where(said), key: said, message });
  };
  notBelow('reconcile.max_delay_ms', 'reconcile.debounce_ms');
  notBelow('reconcile.backoff_max_ms', 'reconcile.backoff_first_ms');
  const excluded = values.get('policy.exclude_devices');
  if (excluded !== null) {
    const key = 'policy.exclude_devices';
    const mappings = values.get('policy.physical_device_mappings');
    const why =
      mappings === null
        ? 'needs policy.physical_device_mappings, which names the PFs'
        : refusal(() => parseExcludeDevices(excluded, parseDeviceMappings(mappings)))?.message;
    if (why !== undefined) problems.push({ where: where(key), key, message: why });
  }
  return problems;
}

/** Every value must have passed its check. */
export function settingsOf(values: Values): AgentSettings {
  // The one place where what the table has checked gets its type.
  const get = <T>(path: string): T => values.get(path) as T;
  const allowed = (path: string): Allowed => ({ users: get(`${path}.users`), groups: get(`${path}.groups`) });
  const listen = get<string | null>('metrics.listen');
  return {
    host: get('host'),
    store: get('store'),
    policy: policyOf(get),
    reconcile: {
      debounceMs: get('reconcile.debounce_ms'),
      maxDelayMs: get('reconcile.max_delay_ms'),
      pollMs: get<number>('reconcile.poll_s') * 1000,
      concurrency: get('reconcile.concurrency'),
      backoffFirstMs: get('reconcile.backoff_first_ms'),
      backoffMaxMs: get('reconcile.backoff_max_ms'),
      trustedMac: get('reconcile.trusted_mac'),
      retryFailed: get('reconcile.retry_failed'),
    },
    api: { socket: get('api.socket'), read: allowed('api.read'), write: allowed('api.write') },
    metrics: { listen: listenOf(listen), vfStatistics: get('metrics.vf_statistics') },
    log: { level: get('log.level'), format: get('log.format') },
    onStop: get('on_stop'),
  };
}

function listenOf(text: string | null): AgentSettings['metrics']['listen'] {
  const listen = text === null ? null : parseListen(text);
  if (typeof listen === 'string') throw new TypeError(listen);
  return listen;
}

function policyOf(get: <T>(path: string) => T): BindPolicy {
  const specs = get<unknown>('policy.device_spec');
  const mapped = get<unknown>('policy.physical_device_mappings');
  const excluded = get<unknown>('policy.exclude_devices');
  const numaNode = get<number | null>('policy.numa_node');
  const mappings = mapped === null ? undefined : parseDeviceMappings(mapped);
  return {
    choose: get('policy.choose'),
    ...(numaNode === null ? {} : { numaNode }),
    ...(specs === null ? {} : { deviceSpecs: parseDeviceSpecs(specs) }),
    ...(mappings === undefined ? {} : { mappings }),
    ...(mappings === undefined || excluded === null
      ? {}
      : { exclude: parseExcludeDevices(excluded, mappings) }),
  };
}

/** The file's form of settings: what `settingsOf` makes equal settings of. */
export function valuesOfSettings(settings: AgentSettings): Values {
  const { policy, reconcile, api, metrics, log } = settings;
  const { deviceSpecs, mappings, exclude } = policy;
  const said: readonly (readonly [string, unknown])[] = [
    ['host', settings.host],
    ['store', settings.store],
    ['policy.device_spec', deviceSpecs?.map(formatDeviceSpec) ?? null],
    ['policy.physical_device_mappings', mappings === undefined ? null : pairs(mappings)],
    ['policy.exclude_devices', exclude === undefined ? null : groups(exclude)],
    ['policy.choose', policy.choose ?? 'spread'],
    ['policy.numa_node', policy.numaNode ?? null],
    ['reconcile.debounce_ms', reconcile.debounceMs],
    ['reconcile.max_delay_ms', reconcile.maxDelayMs],
    ['reconcile.poll_s', reconcile.pollMs / 1000],
    ['reconcile.concurrency', reconcile.concurrency],
    ['reconcile.backoff_first_ms', reconcile.backoffFirstMs],
    ['reconcile.backoff_max_ms', reconcile.backoffMaxMs],
    ['reconcile.trusted_mac', reconcile.trustedMac],
    ['reconcile.retry_failed', reconcile.retryFailed],
    ['api.socket', api.socket],
    ['api.read.users', api.read.users],
    ['api.read.groups', api.read.groups],
    ['api.write.users', api.write.users],
    ['api.write.groups', api.write.groups],
    ['metrics.listen', metrics.listen === null ? null : formatListen(metrics.listen)],
    ['metrics.vf_statistics', metrics.vfStatistics],
    ['log.level', log.level],
    ['log.format', log.format],
    ['on_stop', settings.onStop],
  ];
  return new Map(said);
}

function pairs(mappings: ReadonlyMap<string, readonly string[]>): string[] {
  return [...mappings].flatMap(([network, pfs]) => pfs.map((pf) => `${network}:${pf}`));
}

function groups(exclude: ReadonlyMap<string, readonly string[]>): string[] {
  return [...exclude].map(([pf, slots]) => `${pf}:${slots.join(';')}`);
}
