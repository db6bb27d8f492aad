/** Device specs whatever is given: round trip, first match against a naive model, refusals only. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDeviceSpec } from '../../../../src/binding/device-spec/device-spec.ts';
import { InvalidDeviceSpecError } from '../../../../src/binding/device-spec/error.ts';
import { matchDeviceSpec, type DeviceCandidate } from '../../../../src/binding/device-spec/match.ts';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';

const hex = (max: number, width: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max }).map((value) => value.toString(16).padStart(width, '0'));
const orAny = (field: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(field, fc.constant('*'));
const glob = fc
  .tuple(orAny(hex(0xffffffff, 4)), orAny(hex(0xff, 2)), orAny(hex(0x1f, 2)), orAny(hex(7, 1)))
  .map(([domain, bus, slot, fn]) => `${domain}:${bus}:${slot}.${fn}`);
const pattern = fc.constantFrom('.*', '0', '[0-3]', '0a|1', '(?P<x>.)', '0{,2}', '', '1f$');
const regex = fc.record({ domain: pattern, bus: pattern, slot: pattern, function: pattern });
const place = fc.oneof(
  fc.record({ address: fc.oneof(glob, regex) }),
  fc.record({ devname: fc.constantFrom('eth0', 'enp3s0f1', 'netdevsim1') }),
);
const tags = fc.record(
  {
    physical_network: fc.string({ minLength: 1, maxLength: 64 }).filter((text) => text.trim() !== ''),
    trusted: fc.constantFrom('true', 'false'),
    note: fc.oneof(fc.string(), fc.array(fc.string())),
  },
  { requiredKeys: [] },
);
const ids = fc.record({ vendor_id: hex(0xffff, 4), product_id: hex(0xffff, 4) }, { requiredKeys: [] });
const canonical = fc.tuple(tags, ids, place).map((parts) => Object.assign({}, ...parts) as object);

describe('device specs', () => {
  it('survive a round trip: parse(format(spec)) is spec, and format is the canonical form', () => {
    fc.assert(
      fc.property(fc.array(canonical), (given) => {
        const specs = parseDeviceSpecs(given);
        const written = specs.map(formatDeviceSpec);
        expect(written).toEqual(given);
        expect(parseDeviceSpecs(written)).toEqual(specs);
        expect(parseDeviceSpecs(JSON.stringify(written))).toEqual(specs);
        expect(parseDeviceSpecs(written.map((spec) => JSON.stringify(spec)))).toEqual(specs);
      }),
    );
  });

  it('first match wins, as a model finds it that knows small hosts only', () => {
    // Two PFs 0000:01:00.0 and .1 called p0 and p1, with VFs 0000:01:10.x; few values, so that much matches.
    const field = fc.constantFrom(...(['0', '1', '*'] as const));
    const spec = fc.record(
      {
        pf: fc.constantFrom('p0', 'p1', '0000:01:00.0', '0000:01:00.1'),
        fn: field,
        product: fc.constantFrom('10c9', '10ca'),
      },
      { requiredKeys: ['fn'] },
    );
    const device = fc.record({ port: fc.constantFrom(0, 1), vf: fc.option(fc.constantFrom(0, 1)) });
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 6 }), device, (given, { port, vf }) => {
        const specs = given.map(({ pf, fn, product }) => ({
          ...(pf === undefined
            ? { address: `*:*:*.${fn}` }
            : pf.startsWith('p')
              ? { devname: pf }
              : { address: pf }),
          ...(product === undefined ? {} : { product_id: product }),
        }));
        const parent = { pciAddress: `0000:01:00.${port}`, netDevices: [`p${port}`] };
        const product = vf === null ? '10c9' : '10ca';
        const own = vf === null ? port : vf;
        const candidate: DeviceCandidate = {
          isPf: vf === null,
          pciAddress: vf === null ? parent.pciAddress : `0000:01:1${port}.${vf}`,
          vendorProduct: `8086:${product}`,
          netDevices: vf === null ? parent.netDevices : [],
          parent: vf === null ? null : parent,
        };
        let wanted: number | undefined;
        given.forEach((entry, index) => {
          const byPlace =
            entry.pf === undefined
              ? entry.fn === '*' || entry.fn === String(own)
              : entry.pf.endsWith(String(port));
          if (byPlace && (entry.product ?? product) === product) wanted ??= index;
        });
        expect(matchDeviceSpec(parseDeviceSpecs(specs), candidate)?.index).toBe(wanted);
      }),
      { numRuns: 2000 },
    );
  });

  it('are read or refused with entry, given and limit, whatever is given; never anything else', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    const nearly = fc.dictionary(
      fc.constantFrom(
        'vendor_id',
        'product_id',
        'address',
        'devname',
        'trusted',
        'one_time_use',
        '__proto__',
        'x',
      ),
      fc.oneof(
        anything,
        fc.stringMatching(/^[0-9a-f*:. ]{0,16}$/),
        fc.dictionary(
          fc.constantFrom('domain', 'bus', 'slot', 'function', 'y'),
          fc.oneof(fc.string(), anything),
        ),
        fc.record({ bus: fc.stringMatching(/^[0-9a\\[\](){}?*+|^$.,:=<>P-]{0,12}$/) }),
      ),
    );
    const value = fc.oneof(
      anything,
      nearly,
      fc.array(nearly),
      fc.json(),
      fc.array(fc.oneof(fc.json(), fc.string())),
      fc.string(),
    );
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(value, fc.boolean(), (given, reportInPlacement) => {
        try {
          const specs = parseDeviceSpecs(given, { reportInPlacement });
          // What was read can be matched and written.
          matchDeviceSpec(specs, {
            isPf: true,
            pciAddress: '0000:03:00.0',
            vendorProduct: null,
            netDevices: [],
            parent: null,
          });
          JSON.stringify(specs.map(formatDeviceSpec));
          taken += 1;
        } catch (error) {
          if (!(error instanceof InvalidDeviceSpecError)) throw error;
          const { entry, message, limit, given: shown } = error;
          if (!entry.startsWith('device_spec') || !message.endsWith(`${shown}: ${limit}`)) throw error;
          if (limit === '' || shown.length > 500) throw error;
          refused += 1;
        }
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });
});
