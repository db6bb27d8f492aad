/** Configurations of all forms. Owns generators only; each value is one that its key allows. */
import {
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  stringMatching,
  tuple,
  type Arbitrary,
} from 'fast-check';

const upTo = (least: number, most: number) => integer({ min: least, max: most });

/** Words that YAML may take for something else, and such with signs of its own. */
const awkward = constantFrom(
  'null',
  'true',
  '1e3',
  '0x10',
  '~',
  'a: b',
  '#x',
  "it's",
  '"q"',
  '- a',
  '<<',
  'ü',
);
const word = oneof(awkward, stringMatching(/^[a-z][a-z0-9_.-]{0,14}$/));
const device = stringMatching(/^[a-z][a-z0-9]{0,14}$/);
const slot = tuple(upTo(0, 255), upTo(0, 31), upTo(0, 7)).map(
  ([bus, at, fn]) => `0000:${bus.toString(16).padStart(2, '0')}:${at.toString(16).padStart(2, '0')}.${fn}`,
);
const path = stringMatching(/^\/[a-z][a-z0-9 '"#:-]{0,20}[a-z]$/);

const id = oneof(upTo(0, 0xfffffffe), stringMatching(/^[a-z_][a-z0-9_.@-]{0,20}\$?$/));
const allowed = record({ users: array(id), groups: array(id) }, { requiredKeys: [] });

const spec = record(
  {
    vendor_id: constantFrom('8086', '*', '15b3'),
    product_id: constantFrom('1572', '10e7'),
    address: oneof(slot, constantFrom('*:3b:*.*', ''), constant({ bus: '3[bc]', slot: '0[0-3]' })),
    physical_network: oneof(stringMatching(/^[a-z0-9]{1,20}$/), constant(null)),
    trusted: boolean(),
    traits: array(word),
    note: word,
  },
  { requiredKeys: [] },
);

const policy = record({
  mapped: array(
    tuple(
      word.filter((one) => !one.includes(':')),
      device,
    ),
    { minLength: 1, maxLength: 5 },
  ),
  slots: array(slot, { maxLength: 3 }),
  excludes: boolean(),
  rest: record(
    {
      device_spec: oneof(array(spec, { maxLength: 3 }), spec, constant(null)),
      choose: constantFrom('spread', 'pack'),
      numa_node: oneof(upTo(0, 1023), constant(null)),
    },
    { requiredKeys: [] },
  ),
}).map(({ mapped, slots, excludes, rest }) => ({
  ...rest,
  physical_device_mappings: mapped.map(([network, pf]) => `${network}:${pf}`),
  ...(excludes ? { exclude_devices: [`${mapped[0]?.[1]}:${slots.join(';')}`] } : {}),
}));

const reconcile = record({
  debounce: upTo(0, 10_000),
  more: upTo(0, 50_000),
  first: upTo(1, 3_600_000),
  longer: upTo(0, 82_000_000),
}).chain(({ debounce, more, first, longer }) =>
  record(
    {
      debounce_ms: constant(debounce),
      max_delay_ms: constant(debounce + more),
      backoff_first_ms: constant(first),
      backoff_max_ms: constant(first + longer),
      poll_s: upTo(0, 86_400),
      concurrency: upTo(1, 64),
      trusted_mac: constantFrom('guest', 'port'),
      retry_failed: boolean(),
    },
    { requiredKeys: ['debounce_ms', 'max_delay_ms', 'backoff_first_ms', 'backoff_max_ms'] },
  ),
);

const listen = oneof(
  constant(null),
  path.map((at) => `unix:${at}`),
  upTo(1, 65_535).map((port) => `127.0.0.1:${port}`),
  upTo(1, 65_535).map((port) => `[::1]:${port}`),
);

/** In the file's form; any key may be absent, and a section may be null. */
export function configs(): Arbitrary<Readonly<Record<string, unknown>>> {
  return record(
    {
      host: word,
      store: path,
      policy: option(policy),
      reconcile: option(reconcile),
      api: record({ socket: option(path), read: option(allowed), write: allowed }, { requiredKeys: [] }),
      metrics: record({ listen, vf_statistics: boolean() }, { requiredKeys: [] }),
      log: record(
        { level: constantFrom('error', 'warn', 'info', 'debug'), format: constantFrom('json', 'text') },
        { requiredKeys: [] },
      ),
      on_stop: constantFrom('keep', 'release'),
    },
    { requiredKeys: [] },
  );
}
