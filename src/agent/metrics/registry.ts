/**
 * How metrics are made: in a registry of their own, each with its name, its meaning and its labels.
 *
 * Owns the buckets of all histograms. Never touches the default registry of prom-client, which other code of the same
 * process may use, and starts no timer.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** From half a millisecond, a good answer of rtnetlink, to ten seconds, a driver in trouble. In seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class Metrics {
  readonly registry: Registry = new Registry();

  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  gauge<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  /** Of seconds. */
  histogram(name: string, help: string): Histogram {
    return new Histogram({ name, help, buckets: BUCKETS, registers: [this.registry] });
  }
}
