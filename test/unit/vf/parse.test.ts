/**
 * What `parseVfConfigs` and `VfTable.from` take, and how they refuse the rest: nothing of it reaches a kernel.
 */
import { describe, expect, it } from 'vitest';
import { InvalidConfigError } from '../../../src/errors.ts';
import { parseVfConfigs } from '../../../src/vf/parse.ts';
import { VfTable } from '../../../src/vf/table.ts';

/** The error of a list that must be refused. */
function refusal(value: unknown): InvalidConfigError {
  try {
    parseVfConfigs(value);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error;
    throw error;
  }
  throw new Error(`it was taken: ${JSON.stringify(value)}`);
}

describe('a list of settings', () => {
  it.each([
    [undefined, 'a list of VF settings is wanted, not undefined'],
    [null, 'not null'],
    [{ vf: 0 }, 'not {"vf":0}'],
    ['[]', 'not "[]"'],
    [[null], 'entry 0: an object with at least { vf } is wanted, not null'],
    [[{ vf: 0 }, 7], 'entry 1: an object with at least { vf } is wanted, not 7'],
    [[{ vf: 0 }, undefined], 'entry 1'],
    [[{}], 'entry 0: vf must be a whole number from 0 to 65534, not undefined'],
    [[[0]], 'entry 0: vf must be a whole number'],
  ])('is refused when it is %j', (value, why) => {
    expect(refusal(value).message).toContain(why);
  });

  it.each([-1, 65535, 2 ** 32, 1e300, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '3', true, null, 3n])(
    'is refused with vf %s, and the entry is named',
    (vf) => {
      const { message, code } = refusal([{ vf: 9 }, { vf }]);
      const shown = typeof vf === 'string' ? `"${vf}"` : `${vf}${typeof vf === 'bigint' ? 'n' : ''}`;
      expect(message).toBe(`entry 1: vf must be a whole number from 0 to 65534, not ${shown}`);
      expect(code).toBe('SRIOV_INVALID_CONFIG');
    },
  );

  it('is refused when a VF is named twice, and only then', () => {
    const error = refusal([{ vf: 4 }, { vf: 5 }, { vf: 4, mac: null }]);
    expect(error.message).toBe('entry 2: VF 4 is named twice');
    expect(error.target).toEqual({ vf: 4 });
    // The memory of the refused list does not spoil the next one.
    expect(parseVfConfigs([{ vf: 4 }, { vf: 5 }])).toHaveLength(2);
  });

  it('is refused when it is longer than a PF can have VFs', () => {
    const all = Array.from({ length: 65536 }, (_, vf) => ({ vf }));
    expect(refusal(all).message).toBe('65536 VFs are more than a PF can have (65535)');
    expect(parseVfConfigs(all.slice(0, 65535))).toHaveLength(65535);
  });

  it('may be empty, and is given back as it came', () => {
    const configs = [{ vf: 1, trust: true }];
    expect(parseVfConfigs(configs)).toBe(configs);
    expect(parseVfConfigs([])).toEqual([]);
  });
});

