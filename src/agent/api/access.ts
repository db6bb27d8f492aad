/**
 * Who may ask the agent, and who may have it change something.
 *
 * Owns the decision, made from what the kernel says of the peer (SO_PEERCRED, unix(7)); never from what the peer says.
 */
import { InvalidConfigError } from '../../errors.ts';
import { nearest } from '../../suggest.ts';
import type { Peer } from '../os/peer.ts';
import type { Allowed, ApiSettings } from '../settings.ts';
import { type Accounts, createAccounts } from './accounts.ts';

export type Right = 'read' | 'write';

export interface Access {
  may(peer: Peer, right: Right): boolean;
  /** Why not, for the peer: who it is, and which setting says so. */
  refusal(peer: Peer, right: Right): string;
  /** Whether somebody beside root and the agent's own user may do anything. */
  readonly others: boolean;
}

function checkNames(
  setting: string,
  names: readonly (string | number)[],
  known: ReadonlyMap<string, number>,
  file: string,
): void {
  for (const name of names) {
    if (typeof name === 'number' || known.has(name)) continue;
    const meant = nearest(name, [...known.keys()]);
    throw new InvalidConfigError(
      `${setting}: ${JSON.stringify(name)} is not in ${file}; ${meant === undefined ? '' : `did you mean ${meant}? `}` +
        'An account of a directory service has to be given by number',
    );
  }
}

function checkAllowed(setting: string, { users, groups }: Allowed, accounts: Accounts): void {
  if (users.some((user) => typeof user === 'string')) {
    checkNames(`${setting}.users`, users, accounts.users(), '/etc/passwd');
  }
  if (groups.some((group) => typeof group === 'string')) {
    checkNames(`${setting}.groups`, groups, accounts.groups(), '/etc/group');
  }
}

function has(
  list: readonly (string | number)[],
  numbers: readonly number[],
  names: () => ReadonlyMap<string, number>,
): boolean {
  return list.some((entry) => {
    // A name that was taken away since then matches nobody.
    const number = typeof entry === 'number' ? entry : names().get(entry);
    return number !== undefined && numbers.includes(number);
  });
}

/** Whether these settings name the peer. Root and the agent's own user are always allowed. */
export function allowed(
  peer: Peer,
  { users, groups }: Allowed,
  agentUid: number,
  accounts: Accounts,
): boolean {
  if (peer.uid === 0 || peer.uid === agentUid) return true;
  return has(users, [peer.uid], accounts.users) || has(groups, [peer.gid, ...peer.groups], accounts.groups);
}

/**
 * @throws InvalidConfigError - a name that this host does not know
 */
export function createAccess(
  { read, write }: Pick<ApiSettings, 'read' | 'write'>,
  agentUid: number,
  accounts: Accounts = createAccounts(),
): Access {
  checkAllowed('api.read', read, accounts);
  checkAllowed('api.write', write, accounts);
  const may = (peer: Peer, right: Right): boolean =>
    allowed(peer, write, agentUid, accounts) || (right === 'read' && allowed(peer, read, agentUid, accounts));
  return {
    may,
    refusal: (peer, right) => {
      const name = [...accounts.users()].find(([, uid]) => uid === peer.uid)?.[0];
      const who = `${name === undefined ? 'user' : `user ${name},`} uid ${peer.uid}, gid ${peer.gid} (process ${peer.pid})`;
      const [what, where] =
        right === 'write' ? ['change anything', 'api.write'] : ['ask', 'api.read or api.write'];
      return `${who} may not ${what}: name the user or one of its groups in ${where} of the agent's configuration`;
    },
    others: [read, write].some(({ users, groups }) => users.length + groups.length > 0),
  };
}
