/**
 * What is known of PFs and ports from events, for those who ask and for those who are told.
 */
import { bindingOn } from '../../binding/life/binding.ts';
import { formatPlace } from '../../binding/place.ts';
import type { PortRecord } from '../../binding/record.ts';
import type { LinkState } from '../../events/link.ts';
import type { AgentEventBody, PortChanged, Trigger } from '../events.ts';
import type { PfView } from '../status.ts';
import type { Looked } from './look.ts';

type LastLook = NonNullable<PfView['lastLook']>;

export interface PfRow {
  readonly state: PfView['state'];
  readonly netDevice: string | null;
  readonly lastLook: LastLook | null;
}

const UNKNOWN: PfRow = { state: 'absent', netDevice: null, lastLook: null };

export class PfTable {
  readonly #rows = new Map<string, PfRow>();
  readonly #ports = new Map<string, string>();
  readonly #tell: (event: AgentEventBody) => void;

  constructor(tell: (event: AgentEventBody) => void) {
    this.#tell = tell;
  }

  get(pf: string): PfRow {
    return this.#rows.get(pf) ?? UNKNOWN;
  }

  has(pf: string): boolean {
    return this.#rows.has(pf);
  }

  /** PFs of which something was seen. */
  get pfs(): Iterable<string> {
    return this.#rows.keys();
  }

  /** @param link - undefined = the PF has no network device here */
  link(pf: string, link: LinkState | undefined): void {
    const before = this.#rows.get(pf);
    const state = link === undefined ? 'absent' : link.up ? 'up' : 'down';
    const netDevice = link?.name ?? null;
    if (before?.state === state && before.netDevice === netDevice) return;
    this.#rows.set(pf, { lastLook: before?.lastLook ?? null, state, netDevice });
    this.#tell({ type: 'pf', pf, state, netDevice });
  }

  looked(pf: string, trigger: Trigger, { durationMs, repaired, failed }: Looked): void {
    const lastLook = { at: new Date().toISOString(), trigger, durationMs, repaired, failed };
    this.#rows.set(pf, { ...this.get(pf), lastLook });
  }

  /** Tells of a port whose binding on `host` is another now, or whose status is. */
  tellPort(port: string, record: PortRecord | undefined, host: string): void {
    const binding = record && bindingOn(record, host);
    const now: PortChanged['binding'] =
      binding === undefined || record === undefined
        ? null
        : {
            vifType: binding.vif_type,
            status: binding.status,
            portStatus: record.status,
            place: binding.place === null ? null : formatPlace(binding.place),
          };
    const text = JSON.stringify(now);
    if (this.#ports.get(port) === text) return;
    if (now === null) this.#ports.delete(port);
    else this.#ports.set(port, text);
    this.#tell({ type: 'port', port, binding: now });
  }
}
