/** For tests: the stand-ins on free ports in a temporary folder, with a credential that they accept. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClientSecretCredential } from '@azure/identity';
import { identitiesOf } from '../access/identities';
import { ensureCertificates } from '../stack/certificates';
import { freeBasePort, portsFrom } from '../stack/ports';
import { ensureServicePrincipal } from '../stack/service-principal';
import { trustAuthority } from '../stack/trust';
import { startAzure, type AzureOptions } from './azure';
import { azureRetryPolicy } from './event-grid/retry-policy';
import { type ServicePrincipal } from './login/token-issuer';

export interface TestAzure {
  options: AzureOptions;
  loginUrl: string;
  keyVaultUrl: string;
  topicEndpoint: string;
  emailEndpoint: string;
  resourceManagerUrl: string;
  certificateFiles: { ca: string; cert: string; key: string; principal: string };
  credential: ClientSecretCredential;
  /** Of whoever deploys: it may make what the app only uses. */
  deploymentCredential: ClientSecretCredential;
  /** Ends the stand-ins and removes the folder. */
  close(): Promise<void>;
}

/** Prepares everything but starts nothing. */
export async function prepareTestAzure(overrides: Partial<AzureOptions> = {}): Promise<TestAzure> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'local-azure-'));
  const certificates = await ensureCertificates(path.join(dataDir, 'certificates'));
  trustAuthority(certificates.caFile);
  const principalFile = path.join(dataDir, 'principal.json');
  const principal = ensureServicePrincipal(principalFile);
  const ports = portsFrom(await freeBasePort());
  const loginUrl = `https://127.0.0.1:${ports.login}`;
  return {
    options: {
      dataDir,
      ports,
      tls: { cert: readFileSync(certificates.certFile), key: readFileSync(certificates.keyFile) },
      principal,
      webhook: 'http://127.0.0.1:1/nobody',
      retryPolicy: azureRetryPolicy,
      senderDomain: 'session-recording.example',
      ...overrides,
    },
    loginUrl,
    keyVaultUrl: `https://127.0.0.1:${ports.keyVault}`,
    topicEndpoint: `https://127.0.0.1:${ports.eventGrid}/api/events`,
    emailEndpoint: `https://127.0.0.1:${ports.email}`,
    resourceManagerUrl: `https://127.0.0.1:${ports.resourceManager}`,
    certificateFiles: {
      ca: certificates.caFile,
      cert: certificates.certFile,
      key: certificates.keyFile,
      principal: principalFile,
    },
    credential: credentialFor(loginUrl, principal),
    deploymentCredential: credentialFor(loginUrl, identitiesOf(principal).deployment),
    close: async () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Prepares and starts in this process. */
export async function startTestAzure(overrides: Partial<AzureOptions> = {}): Promise<TestAzure> {
  const test = await prepareTestAzure(overrides);
  const azure = await startAzure(test.options);
  return {
    ...test,
    close: async () => {
      await azure.close();
      await test.close();
    },
  };
}

/** The credential that the app uses for the same principal. */
export function credentialFor(loginUrl: string, principal: ServicePrincipal): ClientSecretCredential {
  return new ClientSecretCredential(principal.tenantId, principal.clientId, principal.clientSecret, {
    authorityHost: loginUrl,
    disableInstanceDiscovery: true,
  });
}
