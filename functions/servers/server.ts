/** Recording servers, and machines that are to become one. */
import { documentType } from '../../shared/cosmos/document-type';
import type { ServerStatus } from './server-status';

export interface Server {
  /** Derived from the customer and the machine id: a machine that registers again is the same server. */
  id: string;
  machineId: string;
  /** Absent for unallocated servers: no site has their database, or they have none. */
  siteId?: string | undefined;
  hostName: string;
  description: string;
  operatingSystem: string;
  domain?: string | undefined;
  /** IANA name. */
  timeZone: string;
  /** Absent where the server component is not installed. */
  serverVersion?: string | undefined;
  clientVersion: string;
  agentVersion?: string | undefined;
  database?: { instance: string; name: string } | undefined;
  status: ServerStatus;
  /** Why it has this status, where that needs saying, with the remedy. */
  statusReason?: string | undefined;
  statusSince: string;
  registeredAt: string;
  /** As of the last change of status; the heartbeat knows better. */
  lastSeenAt: string;
}

export const serverType = documentType<Server>('server');
