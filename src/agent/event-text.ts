/**
 * An event of the agent as one line for people.
 *
 * Owns the sentences, without time and number of the event. It decides nothing and never breaks a line.
 */
import type { AgentEventBody, Difference } from './events.ts';

/** `1 port`, `2 ports`. */
function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function ms(value: number): string {
  if (value >= 10_000) return `${Math.round(value / 1000)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function later(retryInMs: number | null): string {
  return retryInMs === null ? '' : `; again in ${ms(retryInMs)}`;
}

function lag(lagMs: number | null): string {
  return lagMs === null ? '' : `, ${ms(lagMs)} after the event`;
}

/** `100`, `{"id":100}`; absent = not reported. */
function shown(value: unknown): string {
  if (value === undefined) return 'not reported';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `vlan {"id":7} instead of {"id":100}`, one for each, as a list. */
export function differencesText(differences: readonly Difference[]): string {
  return differences
    .map(({ attribute, wanted, found }) => `${attribute} ${shown(found)} instead of ${shown(wanted)}`)
    .join(', ');
}

function sentence(event: AgentEventBody): string {
  switch (event.type) {
    case 'reconciled': {
      const done = [
        ...(event.repaired > 0 ? [`${event.repaired} repaired`] : []),
        ...(event.failed > 0 ? [`${event.failed} failed`] : []),
      ];
      const result = done.length === 0 ? 'as they should be' : done.join(', ');
      const effort = `${ms(event.durationMs)}, ${count(event.dumps, 'dump')}, ${count(event.messages, 'message')}`;
      return `${event.pf}: ${count(event.checked, 'port')} ${result} (${event.trigger}; ${effort}${lag(event.lagMs)})`;
    }
    case 'drift': {
      const what = differencesText(event.differences);
      const why = event.recreated ? `made anew since${what === '' ? '' : `: ${what}`}` : what;
      return `${event.place}: not as port ${event.port} wants it (${event.trigger}): ${why}`;
    }
    case 'repaired': {
      const what = event.attributes.length === 0 ? 'nothing to set' : event.attributes.join(', ');
      return `${event.place}: repaired for port ${event.port}: ${what}${event.recreated ? ', made anew' : ''}${lag(event.lagMs)}`;
    }
    case 'repair-failed':
      return `${event.place}: not repaired for port ${event.port}: ${event.code}: ${event.message} (attempt ${event.attempt}${later(event.retryInMs)})`;
    case 'lost':
      return `${event.place}: lost to port ${event.port}: ${event.message}`;
    case 'found':
      return `${event.place}: there again for port ${event.port}, and as it should be`;
    case 'guest-mac':
      return `${event.place}: the guest of port ${event.port} uses MAC ${event.found} instead of ${event.wanted}, as trust allows`;
    case 'left-over':
      return `${event.place}: left over from port ${event.port}, ${event.released ? 'given back' : `not given back: ${event.message}`}`;
    case 'work': {
      const ports = event.ports.length > 5 ? count(event.ports.length, 'port') : event.ports.join(', ');
      return `half-done ${event.kind} of ${ports}: ${event.outcome}${event.message === '' ? '' : `: ${event.message}`}`;
    }
    case 'port': {
      if (event.binding === null) return `port ${event.port}: gone from this host`;
      const { vifType, status, portStatus, place } = event.binding;
      return `port ${event.port}: ${vifType}${place === null ? '' : ` at ${place}`}, binding ${status}, port ${portStatus}`;
    }
    case 'bind-retried':
      return event.bound
        ? `port ${event.port}: bound at ${event.place ?? 'no function'} after another attempt`
        : `port ${event.port}: refused again: ${event.reasons.join('; ')}`;
    case 'pf':
      return `${event.pf}: ${event.state}${event.netDevice === null ? '' : ` as ${event.netDevice}`}`;
    case 'overrun':
      return `the kernel dropped notifications (${event.source}); every PF is looked at`;
    case 'trouble': {
      const where = event.pf === null ? event.part : `${event.part} ${event.pf}`;
      return `trouble with ${where}: ${event.code}: ${event.message} (attempt ${event.attempt}${later(event.retryInMs)})`;
    }
    case 'trouble-over':
      return `${event.pf === null ? event.part : `${event.part} ${event.pf}`} works again`;
    case 'started':
    case 'ready':
    case 'reloaded':
    case 'stopping':
    case 'stopped':
      return event.message === '' ? event.type : `${event.type}: ${event.message}`;
  }
}

/** One line, without a line break at its end. */
export function eventText(event: AgentEventBody): string {
  // Messages may come from the kernel or the store, and a line of a log must stay one.
  return sentence(event).replaceAll(/\s*[\r\n]+\s*/g, ' ');
}
