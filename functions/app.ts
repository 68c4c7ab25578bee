/** The composition root: every trigger of the app is registered here. */
import { loadConfig } from '../shared/config';
import { registerOperations } from '../shared/http/register';
import { openServices, type Services } from '../shared/services';
import { operations } from './operations';
import { registerPolicyTriggers } from './policies';
import { registerRecordingTriggers } from './recordings';
import { registerServerTriggers } from './servers';

let opened: Services | undefined;

/** Opened by the first invocation, so that registering the app needs no configuration. */
function services(): Services {
  opened ??= openServices(loadConfig());
  return opened;
}

registerOperations(operations, services);
registerServerTriggers(services);
registerPolicyTriggers(services);
registerRecordingTriggers(services);
