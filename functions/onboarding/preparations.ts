/** What an administrator prepares on a machine, and does with the install command: remarks with a code each. */
import { z } from 'zod';
import { needsNoCertificate, usesSinglePort } from './client-version';

export const remark = z
  .object({
    code: z
      .string()
      .describe('Stable code for programs')
      .meta({ examples: ['certificateBinding'] }),
    detail: z
      .string()
      .describe('What to do')
      .meta({ examples: ['Add an SSL binding in IIS of the recording server.'] }),
  })
  .meta({ id: 'OnboardingRemark' });

export type Remark = z.output<typeof remark>;

const UNLESS_CLOUD_PLAYER = 'Not needed when recordings are played with the cloud player alone.';

/** Certificate and web streaming service of the recording server: optional for newer clients with the cloud player alone. */
export function playbackPreparations(version: string | undefined): Remark[] {
  const when = needsNoCertificate(version) ? ` ${UNLESS_CLOUD_PLAYER}` : '';
  return [
    {
      code: 'certificateBinding',
      detail: `Install a certificate on the recording server and add an SSL binding with it in IIS.${when}`,
    },
    {
      code: 'webStreaming',
      detail:
        'Where the recording server was upgraded from a version before 2103, switch to version 2.0 of the web streaming ' +
        `service: run Bin\\SsRecUtils.exe -enablestreamingservice in its installation folder.${when}`,
    },
  ];
}

/** The outbound ports in a sentence. */
export function portsSentence(version: string | undefined): string {
  return usesSinglePort(version)
    ? 'Allow outbound TCP port 443 (HTTPS and WebSocket).'
    : 'Allow the outbound TCP ports 80, 443, 8088 and 9090–9094, or use a cloud client from 7.40.13020.11 on, which needs port 443 alone.';
}

interface InstallFacts {
  version: string | undefined;
  /** Of the installer. */
  fileName: string;
  customDomain: string | undefined;
  hasLog: boolean;
  isClientKnown: boolean;
}

/** What the person who runs the install command should know. */
export function installReminders({
  version,
  fileName,
  customDomain,
  hasLog,
  isClientKnown,
}: InstallFacts): Remark[] {
  return [
    ...(isClientKnown
      ? []
      : [
          {
            code: 'unknownClient',
            detail: 'There is no secure client with this id: create one, or the machine cannot sign in.',
          },
        ]),
    {
      code: 'elevatedPrompt',
      detail: `Run the command as an administrator, in the folder with ${fileName}.`,
    },
    { code: 'outboundPorts', detail: portsSentence(version) },
    ...playbackPreparations(version),
    ...(customDomain === undefined ? [] : customDomainSteps(customDomain)),
    {
      code: 'secretInCommand',
      detail:
        'The command contains the secret of the client: do not keep it, nor the history of the console.' +
        (hasLog ? ' The log can contain it too: delete the log after the installation.' : ''),
    },
  ];
}

const LSA = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa';

/** One of both, before the installation. */
function customDomainSteps(domain: string): Remark[] {
  return [
    {
      code: 'backConnectionHostNames',
      detail:
        `Before the installation (recommended): in ${LSA}\\MSV1_0 add ${domain} as a line of the value ` +
        'BackConnectionHostNames of type REG_MULTI_SZ, then restart the machine. Delete a REG_DWORD of that name first.',
    },
    {
      code: 'disableLoopbackCheck',
      detail:
        `Or, less safe since it turns off a check of authentication: in ${LSA} set the REG_DWORD DisableLoopbackCheck to 1, ` +
        'then restart the machine.',
    },
  ];
}
