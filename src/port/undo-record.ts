/**
 * A port's record on its way back, when work on one host is undone.
 *
 * Owns that nothing is lost of what other hosts made of it meanwhile.
 */
import { bindingOn, portUp, unbindOn } from '../binding/life/binding.ts';
import { settleMac } from '../binding/life/mac.ts';
import { replaceBinding } from '../binding/life/state.ts';
import type { PortRecord } from '../binding/record.ts';

/**
 * The record with this host's binding as it was; undefined = it is left alone.
 *
 * @param old before the work; undefined = there was none
 * @param untouched nobody has written it since the work's first commit
 */
export function backOnHost(
  old: PortRecord | undefined,
  now: PortRecord | undefined,
  host: string,
  untouched: boolean,
): PortRecord | undefined {
  const binding = now && bindingOn(now, host);
  if (now === undefined || (old !== undefined && untouched)) return old;
  const was = old && bindingOn(old, host);
  if (binding === undefined) return now;
  // It came with the work; without bindings the port is forgotten.
  if (was === undefined) return unbindOn(now, host);
  // Another host's was made the active one since: this one is unbound for good.
  if (was.status === 'ACTIVE' && binding.status === 'INACTIVE') return now;
  const next = settleMac(replaceBinding(now, host, was));
  return was.status === 'ACTIVE' ? portUp(next) : next;
}
