/** The composition root: every trigger of the app is registered here. */
import { loadConfig } from '../shared/config';
import type { Operation } from '../shared/http/operation';
import { registerOperations } from '../shared/http/register';
import { openServices, type Services } from '../shared/services';
import { identityOperations } from './identity';
import { serviceOperations } from './service';
import { siteOperations } from './sites';
import { describeApi } from './api-description';

let opened: Services | undefined;

/** Opened by the first invocation, so that registering the app needs no configuration. */
function services(): Services {
  opened ??= openServices(loadConfig());
  return opened;
}

const capabilities: readonly Operation[] = [...identityOperations, ...siteOperations];

registerOperations([...capabilities, ...serviceOperations(capabilities, describeApi)], services);
