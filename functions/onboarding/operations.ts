/** HTTP operations for bringing servers to the service: packages, install command, connectivity, diagnosis. */
import { z } from 'zod';
import { type Operation, operation } from '../../shared/http/operation';
import { resourceId } from '../../shared/http/fields';
import { secureClientType } from '../../shared/identity/secure-client';
import type { Package } from '../../shared/packages/catalogue';
import { Problem } from '../../shared/problem';
import { line } from '../../shared/pure/text-fields';
import type { Services } from '../../shared/services';
import { SIGN_IN_REFUSALS } from '../identity';
import { MINIMUM_CLIENT_VERSION, SERVER_STATUSES } from '../servers';
import { clientVersion, needsNoCertificate } from './client-version';
import { installCommands, PACKAGE_FILE_NAME } from './command-lines';
import { connectivityGuide, guideFor } from './connectivity';
import { diagnose, hintsFor } from './diagnosis';
import { gatherFacts } from './gather-facts';
import { installationOf, installCommandRequest, installCommandView } from './install-command';
import { installReminders } from './preparations';

const tag = 'Onboarding';

const packageView = z
  .object({
    version: z
      .string()
      .describe('Version of the package')
      .meta({ examples: ['7.42.15010.4'] }),
    fileName: z
      .string()
      .describe('Name of the file')
      .meta({ examples: ['SRCloudClientService.msi'] }),
    sizeBytes: z
      .int()
      .describe('Size of the file')
      .meta({ examples: [52_428_800] }),
    sha256: z
      .string()
      .describe('SHA-256 of the file, in lower-case hexadecimal digits')
      .meta({ examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'] }),
    publishedAt: z.iso.datetime(),
    minimumClientVersion: z
      .string()
      .optional()
      .describe('Oldest cloud client that can install it; absent where any can')
      .meta({ examples: ['7.40.13020.11'] }),
    downloadUrl: z
      .string()
      .describe('Downloads the file, until `downloadExpiresAt`')
      .meta({ examples: ['https://storage.contoso.example/packages/SRCloudClientService.msi'] }),
    downloadExpiresAt: z.iso.datetime().describe('When the URL stops working'),
  })
  .meta({ id: 'Package' });

const packageList = z
  .object({
    client: z.array(packageView).describe('Versions of the cloud client, the newest first'),
    server: z.array(packageView).describe('Versions of the recording server, the newest first'),
    minimumClientVersion: z
      .string()
      .describe('Servers with an older cloud client are in maintenance')
      .meta({ examples: ['7.36.7020.11'] }),
  })
  .meta({ id: 'Packages' });

async function viewOf({ packages }: Services, one: Package) {
  const { url, expiresAt } = await packages.downloadUrl(one);
  return { ...one, downloadUrl: url, downloadExpiresAt: expiresAt.toISOString() };
}

const listPackages = operation({
  id: 'listPackages',
  method: 'GET',
  path: '/api/v1/onboarding/packages',
  tag,
  summary: 'List the packages that machines install',
  description:
    'Every published version of the cloud client and of the recording server, with a URL that downloads it for an hour. Compare the SHA-256 of what was downloaded.',
  access: 'onboarding.use',
  success: { status: 200, description: 'The published versions', body: packageList },
  async handle({ services }) {
    const { packages } = await services.packages.read();
    const views = (kind: Package['kind']) =>
      Promise.all(packages.filter((one) => one.kind === kind).map((one) => viewOf(services, one)));
    const [client, server] = await Promise.all([views('client'), views('server')]);
    return { body: { client, server, minimumClientVersion: MINIMUM_CLIENT_VERSION } };
  },
});

const createInstallCommand = operation({
  id: 'createInstallCommand',
  method: 'POST',
  path: '/api/v1/onboarding/installCommand',
  tag,
  summary: 'Create the command that installs the cloud client',
  description:
    'For a command prompt, a batch file and PowerShell. Every value arrives at the installer unchanged; where a place cannot pass one on safely, it has a refusal instead of a command. The secret is neither stored nor logged. Not for administrators whose role comes only through a group.',
  access: 'install-commands.create',
  body: installCommandRequest,
  success: { status: 200, description: 'The command and what to know', body: installCommandView },
  idempotency: 'oneTimeSecret',
  audit: { action: 'secureClient.createInstallCommand', when: 'withChange' },
  async handle({ body, caller: { customerId }, services, audit }) {
    const published =
      body.clientVersion === undefined
        ? await services.packages.latest('client')
        : await services.packages.find('client', body.clientVersion);
    const version = body.clientVersion ?? published?.version;
    const fileName = published?.fileName ?? PACKAGE_FILE_NAME;
    if (body.customDomain !== undefined && needsNoCertificate(version)) throw customDomainRefused(version);
    const client = await services.database.control(customerId).read(secureClientType, body.clientId);
    await audit.commit([], {
      target: { type: 'secureClient', id: body.clientId, name: client?.name },
      new: { clientVersion: version, proxyMode: body.proxyMode },
    });
    return {
      body: {
        clientVersion: version,
        ...installCommands(installationOf(customerId, fileName, body)),
        reminders: installReminders({
          version,
          fileName,
          customDomain: body.customDomain,
          hasLog: body.logPath !== undefined,
          isClientKnown: client !== undefined,
        }),
      },
    };
  },
});

function customDomainRefused(version = 'the latest version'): Problem {
  const detail = `Cloud clients from 7.37.9010.3 on take no custom domain, and this one is ${version}: leave it out.`;
  return new Problem('validation-failed', detail, { errors: [{ pointer: '/customDomain', detail }] });
}

const showConnectivity = operation({
  id: 'getConnectivity',
  method: 'GET',
  path: '/api/v1/onboarding/connectivity',
  tag,
  summary: 'Show which addresses and ports a machine needs',
  description:
    'Addresses of this deployment, outbound ports, and scripts that check them from a machine, for a version of the cloud client.',
  access: 'onboarding.use',
  query: z.strictObject({
    clientVersion: clientVersion
      .optional()
      .describe('Version of the cloud client; default: the latest one')
      .meta({ examples: ['7.42.15010.4'] }),
    cloudPlayerOnly: z
      .boolean()
      .default(false)
      .describe('Whether recordings are played with the cloud player alone')
      .meta({ examples: [true] }),
  }),
  success: { status: 200, description: 'Addresses, ports and scripts', body: connectivityGuide },
  async handle({ query, services }) {
    const version = query.clientVersion ?? (await services.packages.latest('client'))?.version;
    return { body: guideFor(services.config, version, query.cloudPlayerOnly) };
  },
});

const diagnosisRequest = z
  .strictObject({
    clientId: resourceId.optional().describe('Id of the secure client of the machine'),
    hostName: line(255)
      .optional()
      .describe('Name of the machine, with or without its domain')
      .meta({ examples: ['SRV01'] }),
    clientVersion: clientVersion
      .optional()
      .describe('Version of its cloud client, where the service does not know it')
      .meta({ examples: ['7.42.15010.4'] }),
  })
  .refine(({ clientId, hostName }) => clientId !== undefined || hostName !== undefined, {
    path: ['hostName'],
    error: 'Give the name of the machine, or the id of its secure client.',
  })
  .meta({ id: 'DiagnosisRequest', examples: [{ hostName: 'SRV01' }] });

const diagnosisView = z
  .object({
    findings: z
      .array(
        z.object({
          code: z
            .string()
            .describe('Stable code for programs')
            .meta({ examples: ['wrongSecret'] }),
          detail: z
            .string()
            .describe('What was found')
            .meta({ examples: ['The secure client Servers was refused: its secret was wrong.'] }),
          remedy: z
            .string()
            .describe('What to do')
            .meta({ examples: ['Reinstall the cloud client.'] }),
        }),
      )
      .describe('The likeliest reason first; at least one'),
    lastAttempt: z
      .object({
        clientId: z.uuid().describe('Secure client that signed in'),
        at: z.iso.datetime().describe('When, exact to five minutes'),
        outcome: z.enum(['succeeded', 'refused']),
        reason: z.enum(SIGN_IN_REFUSALS).optional().describe('Why it was refused'),
        address: z
          .string()
          .optional()
          .describe('Address that it came from')
          .meta({ examples: ['198.51.100.7'] }),
      })
      .optional()
      .describe('Last attempt to sign in; absent where none is known of the last 90 days'),
    servers: z
      .array(
        z.object({
          id: z.uuid(),
          hostName: z.string(),
          status: z.enum(SERVER_STATUSES),
          clientVersion: z.string().optional(),
          lastSeenAt: z.iso
            .datetime()
            .optional()
            .describe('When it was last heard of; absent until it registers'),
          clockSkewMilliseconds: z.int().describe("Correction added to the server's times"),
        }),
      )
      .describe('Servers of this client or name'),
    hints: z.array(z.string()).describe('What its cloud client needs in any case'),
  })
  .meta({ id: 'Diagnosis' });

const createDiagnosis = operation({
  id: 'createDiagnosis',
  method: 'POST',
  path: '/api/v1/onboarding/diagnosis',
  tag,
  summary: 'Diagnose why a server is not seen',
  description:
    'For a secure client, a host name, or both: the last attempt to sign in, why it or the registration was refused, and what to do.',
  access: 'onboarding.use',
  body: diagnosisRequest,
  success: { status: 200, description: 'What was found, and what to do', body: diagnosisView },
  async handle({ body, caller: { customerId }, services }) {
    const facts = await gatherFacts(services, customerId, body);
    return {
      body: {
        findings: diagnose(facts),
        lastAttempt: facts.lastAttempt,
        servers: facts.servers.map(({ skewMilliseconds, ...server }) => ({
          ...server,
          clockSkewMilliseconds: skewMilliseconds,
        })),
        hints: hintsFor(facts.clientVersion),
      },
    };
  },
});

export const onboardingOperations: readonly Operation[] = [
  listPackages,
  createInstallCommand,
  showConnectivity,
  createDiagnosis,
];
