// @ts-check
/**
 * The caller's terminal and signals, for a command in the guest.
 *
 * Owns raw mode and the signal handlers of this process, and puts back both.
 */

/** @typedef {import("./run.mjs").Control} Control */

const FORWARDED = /** @type {NodeJS.Signals[]} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);

/**
 * Hands this process's signals to the command; it decides whether it ends.
 * @returns {{ onStart: (control: Control) => void, detach: () => void }}
 */
export function forwardSignals() {
	/** @type {Control | null} */
	let control = null;
	let interrupts = 0;
	const forward = (/** @type {NodeJS.Signals} */ name) => {
		// A command that ignores two interrupts is killed by the third.
		const stubborn = name === "SIGINT" && ++interrupts > 2;
		control?.signal(stubborn ? "SIGKILL" : name);
	};
	for (const name of FORWARDED) process.on(name, forward);
	return {
		onStart: (started) => (control = started),
		detach: () => {
			for (const name of FORWARDED) process.off(name, forward);
		},
	};
}

/**
 * Puts the terminal into raw mode, so that every key reaches the guest's terminal, Ctrl-C included.
 * @returns {{ size: { rows: number, columns: number }, onStart: (control: Control) => void, detach: () => void }}
 */
export function attachTerminal() {
	const size = () => ({ rows: process.stdout.rows ?? 24, columns: process.stdout.columns ?? 80 });
	/** @type {Control | null} */
	let control = null;
	const resized = () => control?.resize(size());
	process.stdout.on("resize", resized);
	if (process.stdin.isTTY) process.stdin.setRawMode(true);
	return {
		size: size(),
		onStart: (started) => (control = started),
		detach: () => {
			process.stdout.off("resize", resized);
			if (process.stdin.isTTY) process.stdin.setRawMode(false);
		},
	};
}
