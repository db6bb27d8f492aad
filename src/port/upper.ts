/**
 * The macvtap device of a port, and the VF's network device below it.
 *
 * Owns the order of these steps around the programming of the VF.
 */
import { createHash } from 'node:crypto';
import type { VfHost, VfNetDevice } from './host.ts';
import type { Step, UpperStep } from './journal.ts';

/** Name of a port's macvtap device: 15 bytes, the most that a name may have (include/uapi/linux/if.h, IFNAMSIZ). */
export function macvtapName(port: string): string {
  return `mvt-${createHash('sha256').update(port).digest('hex').slice(0, 11)}`;
}

/** What is remembered of a VF's network device before a port has it; one that is not there has no MAC. */
export function deviceFound(device: VfNetDevice | null): UpperStep['found'] {
  return device === null ? { up: false } : { mac: device.mac, up: device.up };
}

/** Before the VF is programmed: what stands on it is taken off. */
export async function removeUpper(host: VfHost, { place, upper }: Step): Promise<void> {
  if (upper?.action !== 'remove') return;
  await host.removeMacvtap(place, upper.name);
  if ((await host.netDevice(place)) !== null) await host.setNetDevice(place, { up: upper.found.up });
}

/** After the VF is programmed: only now may its network device have another MAC. */
export async function settleUpper(host: VfHost, { place, upper }: Step): Promise<void> {
  if (upper === undefined) return;
  if (upper.action === 'create') {
    await host.setNetDevice(place, { ...(upper.mac === null ? {} : { mac: upper.mac }), up: true });
    await host.createMacvtap(place, upper.name);
  } else if ((await host.netDevice(place)) !== null) {
    await host.setNetDevice(place, upper.found);
  }
}

/** The step that takes this one back. */
export function reversed(step: Step): Step {
  const { upper } = step;
  const back =
    upper === undefined || upper.kept ? {} : { upper: { ...upper, action: OPPOSITE[upper.action] } };
  return { ...step, before: step.after, after: step.before, ...back };
}

const OPPOSITE = { create: 'remove', remove: 'create' } as const;

/** Whether the upper device of a step is as the step leaves it. */
export async function isUpperDone(host: VfHost, { place, upper }: Step): Promise<boolean> {
  if (upper === undefined) return true;
  const device = await host.netDevice(place);
  const there = device?.uppers.some(({ name }) => name === upper.name) ?? false;
  return there === (upper.action === 'create');
}
