/**
 * Ports of a host, ready to be worked with.
 *
 * Owns the putting together of store, host and policy.
 */
import { formatPlace } from '../binding/place.ts';
import type { PortRequest } from '../binding/port.ts';
import { type PortRecord, PORT_PREFIX, portKey } from '../binding/record.ts';
import { activatePort } from './activate-port.ts';
import { bindPorts, planBind } from './bind-ports.ts';
import type { Context } from './context.ts';
import { findDrift } from './find-drift.ts';
import { releaseLeftOver } from './left-over.ts';
import type { Ports, PortsOptions } from './ports.ts';
import { openWork, recoverWork } from './recover-work.ts';
import { releasePorts } from './release-ports.ts';
import { repair } from './repair.ts';
import type { PlanReport, RecoveredWork, RecoveryReport, ReleaseReport } from './report.ts';
import { recordOf } from './view.ts';

/**
 * The ports of a host. Nothing is done to the host before the first call; call `recover` first, as after a crash
 * or a boot VFs are not as their ports want them.
 *
 * @example
 * const ports = openPorts({ store: await openLmdbStore(), host: createLinuxHost() })
 * await ports.recover()
 * const report = await ports.bind([request])
 */
export function openPorts({ store, host, policy = {}, trustedMac = 'guest' }: PortsOptions): Ports {
  return new LocalPorts({ store, host, policy, trustedMac });
}

class LocalPorts implements Ports {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  bind(requests: readonly PortRequest[]): ReturnType<Ports['bind']> {
    return bindPorts(this.#context, requests);
  }

  async plan(requests: readonly PortRequest[]): Promise<PlanReport> {
    const work = (await openWork(this.#context)).map(({ id, journal, kept }): RecoveredWork => {
      const outcome = kept === undefined ? (journal.kind === 'release' ? 'finished' : 'undone') : 'kept';
      const message = kept ?? `begun ${journal.at} by process ${journal.process.pid}, which is gone`;
      return { journal: id, kind: journal.kind, ports: journal.ports, outcome, message };
    });
    const { repairs, lost } = await findDrift(this.#context);
    const restore = repairs.map(({ claim, changes }) => {
      return { port: claim.port, place: formatPlace(claim.place), changes };
    });
    return { bind: await planBind(this.#context, requests), restore, lost, work };
  }

  release(ids: readonly string[]): Promise<ReleaseReport> {
    return releasePorts(this.#context, ids);
  }

  activate(id: string): Promise<PortRecord> {
    return activatePort(this.#context, id);
  }

  async get(id: string): Promise<PortRecord | undefined> {
    return recordOf(await this.#context.store.get(portKey(id)));
  }

  async list(): Promise<readonly PortRecord[]> {
    const { entries } = await this.#context.store.range(PORT_PREFIX);
    return entries.flatMap((entry) => recordOf(entry) ?? []);
  }

  async recover(): Promise<RecoveryReport> {
    const work: RecoveredWork[] = [];
    let messages = 0;
    for (const open of await openWork(this.#context)) {
      const done = await recoverWork(this.#context, open);
      work.push(done.work);
      messages += done.messages;
    }
    const drift = await findDrift(this.#context);
    const released = await releaseLeftOver(this.#context, drift);
    messages += released?.messages ?? 0;
    const repaired = await repair(this.#context, drift);
    return {
      work,
      restored: repaired.restored,
      lost: [...(released?.notRestored ?? []), ...repaired.lost],
      messages: messages + repaired.messages,
    };
  }

  async collect(isAlive: (record: PortRecord) => boolean): Promise<ReleaseReport> {
    const { name } = this.#context.host;
    const dead = (await this.list()).filter(
      (record) => record.bindings.some(({ host }) => host === name) && !isAlive(record),
    );
    return releasePorts(
      this.#context,
      dead.map(({ port }) => port.id),
    );
  }
}
