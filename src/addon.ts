/**
 * Loads the addon, on first use and never on import, so that importing this package works everywhere.
 *
 * The one file that knows how and from where.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ProcessNative } from './agent/os/native.ts';
import type { FrameNative } from './conformance/frame-native.ts';
import { UnsupportedPlatformError } from './errors.ts';
import type { MonitorNative } from './events/native.ts';
import type { LinkNative } from './lifecycle/link-native.ts';
import type { PciNative } from './pci/native.ts';
import type { VfNative } from './vf/native.ts';

/** Everything that the addon offers. */
export interface NativeAddon
  extends VfNative, PciNative, MonitorNative, FrameNative, LinkNative, ProcessNative {}

const require = createRequire(import.meta.url);
let loaded: NativeAddon | undefined;

/**
 * The addon. `SRIOV_ADDON` in the environment names a file to load instead of the one that belongs to
 * this package (a sanitizer build, say).
 *
 * @throws UnsupportedPlatformError - not Linux, or no binary for this processor
 */
export function addon(): NativeAddon {
  loaded ??= load();
  return loaded;
}

/**
 * Whether this package can work here, and if not, why. Loads the addon; asks nothing of the kernel.
 *
 * @example
 * const { supported, reason } = isSupported()
 */
export function isSupported(): { readonly supported: boolean; readonly reason?: string } {
  try {
    addon();
    return { supported: true };
  } catch (error) {
    return { supported: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function load(): NativeAddon {
  if (process.platform !== 'linux') {
    throw new UnsupportedPlatformError(
      `sriov works on Linux only, where SR-IOV is managed through rtnetlink; this is ${process.platform}`,
    );
  }
  const root = fileURLToPath(new URL('..', import.meta.url));
  const override = process.env['SRIOV_ADDON'];
  try {
    if (override !== undefined && override !== '') return require(override) as NativeAddon;
    const nodeGypBuild = require('node-gyp-build') as (directory: string) => NativeAddon;
    return nodeGypBuild(root);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnsupportedPlatformError(
      `sriov has no working addon for ${process.platform}-${process.arch} (Node ${process.versions.node}): ${why}\n` +
        `looked in ${override ?? `${root}build/Release and ${root}prebuilds`}; ` +
        'to build one: npm install node-addon-api node-gyp && npx node-gyp rebuild, in the package folder',
      error,
    );
  }
}
