/**
 * SR-IOV attributes for any object that is a port, handled and persisted by composing one thing: the
 * `SRIOVPortProfileMixin` that Neutron's developers spoke of in 2014 and never had.
 *
 * Owns what is kept of a port whose source may know no vnic type or profile, and the keys for it. It never writes to
 * the source, and knows nothing of how that loads and saves its ports.
 */
import { InvalidConfigError } from '../errors.ts';
import type { Json, Store } from '../store/store.ts';
import { bindingJsonLength, MAX_BINDING_JSON } from './limits.ts';
import type { BindingProfile } from './profile.ts';
import { VNIC_TYPES, type VnicType } from './vnic-type.ts';

/** `sriov-port/<id>`: what the mixin keeps of a port. */
export const SRIOV_PORT_PREFIX = 'sriov-port/';

/** How to read a port of some source. A source that does not know an attribute leaves its function out. */
export interface PortAccess<P> {
  /** Lasting and unique within the source. */
  readonly id: (port: P) => string;
  /** Null or undefined: this port does not say. */
  readonly vnicType?: (port: P) => unknown;
  readonly profile?: (port: P) => unknown;
}

export interface SriovAttributes {
  /** `normal` when neither the source nor the mixin's store says. */
  readonly vnic_type: VnicType;
  /** Empty when none is known. */
  readonly profile: BindingProfile;
  /** Of what is kept; 0 = nothing is. To be given to `save`. */
  readonly revision: number;
}

/** Null = no longer kept; absent = as it is. */
export interface SriovChanges {
  readonly vnic_type?: VnicType | 'virtio' | null;
  readonly profile?: BindingProfile | null;
}

/** What {@link withSriovPort} gives. */
export interface SriovPorts<P> {
  /**
   * What the source says; what it does not say, from the store.
   *
   * @throws InvalidConfigError - the source says something that is no vnic type or profile
   * @throws StoreError
   */
  load(port: P): Promise<SriovAttributes>;
  /**
   * Keeps attributes of a port. What the source says itself goes before them whenever it is loaded.
   *
   * @param revision as loaded, so that nobody's change in between is lost
   * @returns as `load` would
   * @throws InvalidConfigError - not a vnic type or profile, or a profile of more than 4095 characters as JSON
   * @throws StoreConflictError - saved by someone else since; load anew
   */
  save(port: P, changes: SriovChanges, revision: number): Promise<SriovAttributes>;
  /** Keeps nothing of a port any more; for when it is deleted. */
  forget(port: P): Promise<void>;
}

interface Kept {
  readonly vnic_type?: VnicType;
  readonly profile?: BindingProfile;
}

/**
 * @example
 * const sriov = withSriovPort<Row>(store, { id: (row) => row.uuid });
 * const { revision } = await sriov.load(row);
 * await sriov.save(row, { vnic_type: 'direct', profile: { physical_network: 'physnet1' } }, revision);
 */
export function withSriovPort<P>(store: Pick<Store, 'get' | 'commit'>, access: PortAccess<P>): SriovPorts<P> {
  const keyOf = (port: P): string => `${SRIOV_PORT_PREFIX}${access.id(port)}`;

  const load = async (port: P): Promise<SriovAttributes> => {
    const entry = await store.get(keyOf(port));
    return merge(port, access, (entry?.value ?? {}) as unknown as Kept, entry?.revision ?? 0);
  };

  return {
    load,
    async save(port, changes, revision) {
      const key = keyOf(port);
      const entry = await store.get(key);
      const kept = change((entry?.value ?? {}) as unknown as Kept, changes);
      const value = JSON.parse(JSON.stringify(kept)) as Json;
      const now = await store.commit({ guards: [{ key, revision }], changes: [{ key, value }] });
      return merge(port, access, kept, now);
    },
    async forget(port) {
      await store.commit({ changes: [{ key: keyOf(port), value: undefined }] });
    },
  };
}

function merge<P>(port: P, access: PortAccess<P>, kept: Kept, revision: number): SriovAttributes {
  const type = access.vnicType?.(port) ?? kept.vnic_type;
  const profile = access.profile?.(port) ?? kept.profile;
  return { vnic_type: toVnicType(type), profile: toProfile(profile), revision };
}

function change({ vnic_type, profile }: Kept, changes: SriovChanges): Kept {
  const type = changes.vnic_type === undefined ? vnic_type : changes.vnic_type;
  const next = changes.profile === undefined ? profile : changes.profile;
  return {
    ...(type != null && { vnic_type: toVnicType(type) }),
    ...(next != null && { profile: toProfile(next) }),
  };
}

/** Absent and null are `normal` (LP#1370077: Nova once crashed), `virtio` is its name of 2014. */
function toVnicType(value: unknown): VnicType {
  if (value === undefined || value === null || value === 'virtio') return 'normal';
  const known = VNIC_TYPES.find((type) => type === value);
  if (known !== undefined) return known;
  throw new InvalidConfigError(
    `${JSON.stringify(value)} is no vnic type; use one of ${VNIC_TYPES.join(', ')}`,
  );
}

function toProfile(value: unknown): BindingProfile {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new InvalidConfigError('binding:profile must be an object of keys and values, or null');
  }
  // Only what JSON keeps is stored, and counts.
  const length = bindingJsonLength(JSON.parse(JSON.stringify(value)));
  if (length > MAX_BINDING_JSON) {
    throw new InvalidConfigError(
      `binding:profile is ${length} characters as JSON; ${MAX_BINDING_JSON} are allowed`,
    );
  }
  return value as BindingProfile;
}
