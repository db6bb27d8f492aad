/**
 * Settings made up for property tests: everything that is valid, with its edges.
 */
import * as fc from 'fast-check';
import { formatBytes } from '../../../src/vf/address.ts';
import type { VfConfig, VfRate, VfVlan } from '../../../src/vf/config.ts';

const text = (bytes: Uint8Array): string => formatBytes(bytes, 0, bytes.length);
const bytes = (count: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: count, maxLength: count });
const limit = fc.oneof(fc.constantFrom(0, 1, 0x7fffffff), fc.integer({ min: 0, max: 0x7fffffff }));

export const anyMac: fc.Arbitrary<string> = bytes(6).map((mac) =>
  text(mac.with(0, (mac[0] as number) & 0xfe)),
);
export const anyGuid: fc.Arbitrary<string> = bytes(8).map(text);

const anyVlan: fc.Arbitrary<VfVlan> = fc.record(
  {
    id: fc.oneof(fc.constantFrom(0, 1, 4094, 4095), fc.integer({ min: 0, max: 4095 })),
    qos: fc.integer({ min: 0, max: 7 }),
    proto: fc.constantFrom('802.1Q' as const, '802.1ad' as const),
  },
  { requiredKeys: ['id'] },
);

const anyRate: fc.Arbitrary<VfRate> = fc.oneof(
  limit.map((min) => ({ min })),
  limit.map((max) => ({ max })),
  fc.tuple(limit, limit).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) })),
);

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary);

/** One VF's settings, any of them absent or null. */
export function anyConfig(vf: fc.Arbitrary<number>): fc.Arbitrary<VfConfig> {
  return fc.record(
    {
      vf,
      mac: orNull(anyMac),
      vlan: orNull(anyVlan),
      rate: orNull(anyRate),
      spoofCheck: orNull(fc.boolean()),
      trust: orNull(fc.boolean()),
      linkState: orNull(fc.constantFrom('auto' as const, 'enable' as const, 'disable' as const)),
      rssQuery: orNull(fc.boolean()),
      nodeGuid: orNull(anyGuid),
      portGuid: orNull(anyGuid),
    },
    { requiredKeys: ['vf'] },
  );
}

/** Settings of different VFs, in any order. */
export const anyConfigs: fc.Arbitrary<VfConfig[]> = fc.uniqueArray(
  anyConfig(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 65534 }))),
  { selector: (config) => config.vf, maxLength: 40 },
);
