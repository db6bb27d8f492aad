/**
 * What is to be undone at the end, last things first.
 *
 * Owns the order, and that one that fails does not keep the others from being done.
 */
export type End = () => void | Promise<void>;

export class Ends {
  readonly #ends: End[] = [];

  add(end: End): void {
    this.#ends.push(end);
  }

  /** Each once. @returns what failed */
  async all(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      try {
        await end();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
