/**
 * Metrics of the requests to the kernel.
 *
 * Owns how a report becomes counts. What several requests had in common is divided among them, so that sums are true.
 */
import type { ProgramReport } from '../../vf/report.ts';
import type { HostMeter } from './counted-host.ts';
import type { Metrics } from './registry.ts';

const SECOND = 1000;

export function hostMetrics(metrics: Metrics): HostMeter {
  const dumps = metrics.counter(
    'sriov_netlink_dumps_total',
    'rtnetlink requests that read all VFs of a PF: for a look, to verify, or for an inventory.',
    ['pf'],
  );
  const messages = metrics.counter(
    'sriov_netlink_messages_total',
    'rtnetlink messages that set something of VFs.',
    ['pf'],
  );
  const settings = metrics.counter(
    'sriov_netlink_settings_total',
    'Settings of VFs that the kernel accepted.',
    ['pf'],
  );
  const retries = metrics.counter(
    'sriov_netlink_retries_total',
    'Settings that were sent again after EBUSY, EAGAIN or EINTR.',
    ['pf'],
  );
  const refusals = metrics.counter(
    'sriov_netlink_setting_failures_total',
    'Settings that were refused, by errno name; NOT_APPLIED = accepted, but not shown by the driver.',
    ['pf', 'code'],
  );
  const errors = metrics.counter(
    'sriov_netlink_errors_total',
    'Requests that failed as a whole, by errno name or code.',
    ['pf', 'code'],
  );
  const readSeconds = metrics.histogram(
    'sriov_netlink_read_duration_seconds',
    'Time of one read of all VFs of a PF, the wait for the rtnl lock included.',
  );
  const programSeconds = metrics.histogram(
    'sriov_netlink_program_duration_seconds',
    'Time of one request to set VFs: its messages, its reads and its waits between retries, without the wait for its turn.',
  );
  const hold = metrics.histogram(
    'sriov_rtnl_hold_seconds',
    'Time of a request to set VFs divided by its messages: an upper bound of the mean time for which one of them held the rtnl lock, since the wait for the lock and between retries is in it.',
  );
  const inventorySeconds = metrics.histogram(
    'sriov_inventory_duration_seconds',
    'Time of one inventory of the host: sysfs, users of functions, and one read of each PF.',
  );

  return {
    onRead(pf, ms) {
      dumps.inc({ pf });
      readSeconds.observe(ms / SECOND);
    },
    onProgram(pf, report) {
      const share = 1 / report.coalesced;
      if (report.reads > 0) dumps.inc({ pf }, report.reads * share);
      messages.inc({ pf }, (report.messages - report.reads) * share);
      settings.inc({ pf }, report.applied);
      if (report.retries > 0) retries.inc({ pf }, report.retries * share);
      for (const { code } of report.failures) refusals.inc({ pf, code });
      observeTime(report);
    },
    onError(pf, code) {
      errors.inc({ pf, code });
    },
    onInventory(pfs, ms) {
      for (const pf of pfs) dumps.inc({ pf });
      inventorySeconds.observe(ms / SECOND);
    },
  };

  function observeTime({ messages: sent, durationMs }: ProgramReport): void {
    // Nothing was sent: all was as wanted before the kernel was asked.
    if (sent === 0) return;
    programSeconds.observe(durationMs / SECOND);
    hold.observe(durationMs / sent / SECOND);
  }
}
