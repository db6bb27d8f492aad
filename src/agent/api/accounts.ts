/**
 * Users and groups of this host by name, from /etc/passwd and /etc/group (passwd(5), group(5)).
 *
 * Owns the reading. Node.js can't ask the name service, so accounts that are only in a directory have to be given by
 * number.
 */
import { readFileSync, statSync } from 'node:fs';

/** One file of `name:password:number:...` lines. */
class NameFile {
  readonly #path: string;
  #version = '';
  #numbers: ReadonlyMap<string, number> = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  /** As the file is now; read anew only when it was written. Nothing, when it can't be read. */
  numbers(): ReadonlyMap<string, number> {
    const version = this.#stamp();
    if (version === this.#version) return this.#numbers;
    const lines = version === '' ? [] : readFileSync(this.#path, 'utf8').split('\n');
    const entries = lines.flatMap((line): [string, number][] => {
      const [name, , number] = line.split(':');
      return name !== undefined && name !== '' && number !== undefined && /^\d+$/.test(number)
        ? [[name, Number(number)]]
        : [];
    });
    // The first entry of a name is the one that counts.
    this.#numbers = new Map(entries.reverse());
    this.#version = version;
    return this.#numbers;
  }

  #stamp(): string {
    try {
      const { mtimeNs, ino, size } = statSync(this.#path, { bigint: true });
      return `${mtimeNs}/${ino}/${size}`;
    } catch {
      return '';
    }
  }
}

export interface Accounts {
  readonly users: () => ReadonlyMap<string, number>;
  readonly groups: () => ReadonlyMap<string, number>;
}

/** @param folder - for tests */
export function createAccounts(folder = '/etc'): Accounts {
  const [users, groups] = [new NameFile(`${folder}/passwd`), new NameFile(`${folder}/group`)];
  return { users: () => users.numbers(), groups: () => groups.numbers() };
}
