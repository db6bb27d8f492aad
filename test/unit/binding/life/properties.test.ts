/** Whatever happens to a port in whatever order: the record holds together, and agrees with a model of its own. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import * as life from '../../../../src/binding/life/binding.ts';
import { checkRecord } from '../../../../src/binding/life/check.ts';
import type { PortRecord } from '../../../../src/binding/record.ts';
import { answer, AT, makeBound, makeRequest } from './make.ts';

/** All that the model knows: which host is active, and what each has and was asked for. */
interface Model {
  active: string | undefined;
  up: boolean;
  readonly at: Map<string, { type: 'unbound' | 'binding_failed' | 'hw_veb'; mine: number }>;
}

const KINDS = ['request', 'fill', 'fail', 'unbind', 'activate', 'move', 'up', 'down'] as const;
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    host: fc.constantFrom('a', 'b', 'c'),
    mine: fc.integer({ min: 0, max: 1 }),
  }),
  { maxLength: 40 },
);
type Step = { readonly kind: (typeof KINDS)[number]; readonly host: string; readonly mine: number };

function take(record: PortRecord, { kind, host, mine }: Step): PortRecord {
  if (kind === 'request') return life.requestBinding(record, makeRequest({ profile: { mine } }), host);
  if (kind === 'fill') {
    return life.fillBinding(record, host, makeBound(life.bindingOn(record, host)?.profile ?? {}));
  }
  if (kind === 'fail') return life.failBinding(record, host, [], AT);
  if (kind === 'unbind') return life.unbindOn(record, host);
  if (kind === 'activate') return life.activateBinding(record, host);
  if (kind === 'move') return life.changeHost(record, host);
  return kind === 'up' ? life.portUp(record) : life.portDown(record, host);
}

/** @returns what the step is answered */
function takeInModel(model: Model, { kind, host, mine }: Step): string {
  const here = model.at.get(host);
  const isActive = model.active === host;
  if (kind === 'request') {
    if (here === undefined) {
      model.at.set(host, { type: 'unbound', mine });
      model.active ??= host;
      if (model.active === host) model.up = false;
    } else if (here.mine !== mine) {
      model.at.set(host, { type: 'unbound', mine });
      if (isActive) model.up = false;
    }
    return 'done';
  }
  if (kind === 'up') {
    model.up = model.active !== undefined && model.at.get(model.active)?.type === 'hw_veb';
    return 'done';
  }
  if (kind === 'down') {
    if (isActive && here?.type === 'hw_veb') model.up = false;
    return 'done';
  }
  if (kind === 'move') {
    if (model.active === undefined) return '404 SRIOV_NO_BINDING';
    if (isActive) return 'done';
    if (here !== undefined) return '409 SRIOV_BINDING_EXISTS';
    const old = model.at.get(model.active);
    model.at.delete(model.active);
    model.at.set(host, { type: 'unbound', mine: old?.mine ?? -1 });
    model.active = host;
    model.up = false;
    return 'done';
  }
  if (here === undefined) return '404 SRIOV_NO_BINDING';
  if (kind === 'fill') {
    if (here.type === 'hw_veb') return '409 SRIOV_PORT_BOUND';
    here.type = 'hw_veb';
    if (isActive) model.up = false;
  } else if (kind === 'fail') {
    here.type = 'binding_failed';
    if (isActive) model.up = false;
  } else if (kind === 'unbind') {
    model.at.delete(host);
    if (isActive) [model.active, model.up] = [undefined, false];
  } else {
    if (isActive) return '409 SRIOV_BINDING_ACTIVE';
    if (here.type !== 'hw_veb') return '409 SRIOV_NOT_BOUND';
    const old = model.active === undefined ? undefined : model.at.get(model.active);
    if (old !== undefined) old.type = 'unbound';
    [model.active, model.up] = [host, false];
  }
  return 'done';
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}

it('keeps the invariants, changes no input, and agrees with the model', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      let record = life.requestBinding(undefined, makeRequest({ profile: { mine: 0 } }), 'a');
      const model: Model = { active: 'a', up: false, at: new Map([['a', { type: 'unbound', mine: 0 }]]) };
      for (const step of sequence) {
        freeze(record);
        let next = record;
        const said = answer(() => {
          next = take(record, step);
        });
        expect(said).toBe(takeInModel(model, step));
        record = next;
        expect(checkRecord(record)).toEqual([]);
        expect(life.activeBinding(record)?.host).toBe(model.active);
        expect(record.status).toBe(model.up ? 'ACTIVE' : 'DOWN');
        const now = record.bindings.map(({ host, vif_type, profile }) => [host, vif_type, profile['mine']]);
        expect(now.sort()).toEqual([...model.at].map(([host, { type, mine }]) => [host, type, mine]).sort());
      }
    }),
    { numRuns: 300 },
  );
});

it('the check finds what is wrong', () => {
  const record = life.requestBinding(undefined, makeRequest(), 'a');
  const [binding] = record.bindings;
  if (binding === undefined) throw new Error('no binding');
  const other = (change: object): string[] =>
    checkRecord({ ...record, bindings: [{ ...binding, ...change }] });
  expect(checkRecord(record)).toEqual([]);
  expect(checkRecord({ ...record, bindings: [binding, binding] })).toHaveLength(2);
  expect(checkRecord({ ...record, status: 'ACTIVE' })).toHaveLength(1);
  expect(checkRecord({ ...record, own_mac: null })).toHaveLength(1);
  expect(other({ vif_details: { vlan: '1' } })).toHaveLength(1);
  expect(other({ added_keys: ['x'] })).toHaveLength(1);
  expect(other({ vif_type: 'hw_veb' })).toHaveLength(1);
  expect(other({ vif_type: 'binding_failed' })).toHaveLength(1);
});
