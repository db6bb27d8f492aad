/**
 * The part of the addon that sends and receives frames: the twin of `native/node/frame_binding.cc`.
 *
 * Owns its typed interface; `frame-tap.ts` gives it meaning.
 */

/** A packet socket; every call returns at once. */
export interface NativeFrameSocket {
  /** 0 or a negative errno. */
  open(ifindex: number, promiscuous: boolean): number;
  /** 0 or a negative errno. */
  send(frame: Uint8Array): number;
  /** Undefined when there is no frame now; a negative errno; or length, tag (TCI, -1 without), TPID. */
  receive(buffer: Uint8Array): readonly [length: number, tci: number, tpid: number] | number | undefined;
  close(): void;
}

export interface FrameNative {
  readonly FrameSocket: new () => NativeFrameSocket;
}
