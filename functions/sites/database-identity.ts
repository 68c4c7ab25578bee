/** When two names of a database mean the same one: only what is certain joins servers in one site (SRV-1). Pure. */
import { z } from 'zod';
import { sha256Hex } from '../../shared/ids';
import { line } from '../../shared/pure/text-fields';

export const databaseIdentity = z
  .strictObject({
    instance: line(256).describe('`host`, `host\\instance` or `host,port`'),
    name: line(128),
  })
  .meta({ id: 'DatabaseIdentity', description: 'The database that the servers of a site share' });

export type DatabaseIdentity = z.output<typeof databaseIdentity>;

const DEFAULT_PORT = '1433';
const DEFAULT_INSTANCE = 'mssqlserver';
const LOCAL = '.';
/** Each machine means itself by them. */
const LOCAL_HOST =
  /^(?:\.|\(local\)|\(localdb\)|localhost(?:\.localdomain)?|127(?:\.\d{1,3}){3}|\[?(?:::1|(?:0+:){7}0*1)\]?)?$/;
const AZURE_HOST = /\.database\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/;
/** Of the public endpoint of Azure SQL Managed Instance, which has a host name of its own. */
const AZURE_PUBLIC_PORT = '3342';

interface Instance {
  /** `.` for the machine itself. */
  host: string;
  /** In lower case; undefined for the default instance. */
  instance?: string | undefined;
  /** Undefined for the default one. */
  port?: string | undefined;
  /** Other than TCP: such a name is compared as it is. */
  protocol?: string | undefined;
}

/**
 * The key of a database: the same for two names that certainly mean the same one. They ignore case and white space, the
 * prefix `tcp:`, the default port and instance, the dot at the end of a host name, and the endpoint of a server of Azure SQL.
 * @param reporter id of the server that reports the name: `localhost` is another machine for each
 */
export function databaseKey({ instance, name }: DatabaseIdentity, reporter = ''): string {
  const parsed = parseInstance(instance);
  const parts = [textOf(parsed), name.trim().toLowerCase()];
  return sha256Hex(JSON.stringify(isLocal(parsed) ? [...parts, reporter] : parts));
}

/** Whether the name of an instance means the machine that uses it. */
export function isLocalInstance(instance: string): boolean {
  return isLocal(parseInstance(instance));
}

/** The key that earlier versions reserved a database by. */
export function earlierDatabaseKey({ instance, name }: DatabaseIdentity): string {
  return sha256Hex(JSON.stringify([instance.toLowerCase(), name.toLowerCase()]));
}

function isLocal({ host, protocol }: Instance): boolean {
  // Shared memory reaches the machine itself only.
  return host === LOCAL || protocol === 'lpc';
}

function parseInstance(text: string): Instance {
  const [, protocol, address = ''] =
    /^(?:(tcp|np|lpc|admin)\s*:)?(.*)$/s.exec(text.trim().toLowerCase()) ?? [];
  const pipe = /^\\\\([^\\]*)\\(.*)$/s.exec(address.trim());
  if (pipe) return { host: hostOf(pipe[1] ?? ''), instance: pipe[2], protocol: 'np' };
  const [, server = '', port] = /^([^,]*?)\s*(?:,\s*0*(\d+)\s*)?$/s.exec(address.trim()) ?? [
    ,
    address.trim(),
  ];
  const [host = '', ...rest] = server.split('\\').map((part) => part.trim());
  const instance = rest.length === 0 ? undefined : rest.join('\\');
  return endpointOf({
    host: hostOf(host),
    instance: instance === DEFAULT_INSTANCE || instance === '' ? undefined : instance,
    port,
    protocol: protocol === 'tcp' ? undefined : protocol,
  });
}

function hostOf(text: string): string {
  if (LOCAL_HOST.test(text)) return LOCAL;
  const host = text.replace(/\.+$/, '');
  return LOCAL_HOST.test(host) ? LOCAL : host;
}

/** Without the default port, and with one host name for the endpoints of a server of Azure SQL. */
function endpointOf({ host, instance, port, protocol }: Instance): Instance {
  // A port decides also where an instance is named, so that with a name the default port says something.
  const usual = port === DEFAULT_PORT && instance === undefined ? undefined : port;
  if (!AZURE_HOST.test(host)) return { host, instance, port: usual, protocol };
  const labels = host.split('.').filter((label, position) => position !== 1 || label !== 'privatelink');
  const isPublic = labels[1] === 'public' && port === AZURE_PUBLIC_PORT;
  if (!isPublic) return { host: labels.join('.'), instance, port: usual, protocol };
  return { host: labels.toSpliced(1, 1).join('.'), instance, port: undefined, protocol };
}

function textOf({ host, instance, port, protocol }: Instance): string {
  const prefix = protocol === undefined ? '' : `${protocol}:`;
  return `${prefix}${host}${instance === undefined ? '' : `\\${instance}`}${port === undefined ? '' : `,${port}`}`;
}
