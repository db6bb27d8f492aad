/**
 * `metrics.listen`: where metrics are asked for.
 *
 * Owns the form, and the rule that no other machine can ask: what is served has no access control of its own.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { isSocketPath } from './socket-path.ts';

export type Listen = { readonly host: string; readonly port: number } | { readonly path: string };

/** What is taken, for messages. */
export const LISTEN_FORMS = '127.0.0.1:PORT, [::1]:PORT, unix:PATH or null';

/** Reads one of {@link LISTEN_FORMS} but null; a text is what is wrong with the value. */
export function parseListen(text: string): Listen | string {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return isSocketPath(path) ? { path } : 'after unix: an absolute path of at most 107 bytes is expected';
  }
  const [, bracketed, plain, digits = ''] = /^(?:\[([^[\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '') return 'an address and a port are expected';
  if (port < 1 || port > 65_535) return 'the port must be from 1 to 65535';
  if (plain === 'localhost') return 'a name may mean any address; write 127.0.0.1 or [::1]';
  const host = bracketed ?? plain ?? '';
  const isAddress = bracketed === undefined ? isIPv4(host) : isIPv6(host) && !host.includes('%');
  if (!isAddress) return 'the address must be one of IPv4, or one of IPv6 in brackets';
  if (bracketed === undefined && host.startsWith('127.')) return { host, port };
  if (bracketed !== undefined && new URL(`http://[${host}]`).hostname === '[::1]') {
    return { host: '::1', port };
  }
  return 'only this machine may ask: listen on 127.0.0.1, [::1] or unix:PATH, and put a reverse proxy in front that says who else may';
}

/** The text that {@link parseListen} reads back. */
export function formatListen(listen: Listen): string {
  if ('path' in listen) return `unix:${listen.path}`;
  return listen.host.includes(':') ? `[${listen.host}]:${listen.port}` : `${listen.host}:${listen.port}`;
}
