/**
 * Metrics that are counted as events come.
 *
 * Owns which event counts where. Labels are PFs, attributes, errno names and words of the events' types, of all of
 * which a host has few; never ports.
 */
import type { AgentEvent } from '../events.ts';
import type { Metrics } from './registry.ts';

const SECOND = 1000;

/** @returns takes each event */
// oxlint-disable-next-line max-lines-per-function -- one line for each metric
export function eventMetrics(metrics: Metrics): (event: AgentEvent) => void {
  const events = metrics.counter('sriov_agent_events_total', 'Events of the agent.', ['type']);
  const looks = metrics.counter('sriov_agent_reconciles_total', 'Looks at a PF, by what caused them.', [
    'trigger',
  ]);
  const lookSeconds = metrics.histogram(
    'sriov_agent_reconcile_duration_seconds',
    'Time of one look at a PF, repairs included.',
  );
  const eventLag = metrics.histogram(
    'sriov_agent_event_lag_seconds',
    'From the first unheeded event of a PF to the beginning of the look at it.',
  );
  const repairLag = metrics.histogram(
    'sriov_agent_repair_lag_seconds',
    'From the event that told of a drift to the repaired state.',
  );
  const checked = metrics.counter('sriov_agent_ports_checked_total', 'Ports that were compared.');
  const drifts = metrics.counter(
    'sriov_agent_drifts_total',
    'Attributes of VFs that were found not as their port wants them.',
    ['pf', 'attribute'],
  );
  const recreated = metrics.counter(
    'sriov_agent_recreated_total',
    'VFs of ports that were found to be made anew.',
    ['pf'],
  );
  const repairs = metrics.counter('sriov_agent_repairs_total', 'VFs that were put right again.', ['pf']);
  const repairFailures = metrics.counter(
    'sriov_agent_repair_failures_total',
    'Attempts to put a VF right that failed, by errno or code.',
    ['pf', 'code'],
  );
  const lost = metrics.counter('sriov_agent_lost_total', 'Ports that lost their function.', ['pf']);
  const found = metrics.counter('sriov_agent_found_total', 'Ports that have a lost function again.', ['pf']);
  const guestMacs = metrics.counter(
    'sriov_agent_guest_macs_total',
    'MACs that guests of trusted VFs chose, and that were left.',
    ['pf'],
  );
  const leftOvers = metrics.counter(
    'sriov_agent_left_overs_total',
    'Claims without a binding: released, or kept since they could not be.',
    ['outcome'],
  );
  const work = metrics.counter(
    'sriov_agent_work_recovered_total',
    'Half-done work of processes that are gone, by kind and outcome.',
    ['kind', 'outcome'],
  );
  const bindRetries = metrics.counter(
    'sriov_agent_bind_retries_total',
    'Ports that were tried again after they could not be bound: bound, or refused again.',
    ['result'],
  );
  const overruns = metrics.counter(
    'sriov_agent_overruns_total',
    'Times that the kernel dropped notifications, so that every PF was looked at.',
    ['source'],
  );
  const troubles = metrics.counter(
    'sriov_agent_trouble_total',
    'Attempts that came to nothing by something that is no VF of a port.',
    ['part', 'code'],
  );
  const inTrouble = metrics.gauge(
    'sriov_agent_trouble',
    'Things that are in trouble now: PFs for part pf, else 0 or 1.',
    ['part'],
  );
  /** Names of what is in trouble, by part. */
  const current = new Map<string, Set<string>>();

  function setTrouble(part: string, name: string, isIn: boolean): void {
    const names = current.get(part) ?? new Set();
    current.set(part, names);
    if (isIn) names.add(name);
    else names.delete(name);
    inTrouble.set({ part }, names.size);
  }

  // Known from the beginning, so that an alert has a value to watch before the first trouble.
  for (const part of ['store', 'links', 'uevents', 'pf', 'api', 'metrics']) inTrouble.set({ part }, 0);
  for (const source of ['links', 'uevents']) overruns.inc({ source }, 0);

  return (event) => {
    events.inc({ type: event.type });
    switch (event.type) {
      case 'reconciled':
        looks.inc({ trigger: event.trigger });
        lookSeconds.observe(event.durationMs / SECOND);
        checked.inc(event.checked);
        if (event.lagMs !== null) eventLag.observe(event.lagMs / SECOND);
        return;
      case 'drift':
        for (const { attribute } of event.differences) drifts.inc({ pf: event.pf, attribute });
        if (event.recreated) recreated.inc({ pf: event.pf });
        return;
      case 'repaired':
        repairs.inc({ pf: event.pf });
        if (event.lagMs !== null) repairLag.observe(event.lagMs / SECOND);
        return;
      case 'repair-failed':
        repairFailures.inc({ pf: event.pf, code: event.code });
        return;
      case 'lost':
        lost.inc({ pf: event.pf });
        return;
      case 'found':
        found.inc({ pf: event.pf });
        return;
      case 'guest-mac':
        guestMacs.inc({ pf: event.pf });
        return;
      case 'left-over':
        leftOvers.inc({ outcome: event.released ? 'released' : 'kept' });
        return;
      case 'work':
        work.inc({ kind: event.kind, outcome: event.outcome });
        return;
      case 'bind-retried':
        bindRetries.inc({ result: event.bound ? 'bound' : 'refused' });
        return;
      case 'overrun':
        overruns.inc({ source: event.source });
        return;
      case 'trouble':
        troubles.inc({ part: event.part, code: event.code });
        setTrouble(event.part, event.pf ?? '', true);
        return;
      case 'trouble-over':
        setTrouble(event.part, event.pf ?? '', false);
        return;
      // Counted by their type; what they tell is in the status.
      case 'pf':
        // Of a PF that is gone no end of its trouble is told.
        if (event.state === 'absent') setTrouble('pf', event.pf, false);
        return;
      case 'port':
      case 'started':
      case 'ready':
      case 'reloaded':
      case 'stopping':
      case 'stopped':
    }
  };
}
