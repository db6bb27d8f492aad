/**
 * Which of the kernel's announcements of a PF are the agent's own doing.
 *
 * The kernel announces a PF once for each RTM_SETLINK that changed something, while the PF is up, before the message
 * is acknowledged (do_setlink, net/core/rtnetlink.c: netdev_state_change), and does not say who asked. So what was sent
 * is subtracted from what is heard; what is left over is someone else's. Owns that sum. It errs on the side of one
 * look too many: credit that is not used up soon is forgotten.
 */

/** How long after a request its announcements may still be on their way to the event loop, in ms. */
const CREDIT_MS = 2000;

export class Echo {
  readonly #credit = new Map<string, { count: number; readonly until: number }>();
  readonly #held = new Map<string, number>();

  /** Messages that were acknowledged. */
  sent(pf: string, messages: number, now: number = performance.now()): void {
    if (messages <= 0) return;
    const before = this.#valid(pf, now)?.count ?? 0;
    this.#credit.set(pf, { count: before + messages, until: now + CREDIT_MS });
  }

  /** The PF's credit is void: it may have been sent something that was not announced. */
  forget(pf: string): void {
    this.#credit.delete(pf);
  }

  /** @returns how many of these announcements are not ours */
  heard(pf: string, announcements: number, now: number = performance.now()): number {
    const credit = this.#valid(pf, now);
    if (credit === undefined) return announcements;
    const ours = Math.min(credit.count, announcements);
    credit.count -= ours;
    if (credit.count === 0) this.#credit.delete(pf);
    return announcements - ours;
  }

  /** Keeps announcements back until the messages that are under way are acknowledged and counted. */
  hold(pf: string, announcements: number): void {
    this.#held.set(pf, (this.#held.get(pf) ?? 0) + announcements);
  }

  /** @returns as {@link heard}, of those that were kept back */
  release(pf: string, now: number = performance.now()): number {
    const held = this.#held.get(pf) ?? 0;
    this.#held.delete(pf);
    return held === 0 ? 0 : this.heard(pf, held, now);
  }

  #valid(pf: string, now: number): { count: number } | undefined {
    const credit = this.#credit.get(pf);
    if (credit === undefined || credit.until >= now) return credit;
    this.#credit.delete(pf);
    return undefined;
  }
}
