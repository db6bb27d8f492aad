/**
 * The sentence of a repair, which says what was found.
 *
 * Owns the words; the differences come from the drift that was told before it.
 */
import type { Difference, Repaired } from '../events.ts';

/** `100`, `100 qos 3`, `min 0 max 1000`, `none`; `unknown` = not reported. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'unknown';
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value !== 'object') return String(value);
  const { id, qos, proto, ...others } = value as Record<string, unknown>;
  const parts: string[] = [];
  if (id !== undefined) parts.push(String(id));
  if (qos !== undefined && qos !== 0) parts.push(`qos ${String(qos)}`);
  if (proto !== undefined && proto !== '802.1Q') parts.push(String(proto));
  for (const [key, part] of Object.entries(others)) parts.push(`${key} ${String(part)}`);
  return parts.join(' ');
}

/** `0000:03:00.0/3: vlan 0 is 100 again (port p1, 3.1 ms after the event)` */
export function repairedText(event: Repaired, drift: readonly Difference[]): string {
  const what = event.attributes.map((attribute) => {
    const difference = drift.find((one) => one.attribute === attribute);
    if (difference === undefined) return `${attribute} is as wanted again`;
    return `${attribute} ${shownValue(difference.found)} is ${shownValue(difference.wanted)} again`;
  });
  if (event.recreated) what.unshift('made anew, and set up');
  const lag = event.lagMs === null ? '' : `, ${event.lagMs.toFixed(1)} ms after the event`;
  return `${event.place}: ${what.join(', ') || 'as wanted again'} (port ${event.port}${lag})`;
}
