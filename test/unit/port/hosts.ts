/** Several hosts on one store, whose work is that of this process and alive for as long as it is at it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CLAIM_PREFIX } from '../../../src/binding/record.ts';
import { formatPlace } from '../../../src/binding/place.ts';
import { openPorts } from '../../../src/port/open.ts';
import type { Ports } from '../../../src/port/ports.ts';
import { bootId } from '../../../src/port/process.ts';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { MemoryHost } from './memory-host.ts';
import { type Death, mortal } from './mortal.ts';

export interface HostsWorld {
  readonly store: Store;
  readonly a: MemoryHost;
  readonly b: MemoryHost;
  readonly c: MemoryHost;
  readonly on: (host: MemoryHost) => Ports;
  /** Does work on a host in a process that dies there. */
  readonly die: (host: MemoryHost, death: Death, work: (ports: Ports) => Promise<unknown>) => Promise<void>;
  /** Who claims what, as `a pf0/1 p1 bound`. */
  readonly claims: () => Promise<string[]>;
  readonly end: () => Promise<void>;
}

export async function makeHosts(
  pfs: Readonly<Record<string, number>> = { pf0: 2, pf1: 2 },
): Promise<HostsWorld> {
  const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const directory = mkdtempSync(path.join(memory, 'sriov-hosts-'));
  const store = await openLmdbStore(directory);
  const make = (name: string): MemoryHost => {
    const host = new MemoryHost(name, pfs);
    host.bootId = bootId();
    return host;
  };
  const [a, b, c] = [make('a'), make('b'), make('c')];
  return {
    store,
    a,
    b,
    c,
    on: (host) => openPorts({ store, host }),
    die: async (host, death, work) => {
      const process = mortal(store, [host], death);
      await process.run(() => work(openPorts({ store: process.store, host })));
      if (!process.isDead()) throw new Error(`it lived through ${process.points.join(', ')}`);
    },
    claims: async () => {
      const { entries } = await store.range(CLAIM_PREFIX);
      return entries.map(({ key, value }) => {
        const claim = value as unknown as {
          port: string;
          phase: string;
          place: Parameters<typeof formatPlace>[0];
        };
        return `${key.split('/')[1]} ${formatPlace(claim.place)} ${claim.port} ${claim.phase}`;
      });
    },
    end: async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}
