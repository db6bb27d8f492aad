/**
 * What is said of a setting that was refused: which, why, and the way out.
 */
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { VF_ATTRIBUTES, type VfAttribute, type VfConfig } from '../../../src/vf/config.ts';
import { type FailureContext, toFailures } from '../../../src/vf/failure.ts';
import { FAILURE_NOT_APPLIED, FAILURE_NOT_REPORTED, FAILURE_REFUSED } from '../../../src/vf/native.ts';
import type { VfFailure } from '../../../src/vf/report.ts';
import { VfTable } from '../../../src/vf/table.ts';

const FULL: VfConfig = {
  vf: 3,
  mac: '02:00:00:00:00:03',
  vlan: { id: 100, qos: 2, proto: '802.1ad' },
  rate: { min: 10, max: 1000 },
  spoofCheck: true,
  trust: false,
  linkState: 'disable',
  rssQuery: true,
  nodeGuid: '00:11:22:33:44:55:66:77',
  portGuid: null,
};

function context(numVfs = 0, configs: VfConfig[] = [FULL]): FailureContext {
  return { pf: 'eth0', table: VfTable.from(configs), numVfs };
}

function failureOf(attribute: VfAttribute, errno: number, kind = FAILURE_REFUSED, numVfs = 0): VfFailure {
  const native = [3, VF_ATTRIBUTES.indexOf(attribute), kind, errno, undefined];
  const [failure] = toFailures(native, context(numVfs));
  if (failure === undefined) throw new Error('no failure came of it');
  return failure;
}

describe('a failure', () => {
  it('has the fields of a VfFailure and nothing undefined', () => {
    expect(failureOf('mac', constants.errno.EINVAL)).toEqual({
      vf: 3,
      attribute: 'mac',
      errno: -22,
      code: 'EINVAL',
      message:
        'eth0 VF 3: mac 02:00:00:00:00:03: EINVAL: the driver refused the address, or the VF does not exist',
    });
    expect(Object.keys(failureOf('mac', constants.errno.EINVAL))).not.toContain('extendedAck');
  });

  it.each<[VfAttribute, string]>([
    ['mac', 'mac 02:00:00:00:00:03'],
    ['vlan', 'vlan {"id":100,"qos":2,"proto":"802.1ad"}'],
    ['rate', 'rate {"min":10,"max":1000}'],
    ['spoofCheck', 'spoofCheck true'],
    ['trust', 'trust false'],
    ['linkState', 'linkState disable'],
    ['rssQuery', 'rssQuery true'],
    ['nodeGuid', 'nodeGuid 00:11:22:33:44:55:66:77'],
    ['portGuid', 'portGuid 00:00:00:00:00:00:00:00'],
  ])('of %s says what was asked', (attribute, what) => {
    expect(failureOf(attribute, constants.errno.EIO).message).toBe(
      `eth0 VF 3: ${what}: EIO: the driver refused it; its reason may be in the kernel log`,
    );
  });

  it.each<[keyof typeof constants.errno, VfAttribute, RegExp]>([
    ['EOPNOTSUPP', 'rssQuery', /the driver has no such setting$/],
    ['EOPNOTSUPP', 'rate', /no rate limits, or the PF is in switchdev mode.+devlink/],
    ['EPROTONOSUPPORT', 'vlan', /no such VLAN protocol; use 802\.1Q$/],
    ['EINVAL', 'vlan', /refused the value, or the VF does not exist$/],
    ['EINVAL', 'rate', /above the link speed.+link may have to be up/],
    ['ERANGE', 'vlan', /does not take this value$/],
    ['EBUSY', 'mac', /still busy.+raise retryMs$/],
    ['EAGAIN', 'mac', /still busy/],
    ['EPERM', 'trust', /firmware does not let the host set it$/],
    ['EADDRNOTAVAIL', 'mac', /does not take this address$/],
  ])('with %s of %s has the way out', (code, attribute, advice) => {
    const failure = failureOf(attribute, constants.errno[code]);
    expect(failure.code).toBe(code);
    expect(failure.errno).toBe(-constants.errno[code]);
    expect(failure.message).toMatch(advice);
  });

  it('with an errno that has no name is still told apart', () => {
    expect(failureOf('mac', 524)).toMatchObject({ errno: -524, code: 'ERRNO_524' });
  });

  it('of a VF that does not exist says how many there are', () => {
    const { message } = failureOf('trust', constants.errno.EINVAL, FAILURE_REFUSED, 3);
    expect(message).toMatch(/EINVAL: the PF has 3 VFs, 0 to 2; raise their number first$/);
    expect(failureOf('trust', constants.errno.EINVAL, FAILURE_REFUSED, 4).message).not.toContain('raise');
  });

  it('may be that the driver has not applied it, or that nobody knows the old value', () => {
    const late = failureOf('mac', 0, FAILURE_NOT_APPLIED);
    expect(late).toMatchObject({ errno: 0, code: 'NOT_APPLIED' });
    expect(late.message).toMatch(/was accepted but does not read back.+raise retryMs$/);
    const unknown = failureOf('portGuid', 0, FAILURE_NOT_REPORTED);
    expect(unknown).toMatchObject({ errno: 0, code: 'NOT_REPORTED' });
    expect(unknown.message).toMatch(/cannot be put back/);
  });

  it("carries the kernel's own text", () => {
    const [failure] = toFailures([3, 1, FAILURE_REFUSED, 22, 'Invalid VLAN'], context());
    expect(failure).toMatchObject({ extendedAck: 'Invalid VLAN' });
    expect(failure?.message).toContain('EINVAL (Invalid VLAN): ');
  });
});

describe('several failures', () => {
  it('are in order of VF and attribute, whatever order they were found in', () => {
    const native = [
      [9, 0],
      [3, 6],
      [3, 1],
      [0, 8],
    ].flatMap(([vf, setting]) => [vf, setting, FAILURE_REFUSED, 22, undefined]);
    const found = toFailures(native, context()).map(({ vf, attribute }) => [vf, attribute]);
    expect(found).toEqual([
      [0, 'portGuid'],
      [3, 'vlan'],
      [3, 'trust'],
      [9, 'mac'],
    ]);
  });

  it('are none when there were none', () => {
    expect(toFailures(undefined, context())).toEqual([]);
    expect(toFailures([], context())).toEqual([]);
  });
});
