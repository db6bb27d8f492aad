/** Records as binding writes them, for what looks at a whole store. Owns one good pair of port and claim. */
import { claimKey, portKey } from '../../../src/binding/record.ts';
import type { Change, Json } from '../../../src/store/store.ts';

export const PLACE = { pf: '0000:03:00.0', vf: 3 } as const;

export function bindingOn(host: string, status: 'ACTIVE' | 'INACTIVE' = 'ACTIVE'): Json {
  return { host, status, place: PLACE };
}

export function portChange(id: string, bindings: readonly Json[]): Change {
  return { key: portKey(id), value: { port: { id }, bindings } };
}

export function claimChange(port: string, host = 'h1', phase = 'bound'): Change {
  return { key: claimKey(host, PLACE), value: { port, place: PLACE, phase } };
}
