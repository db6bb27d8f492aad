/**
 * The kernel's uevents, for all watches of one JavaScript environment.
 *
 * Owns the one table of devices, and which reader is told what. Never calls a reader's code: it only fills queues.
 */
import { DeviceTable, type ScannedDevice } from './device-table.ts';
import { type MonitorNative, SYNC_AFTER_LOSS, SYNC_NONE, UEVENTS, type UeventNews } from './native.ts';
import { type KeepAlive, type Reader, SharedSource } from './source.ts';
import { type DeviceUevent, type HostUevent, parseUevent, type UeventSubsystem } from './uevent.ts';
import { UeventQueue } from './uevent-queue.ts';
import { QueueWatch, type Watch } from './watch.ts';

/** What one watch wants, checked. */
export interface UeventWant {
  /** Undefined for all. */
  readonly subsystems: ReadonlySet<UeventSubsystem> | undefined;
  readonly persistent: boolean;
  readonly signal: AbortSignal | undefined;
}

export class UeventMonitor {
  readonly #source: SharedSource<UeventReader>;
  readonly #devices = new DeviceTable();
  /** The first scan is in. */
  #synced = false;

  constructor(native: MonitorNative, keepAlive: KeepAlive) {
    this.#source = new SharedSource(
      native,
      keepAlive,
      UEVENTS,
      (source) => this.#take(native.takeUevents(source)),
      () => this.#forget(),
    );
  }

  watch(want: UeventWant): Watch<HostUevent> {
    const reader = this.#source.join((onClose) => new UeventReader(want, onClose), want.signal);
    if (this.#synced) reader.sync(false);
    return reader.watch;
  }

  #forget(): void {
    this.#devices.clear();
    this.#synced = false;
  }

  #take([errno, sync, devices, uevents]: UeventNews): void {
    if (sync !== SYNC_NONE) this.#scan(devices, sync === SYNC_AFTER_LOSS);
    for (const text of uevents) {
      const uevent = parseUevent(text);
      if (this.#devices.apply(uevent)) this.#tell(uevent);
    }
    for (const reader of [...this.#source.readers]) reader.watch.wake();
    if (errno !== 0) this.#source.fail(errno);
  }

  #scan(devices: readonly string[], afterLoss: boolean): void {
    const found: ScannedDevice[] = [];
    for (let at = 0; at < devices.length; at += 4) {
      const [subsystem, device = '', path = '', driver] = devices.slice(at, at + 4);
      found.push({ subsystem: subsystem as UeventSubsystem, device, path, driver: driver || null });
    }
    // The first scan is what there is, not what came.
    for (const uevent of this.#devices.scan(found)) if (this.#synced) this.#tell(uevent);
    this.#synced = true;
    for (const reader of this.#source.readers) reader.sync(afterLoss);
  }

  #tell(uevent: DeviceUevent): void {
    for (const reader of this.#source.readers) reader.push(uevent);
  }
}

/** One watch: its queue, and what of everything it is told. */
class UeventReader implements Reader {
  readonly watch: QueueWatch<HostUevent>;
  readonly persistent: boolean;
  readonly #queue = new UeventQueue();
  readonly #subsystems: ReadonlySet<UeventSubsystem> | undefined;

  constructor(want: UeventWant, onClose: () => void) {
    this.persistent = want.persistent;
    this.#subsystems = want.subsystems;
    this.watch = new QueueWatch(this.#queue, onClose);
  }

  push(uevent: DeviceUevent): void {
    if (this.#subsystems?.has(uevent.subsystem) ?? true) this.#queue.push(uevent);
  }

  sync(afterLoss: boolean): void {
    this.#queue.sync(afterLoss);
  }
}