describe('a setting', () => {
  it.each([
    ['mac', 5],
    ['mac', ''],
    ['mac', '02:00:00:00:00'],
    ['mac', '02:00:00:00:00:01:02'],
    ['mac', '02-00-00-00-00-01'],
    ['mac', '2:0:0:0:0:1'],
    ['mac', '02:00:00:00:00:0g'],
    ['mac', ' 2:00:00:00:00:01'],
    ['mac', '02:00:00:00:00:01 '],
    ['mac', '020000000001'],
    ['mac', '٠2:00:00:00:00:01'],
    ['mac', '01:00:5e:00:00:01'],
    ['mac', 'ff:ff:ff:ff:ff:ff'],
    ['vlan', 100],
    ['vlan', '100'],
    ['vlan', {}],
    ['vlan', { id: '100' }],
    ['vlan', { id: 4096 }],
    ['vlan', { id: -1 }],
    ['vlan', { id: 1.5 }],
    ['vlan', { id: null }],
    ['vlan', { id: 1, qos: 8 }],
    ['vlan', { id: 1, qos: -1 }],
    ['vlan', { id: 1, qos: null }],
    ['vlan', { id: 1, proto: '802.1q' }],
    ['vlan', { id: 1, proto: '0x88a8' }],
    ['vlan', { id: 1, proto: 0x8100 }],
    ['vlan', { id: 1, proto: null }],
    ['vlan', { qos: 1 }],
    ['vlan', [100]],
    ['rate', 100],
    ['rate', {}],
    ['rate', []],
    ['rate', { min: '1' }],
    ['rate', { min: -1 }],
    ['rate', { max: 2 ** 31 }],
    ['rate', { max: 0.1 }],
    ['rate', { max: null }],
    ['rate', { min: 101, max: 100 }],
    ['spoofCheck', 1],
    ['spoofCheck', 'on'],
    ['trust', 'true'],
    ['rssQuery', {}],
    ['linkState', 'up'],
    ['linkState', 'AUTO'],
    ['linkState', 0],
    ['linkState', true],
    ['nodeGuid', '02:00:00:00:00:01'],
    ['nodeGuid', 1],
    ['nodeGuid', '00:11:22:33:44:55:66:7x'],
    ['portGuid', '0011:2233:4455:6677'],
    ['portGuid', false],
  ])('%s is refused as %j: the VF and the key are named, and what is wanted', (key, value) => {
    const error = refusal([{ vf: 1 }, { vf: 2, [key]: value }]);
    expect(error.target).toEqual({ vf: 2, attribute: key });
    expect(error.message).toMatch(new RegExp(`^VF 2: ${key}.*(wanted: |must be )`));
    expect(error.errno).toBeUndefined();
  });

  it.each([
    [{ vlanId: 100 }, 'unknown key "vlanId"; known are vf, mac, vlan,'],
    [{ MAC: null }, 'unknown key "MAC"'],
    [{ spoofchk: true }, 'unknown key "spoofchk"'],
    [{ mac: undefined, qos: 1 }, 'unknown key "qos"'],
    [{ vlan: { id: 1, vid: 1 } }, 'unknown key "vlan.vid"; known are id, qos, proto'],
    [{ rate: { minimum: 1 } }, 'unknown key "rate.minimum"; known are min, max'],
    [JSON.parse('{"__proto__": {"trust": true}}'), 'unknown key "__proto__"'],
    [{ constructor: 1 }, 'unknown key "constructor"'],
  ])('with a key that nobody knows is refused: %j', (settings, why) => {
    expect(refusal([{ vf: 3, ...(settings as object) }]).message).toContain(`VF 3: ${why}`);
  });

  it.each([
    [{ mac: 'AA:bb:Cc:00:00:01' }, { mac: 'aa:bb:cc:00:00:01' }],
    [{ mac: '00:00:00:00:00:00' }, { mac: '00:00:00:00:00:00' }],
    [{ mac: null }, { mac: '00:00:00:00:00:00' }],
    [{ vlan: { id: 4095, qos: 7, proto: '802.1ad' } }, { vlan: { id: 4095, qos: 7, proto: '802.1ad' } }],
    [{ vlan: { id: 1 } }, { vlan: { id: 1, qos: 0, proto: '802.1Q' } }],
    [{ vlan: { id: 0, qos: 3 } }, { vlan: { id: 0, qos: 3, proto: '802.1Q' } }],
    [{ vlan: { id: 0 } }, { vlan: null }],
    [{ vlan: null }, { vlan: null }],
    [{ rate: { max: 2 ** 31 - 1 } }, { rate: { max: 2 ** 31 - 1 } }],
    [{ rate: { min: 100, max: 100 } }, { rate: { min: 100, max: 100 } }],
    [{ rate: { min: 5, max: 0 } }, { rate: { min: 5, max: 0 } }],
    [{ rate: { min: 5 } }, { rate: { min: 5 } }],
    [{ rate: null }, { rate: { min: 0, max: 0 } }],
    [{ spoofCheck: true }, { spoofCheck: true }],
    [{ spoofCheck: null }, { spoofCheck: false }],
    [{ trust: false }, { trust: false }],
    [{ trust: null }, { trust: false }],
    [{ rssQuery: null }, { rssQuery: false }],
    [{ linkState: 'disable' }, { linkState: 'disable' }],
    [{ linkState: null }, { linkState: 'auto' }],
    [{ nodeGuid: '00:11:22:33:44:55:66:FF' }, { nodeGuid: '00:11:22:33:44:55:66:ff' }],
    [{ nodeGuid: null }, { nodeGuid: '00:00:00:00:00:00:00:00' }],
    [{ portGuid: null }, { portGuid: '00:00:00:00:00:00:00:00' }],
    [{ mac: undefined, trust: undefined }, {}],
  ])('%j means %j: null clears, absent is not touched', (given, meant) => {
    const configs = parseVfConfigs([{ vf: 0, ...given }]);
    expect(VfTable.from(configs).toConfigs()).toEqual([{ vf: 0, ...meant }]);
  });

  it('may come with the statistics of a read, which are no settings', () => {
    const [read] = parseVfConfigs([{ vf: 0, trust: true, stats: { rxBytes: 1n } }]);
    expect(VfTable.from(read === undefined ? [] : [read]).toConfigs()).toEqual([{ vf: 0, trust: true }]);
  });

  it('keeps a long wrong value out of the message', () => {
    expect(refusal([{ vf: 0, mac: 'x'.repeat(10_000) }]).message.length).toBeLessThan(250);
  });

  it('that cannot be shown as JSON is refused like any other', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(refusal([{ vf: 0, mac: circular }]).message).toMatch(
      /^VF 0: mac is an object that holds itself; wanted: /,
    );
    expect(refusal([{ vf: 0, mac: { size: 3n } }]).target).toEqual({ vf: 0, attribute: 'mac' });
    expect(refusal([{ vf: 0, trust: Symbol('on') }]).target).toEqual({ vf: 0, attribute: 'trust' });
    expect(refusal([{ vf: 0, trust: () => true }]).target).toEqual({ vf: 0, attribute: 'trust' });
  });
});
