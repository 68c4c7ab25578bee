/** What happens to servers and their commands by the clock. */
import { app } from '@azure/functions';
import type { Services } from '../../shared/services';
import { invocationLog } from '../../shared/telemetry/telemetry';
import { expireCommands } from './finish-command';
import { markServersOffline } from './mark-servers-offline';

const EVERY_MINUTE = '0 * * * * *';

/** Registers the timers of servers. */
export function registerServerTriggers(services: () => Services): void {
  app.timer('markServersOffline', {
    schedule: EVERY_MINUTE,
    handler: (_timer, context) => markServersOffline(services(), invocationLog(context)),
  });
  app.timer('expireCommands', {
    schedule: EVERY_MINUTE,
    handler: (_timer, context) => expireCommands(services(), invocationLog(context)),
  });
}
