/**
 * What the agent's process costs, looked up when it is asked for.
 *
 * Owns the names, which are those that Prometheus' own clients use. Starts nothing.
 */
import { readdirSync } from 'node:fs';
import type { Metrics } from './registry.ts';

const MICROSECONDS = 1e6;

/** @returns looks it up */
export function processMetrics(metrics: Metrics): () => void {
  const user = metrics.counter('process_cpu_user_seconds_total', 'CPU time spent in user mode.');
  const system = metrics.counter('process_cpu_system_seconds_total', 'CPU time spent in the kernel.');
  const resident = metrics.gauge('process_resident_memory_bytes', 'Memory that is resident.');
  const heap = metrics.gauge('nodejs_heap_size_used_bytes', 'Memory that JavaScript objects use.');
  const fds = metrics.gauge(
    'process_open_fds',
    'File descriptors that are open; 0 where /proc is not there.',
  );
  const start = metrics.gauge('process_start_time_seconds', 'When the process began, since 1970.');
  start.set(Math.round(performance.timeOrigin) / 1000);
  return () => {
    const cpu = process.cpuUsage();
    user.reset();
    user.inc(cpu.user / MICROSECONDS);
    system.reset();
    system.inc(cpu.system / MICROSECONDS);
    const memory = process.memoryUsage();
    resident.set(memory.rss);
    heap.set(memory.heapUsed);
    fds.set(openDescriptors());
  };
}

function openDescriptors(): number {
  try {
    // The list itself is one.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return 0;
  }
}
