/**
 * Ports that could not be bound on this host, tried again when functions become available.
 *
 * Owns when. A try that would be refused is found out without writing anything, so that no history grows of it.
 */
import { bindingOn } from '../../binding/life/binding.ts';
import { formatPlace } from '../../binding/place.ts';
import type { PortRequest } from '../../binding/port.ts';
import type { BindingRecord, PortRecord } from '../../binding/record.ts';
import type { Ports } from '../../port/ports.ts';
import type { ReconcileSettings } from '../settings.ts';
import { backoffMs } from './backoff.ts';
import type { Recorder } from './recorder.ts';

/** Making VFs is told one by one; all of them are waited for. */
const GATHER_MS = 100;

export interface FailedBindingsParts {
  readonly host: string;
  readonly ports: () => Ports;
  /** Of all ports with a binding here. */
  readonly records: () => ReadonlyMap<string, PortRecord>;
  readonly settings: () => ReconcileSettings;
  readonly recorder: Recorder;
  readonly worked: () => void;
  readonly failed: (error: unknown) => void;
}

interface Attempts {
  readonly count: number;
  readonly until: number;
}

export class FailedBindings {
  readonly #parts: FailedBindingsParts;
  readonly #attempts = new Map<string, Attempts>();
  #timer: NodeJS.Timeout | undefined;
  #due = 0;
  /** A try is due soon, so that nobody needs to ask for one. */
  #gathering = false;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: FailedBindingsParts) {
    this.#parts = parts;
  }

  /** Something may be available that was not. */
  available(): void {
    if (this.#gathering || !this.#parts.settings().retryFailed || this.#failed().length === 0) return;
    this.#gathering = true;
    this.#arm(GATHER_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #failed(): PortRecord[] {
    const { host, records } = this.#parts;
    return [...records().values()].filter((record) => isRetried(bindingOn(record, host)));
  }

  #arm(ms: number): void {
    if (this.#stopped) return;
    const due = performance.now() + ms;
    if (this.#timer !== undefined && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#gathering = false;
      this.#running = (this.#running ?? Promise.resolve())
        .then(() => this.#try())
        .then(this.#parts.worked, this.#parts.failed);
    }, ms);
  }

  async #try(): Promise<void> {
    const { host, ports, settings, recorder } = this.#parts;
    const now = performance.now();
    const failed = this.#failed();
    const ids = new Set(failed.map(({ port }) => port.id));
    for (const id of this.#attempts.keys()) if (!ids.has(id)) this.#attempts.delete(id);
    const ready = failed.filter(({ port }) => (this.#attempts.get(port.id)?.until ?? 0) <= now);
    const waits = failed.flatMap(({ port }) => this.#attempts.get(port.id)?.until ?? []);
    const next = Math.min(...waits.filter((until) => until > now));
    if (Number.isFinite(next)) this.#arm(next - now);
    if (ready.length === 0 || this.#stopped) return;
    const requests = ready.map((record) => requestOf(record, host));
    const plan = await ports().plan(requests);
    const possible = new Set(plan.bind.filter(({ refusals }) => refusals.length === 0).map(({ id }) => id));
    for (const { port } of ready) {
      const count = (this.#attempts.get(port.id)?.count ?? 0) + 1;
      this.#attempts.set(port.id, { count, until: now + backoffMs(count, settings()) });
    }
    if (possible.size === 0 || this.#stopped) return;
    const report = await ports().bind(requests.filter(({ port }) => possible.has(port.id)));
    for (const { id, binding, refusals } of report.ports) {
      const bound = refusals.length === 0;
      if (bound) this.#attempts.delete(id);
      const place = bound && binding?.place ? formatPlace(binding.place) : null;
      const reasons = refusals.map(({ message }) => message);
      recorder.tell({ type: 'bind-retried', port: id, bound, place, reasons });
    }
  }
}

/** One that asked for a place which the record does not name, as profiles can't, must not get another. */
function isRetried(binding: BindingRecord | undefined): boolean {
  if (binding?.vif_type !== 'binding_failed') return false;
  const { profile, failures } = binding;
  if (profile['pci_slot'] !== undefined || profile['pci_vendor_info'] !== undefined) return true;
  return !(failures.at(-1)?.refusals.some(({ code }) => code === 'NOT_REQUESTED') ?? false);
}

/** As it was asked for. */
function requestOf({ port, network, bindings }: PortRecord, host: string): PortRequest {
  const binding = bindings.find((one) => one.host === host);
  return { port, network, vnic_type: binding?.vnic_type ?? 'normal', profile: binding?.profile ?? {} };
}
