/**
 * The level of each event.
 *
 * Owns the decision, by this rule: one decision of the agent is one line at `info` and above. What only leads to a
 * decision, found nothing to do, or says again what was said is `debug`.
 */
import type { AgentEventBody } from '../events.ts';
import type { LogLevel } from './log.ts';

/** Of what fails again and again, the first and each tenth attempt are told. */
const EACH = 10;

function atFirst(attempt: number, level: LogLevel): LogLevel {
  return attempt === 1 || attempt % EACH === 0 ? level : 'debug';
}

export function levelOf(event: AgentEventBody): LogLevel {
  switch (event.type) {
    // What came of it has a line of its own.
    case 'reconciled':
    case 'drift':
      return 'debug';
    // The decision of whoever bound or released the port.
    case 'port':
      return 'debug';
    case 'repair-failed':
      return atFirst(event.attempt, 'warn');
    case 'trouble':
      return atFirst(event.attempt, 'error');
    case 'lost':
    case 'overrun':
      return 'warn';
    case 'left-over':
      return event.released ? 'info' : 'warn';
    case 'repaired':
    case 'found':
    case 'guest-mac':
    case 'work':
    case 'bind-retried':
    case 'pf':
    case 'trouble-over':
    case 'started':
    case 'ready':
    case 'reloaded':
    case 'stopping':
    case 'stopped':
      return 'info';
  }
}
