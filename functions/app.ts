/** The composition root: every trigger of the app is registered here. */
import { loadConfig } from '../shared/config';
import type { Operation } from '../shared/http/operation';
import { registerOperations } from '../shared/http/register';
import { openServices, type Services } from '../shared/services';
import { describeApi } from './api-description';
import { cloudClientOperations } from './cloud-client';
import { identityOperations } from './identity';
import { policyOperations, registerPolicyTriggers } from './policies';
import { recordingOperations, registerRecordingTriggers } from './recordings';
import { registerServerTriggers, serverOperations } from './servers';
import { serviceOperations } from './service';
import { siteOperations } from './sites';

let opened: Services | undefined;

/** Opened by the first invocation, so that registering the app needs no configuration. */
function services(): Services {
  opened ??= openServices(loadConfig());
  return opened;
}

const capabilities: readonly Operation[] = [
  ...identityOperations,
  ...siteOperations,
  ...serverOperations,
  ...policyOperations,
  ...recordingOperations,
  ...cloudClientOperations,
];

registerOperations([...capabilities, ...serviceOperations(capabilities, describeApi)], services);
registerServerTriggers(services);
registerPolicyTriggers(services);
registerRecordingTriggers(services);
