/** Whether this Node is one that the service is deployed on: Azure takes its runtimes away when their support ends. */
import type { Log } from './telemetry';

/** The oldest major version to deploy on (`engines` of the deployment package); developers may use Node 20. */
const OLDEST_DEPLOYED = 22;

/** Logs a warning when the app runs in Azure on an older Node. @param version such as `20.19.0` */
export function warnOfOldNode(log: Log, inAzure: boolean, version: string): void {
  if (inAzure && Number(version.split('.')[0]) < OLDEST_DEPLOYED)
    log.warn('node.too-old', { version, oldest: OLDEST_DEPLOYED });
}
