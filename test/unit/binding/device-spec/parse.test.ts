/** Reading device specs: every rule of Nova's nova/pci/devspec.py and whitelist.py, and where we are stricter. */
import { describe, expect, it } from 'vitest';
import { formatDeviceSpec } from '../../../../src/binding/device-spec/device-spec.ts';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';
import { InvalidConfigError } from '../../../../src/errors.ts';
import { read, refusal } from './reading.ts';

describe('device_spec, forms (4.3: each value a JSON object or a list of objects)', () => {
  const a = { vendor_id: '8086', product_id: '10ca', address: '*:*:*.*' };
  const b = { devname: 'eth1', physical_network: 'physnet1' };

  it.each([
    ['text of an object', JSON.stringify(a), [a]],
    ['text of a list', JSON.stringify([a, b]), [a, b]],
    ['an object', a, [a]],
    ['a list of objects', [a, b], [a, b]],
    ['a list of texts, as a multi-valued option gives them', [JSON.stringify(a), JSON.stringify(b)], [a, b]],
    ['a list of texts of lists', [JSON.stringify([b, a]), JSON.stringify([a])], [b, a, a]],
    ['texts and objects mixed', [a, JSON.stringify(b)], [a, b]],
    ['an empty list', [], []],
    ['text of an empty list', ' [] ', []],
  ])('takes %s, in order', (_, value, wanted) => {
    expect(parseDeviceSpecs(value).map(formatDeviceSpec)).toEqual(wanted);
  });

  it.each([
    ['no JSON', '{vendor_id: 8086}', 'device_spec', 'is not JSON'],
    ['blank text', '', 'device_spec', 'is not JSON'],
    ['a number as text', '3', 'device_spec', 'must be a JSON object or a list of objects'],
    ['text in text', '"{}"', 'device_spec', 'must be a JSON object or a list of objects'],
    ['null', null, 'device_spec', 'must be a JSON object or a list of objects'],
    ['nothing', undefined, 'device_spec', 'must be a JSON object or a list of objects'],
    ['a Map, whose keys would not be seen', new Map(), 'device_spec', 'must be a JSON object'],
    ['a list with a number', [{}, 3], 'device_spec[1]', 'must be an object'],
    ['a list within a list', [[{}]], 'device_spec[0]', 'must be an object'],
    ['text of a list with text', '[{}, "{}"]', 'device_spec[1]', 'must be an object'],
    ['a second text that is no JSON', ['{}', '{'], 'device_spec[1]', 'is not JSON'],
    ['a list in the second text with a number', ['{}', '[{}, 1]'], 'device_spec[1][1]', 'must be an object'],
    // eslint-disable-next-line no-sparse-arrays
    ['a hole in a list', [{}, , {}], 'device_spec[1]', 'must be an object'],
  ])('refuses %s and names the entry (PciConfigInvalidSpec)', (_, value, entry, limit) => {
    const error = refusal(value);
    expect(error).toMatchObject({ entry, field: null, code: 'SRIOV_INVALID_CONFIG' });
    expect(error.message).toContain(limit);
    expect(error).toBeInstanceOf(InvalidConfigError);
  });

  it('keeps a long wrong text out of the message', () => {
    expect(refusal('x'.repeat(100_000)).message).toMatch(/^.{0,200}$/);
    expect(refusal({ address: 'x'.repeat(100_000) }).message).toMatch(/^.{0,250}$/);
  });

  it('gives what nobody can change, and leaves what was given alone', () => {
    const given = { address: { bus: '03' }, traits: ['A'], vendor_id: '8086' };
    const copy = structuredClone(given);
    const [spec] = parseDeviceSpecs([given]);
    expect(given).toEqual(copy);
    for (const part of [spec, spec?.tags, spec?.tags['traits'], spec?.address, spec?.address?.fields]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe('device_spec, vendor_id and product_id (4.3: hex <= FFFF or *, default *)', () => {
  it.each([
    ['8086', '8086'],
    ['15B3', '15b3'],
    [' 8086 ', '8086'],
    ['0x8086', '8086'],
    ['a', '000a'],
    ['00008086', '8086'],
    ['0', '0000'],
    ['ffff', 'ffff'],
  ])('reads %j as four lower-case digits, %s', (text, id) => {
    expect(read({ vendor_id: text })).toEqual({ vendor_id: id, address: '*:*:*.*' });
    expect(read({ product_id: text })).toEqual({ product_id: id, address: '*:*:*.*' });
  });

  it('any: * and absent are the same', () => {
    expect(read({ vendor_id: '*', product_id: ' * ' })).toEqual({ address: '*:*:*.*' });
    expect(parseDeviceSpecs({ vendor_id: '*' })).toEqual(parseDeviceSpecs({}));
  });

  it.each(['vendor_id', 'product_id'])('refuses a wrong %s with field, value and limit', (field) => {
    expect(refusal([{}, { [field]: '10000' }])).toMatchObject({
      entry: 'device_spec[1]',
      field,
      given: '"10000"',
      limit: 'is above the largest value, ffff',
      message: `device_spec[1].${field} "10000": is above the largest value, ffff`,
      target: { attribute: field },
    });
    for (const value of ['', 'intel', '80 86', '-1', '+5', '1_0', '8086:10ca', '0x', '**']) {
      expect(refusal({ [field]: value })).toMatchObject({
        field,
        limit: 'must be hexadecimal, up to ffff, or *',
      });
    }
    for (const value of [8086, null, true, ['8086'], {}]) {
      expect(refusal({ [field]: value })).toMatchObject({
        field,
        limit: 'must be text in hexadecimal, up to ffff, or *',
      });
    }
    expect(refusal({ [field]: 'f'.repeat(400) }).limit).toContain('ffff');
  });
});

describe('device_spec, devname (4.3: address xor devname)', () => {
  it('is kept, and then there is no address', () => {
    expect(read({ devname: ' eth1 ', address: '' })).toEqual({ devname: 'eth1' });
    expect(read({ devname: 'eth1', address: {} })).toEqual({ devname: 'eth1' });
  });

  it.each(['', '  ', null, undefined])('%j is absent: any address', (devname) => {
    expect(read({ devname })).toEqual({ address: '*:*:*.*' });
    expect(read({ devname, address: '0000:0a:00.0' })).toEqual({ address: '0000:0a:00.0' });
  });

  it('refuses both, a glob or a regex (PciDeviceInvalidDeviceName)', () => {
    for (const address of ['0000:0a:00.0', '*:*:*.*', { bus: '0a' }]) {
      expect(refusal({ devname: 'eth1', address })).toMatchObject({
        field: 'devname',
        given: '"eth1"',
        limit: 'only one of address and devname may be given',
      });
    }
  });

  it.each(['sixteen-letters-', '.', '..', 'a/b', 'a:b', 'a b', 'ä'.repeat(8), 3, ['eth1']])(
    'refuses %j, which no network device can be called',
    (devname) => {
      expect(refusal({ devname })).toMatchObject({ field: 'devname' });
    },
  );

  it('is refused when Placement reporting is on (V@01d7a39e00)', () => {
    expect(refusal({ devname: 'eth1' }, { reportInPlacement: true }).limit).toContain('report_in_placement');
    expect(read({ address: '.0' }, { reportInPlacement: true })).toEqual({ address: '*:*:*.0' });
  });
});

describe('device_spec, tags (4.3: free)', () => {
  it('keeps any tag as it was written', () => {
    const tags = {
      physical_network: 'PhysNet1',
      resource_class: 'CUSTOM_VF',
      traits: 'A,B',
      speed: '10',
      list: ['x'],
    };
    expect(read(tags)).toEqual({ ...tags, address: '*:*:*.*' });
  });

  it('numbers and booleans become text; null is absent, as in Nova comparing', () => {
    expect(read({ weight: 3, fast: true, physical_network: null })).toEqual({
      weight: '3',
      fast: 'true',
      address: '*:*:*.*',
    });
  });

  it.each(['managed', 'live_migratable', 'trusted', 'remote_managed'])(
    '%s is parsed strictly and becomes true or false',
    (tag) => {
      for (const yes of [true, 1, '1', 't', 'True', ' ON ', 'y', 'Yes']) {
        expect(read({ [tag]: yes })).toMatchObject({ [tag]: 'true' });
      }
      for (const no of [false, 0, '0', 'f', 'FALSE', 'off', 'n', 'No']) {
        expect(read({ [tag]: no })).toMatchObject({ [tag]: 'false' });
      }
      for (const neither of ['', 'maybe', 'ture', 2, -1, [], ['true'], {}, 'yes please']) {
        const error = refusal([{ [tag]: neither }]);
        expect(error).toMatchObject({ entry: 'device_spec[0]', field: tag });
        expect(error.limit).toContain('must be true or false');
      }
    },
  );

  it('one_time_use needs report_in_placement', () => {
    expect(refusal({ one_time_use: 'yes' })).toMatchObject({ field: 'one_time_use', given: '"yes"' });
    expect(read({ one_time_use: 'yes' }, { reportInPlacement: true })).toMatchObject({
      one_time_use: 'true',
    });
    expect(read({ one_time_use: 'no' })).toMatchObject({ one_time_use: 'false' });
    expect(refusal({ one_time_use: '?' }, { reportInPlacement: true }).field).toBe('one_time_use');
  });

  it.each(['', ' ', 3, ['physnet1'], { name: 'physnet1' }, 'x'.repeat(65)])(
    'physical_network %j is refused: text of 1 to 64 characters',
    (physical_network) => {
      expect(refusal({ physical_network })).toMatchObject({ field: 'physical_network' });
    },
  );

  it.each([[{ nested: 1 }], [[1]], [['a', null]], [10n], [() => 1]])('refuses %s as a tag', (value) => {
    expect(refusal({ note: value })).toMatchObject({ field: 'note' });
  });

  it('a tag named like a part of every object is a tag and nothing else', () => {
    const [spec] = parseDeviceSpecs('{"__proto__": "x", "constructor": "y"}');
    expect(Object.entries(spec?.tags ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(spec?.tags)).toBe(Object.prototype);
  });
});
