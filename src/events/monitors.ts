/**
 * The monitors of this JavaScript environment (the main thread or one worker thread), made on first use.
 *
 * Owns that there is one of each.
 */
import { addon } from '../addon.ts';
import { LinkMonitor } from './link-monitor.ts';
import { KeepAlive } from './source.ts';
import { UeventMonitor } from './uevent-monitor.ts';

let made: { readonly links: LinkMonitor; readonly uevents: UeventMonitor } | undefined;

/** @throws UnsupportedPlatformError - not Linux, or no binary for this processor */
export function monitors(): { readonly links: LinkMonitor; readonly uevents: UeventMonitor } {
  if (made === undefined) {
    const native = addon();
    const keepAlive = new KeepAlive(native);
    made = { links: new LinkMonitor(native, keepAlive), uevents: new UeventMonitor(native, keepAlive) };
  }
  return made;
}
