/** The request for an install command, and its properties for the installer (ONB-1). */
import { z } from 'zod';
import { resourceId } from '../../shared/http/fields';
import { exactLine } from '../../shared/pure/text-fields';
import { clientVersion } from './client-version';
import type { Installation, InstallerProperty } from './command-lines';
import { remark } from './preparations';

const MAX_PORT = 65_535;

const proxyServer = exactLine(512)
  .refine(isProxyServer, 'Give a name or address with a port, such as http://proxy.example.com:8080.')
  .describe('Required with `proxyMode` 1')
  .meta({ examples: ['http://proxy.contoso.example:8080'] });

const proxyScript = exactLine(2_048)
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'Give an http or https URL.')
  .describe('URL of the configuration script, with `proxyMode` 2; auto-detection without it')
  .meta({ examples: ['https://proxy.contoso.example/proxy.pac'] });

const proxyBypass = z
  .array(
    exactLine(255)
      .refine((text) => !text.includes(';'), 'Must not contain a semicolon: it separates entries.')
      .meta({ examples: ['http://intranet.'] }),
  )
  .min(1)
  .max(100)
  .describe('Addresses that begin with one of these texts are not reached through the proxy');

const customDomain = z
  .string()
  .max(253)
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/,
    'Give a domain name such as recording.example.com.',
  )
  .describe(
    'Name of the recording server in its certificate, for clients before 7.37.9010.3; default: its full name in DNS',
  )
  .meta({ examples: ['recording.contoso.example'] });

const logPath = exactLine(248)
  .refine(
    (text) => /^([A-Za-z]:\\|\\\\[^\\])/.test(text) && !/["<>|?*%]|.:.*:|[\\/. ]$/.test(text),
    'Give the full path of a file on Windows, without variables, such as C:\\Logs\\cloud-client.log.',
  )
  .describe('Path of a verbose log of the installation; no log without it')
  .meta({ examples: ['C:\\Logs\\cloud-client.log'] });

export const installCommandRequest = z
  .strictObject({
    clientId: resourceId.describe('Id of the secure client'),
    clientSecret: exactLine(1_000)
      .describe('Secret of the secure client: only its owner has it; it is not stored')
      .meta({ format: 'password', writeOnly: true, examples: ['p3QxT0-7hJ2w'] }),
    clientVersion: clientVersion
      .optional()
      .describe('Version that is installed; default: the latest one')
      .meta({ examples: ['7.42.15010.4'] }),
    customDomain: customDomain.optional(),
    proxyMode: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .default(0)
      .describe('0: no proxy; 1: the proxy server that is named; 2: by script or auto-detection'),
    proxyServer: proxyServer.optional(),
    proxyScript: proxyScript.optional(),
    proxyBypass: proxyBypass.optional(),
    logPath: logPath.optional(),
  })
  .superRefine(({ proxyMode, ...proxy }, context) => {
    const refuse = (field: keyof typeof proxy, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message, input: proxy[field] });
    if (proxyMode === 1 && proxy.proxyServer === undefined)
      refuse('proxyServer', 'Is required with `proxyMode` 1.');
    if (proxyMode !== 1 && proxy.proxyServer !== undefined)
      refuse('proxyServer', 'Has an effect with `proxyMode` 1 only.');
    if (proxyMode !== 2 && proxy.proxyScript !== undefined)
      refuse('proxyScript', 'Has an effect with `proxyMode` 2 only.');
    if (proxyMode === 0 && proxy.proxyBypass !== undefined)
      refuse('proxyBypass', 'Has an effect with `proxyMode` 1 or 2 only.');
  })
  .meta({ id: 'InstallCommandRequest' });

export type InstallCommandRequest = z.output<typeof installCommandRequest>;

/** The installer, and what it gets. */
export function installationOf(
  customerId: string,
  fileName: string,
  request: InstallCommandRequest,
): Installation {
  const { proxyBypass: bypass } = request;
  const property = (name: string, value: string | undefined, field = ''): InstallerProperty[] =>
    value === undefined ? [] : [{ name, value, pointer: `/${field}` }];
  return {
    fileName,
    properties: [
      ...property('CUSTOMERID', customerId),
      ...property('CLIENTID', request.clientId, 'clientId'),
      ...property('CLIENTSECRET', request.clientSecret, 'clientSecret'),
      ...property('CUSTOMDOMAIN', request.customDomain, 'customDomain'),
      ...property('PROXYMODE', String(request.proxyMode), 'proxyMode'),
      ...property('PROXYSERVER', request.proxyServer, 'proxyServer'),
      ...property('PROXYSCRIPT', request.proxyScript, 'proxyScript'),
      ...property('PROXYBYPASS', bypass?.join(';'), 'proxyBypass'),
    ],
    logPath: request.logPath,
  };
}

function isProxyServer(text: string): boolean {
  const [, , port] = /^(?:https?:\/\/)?([\p{L}\p{N}._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/iu.exec(text) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= MAX_PORT;
}

const commandText = z
  .object({
    text: z
      .string()
      .optional()
      .describe('What is entered; absent where it is refused')
      .meta({ examples: ['msiexec /i SRCloudClientService.msi CUSTOMERID="…" /qn+'] }),
    refusals: z
      .array(
        z.object({
          pointer: z
            .string()
            .describe('Field of the request')
            .meta({ examples: ['/clientSecret'] }),
          detail: z.string().describe('Why its value cannot be passed on safely'),
        }),
      )
      .optional()
      .describe('Why nothing can be entered there'),
  })
  .meta({ id: 'InstallCommandText' });

export const installCommandView = z
  .object({
    clientVersion: z
      .string()
      .optional()
      .describe('Version that the command is for; absent while none is published')
      .meta({ examples: ['7.42.15010.4'] }),
    commandPrompt: commandText.describe('For a command prompt (cmd.exe)'),
    batchFile: commandText.describe('Content of a batch file: save it as UTF-8 without byte order mark'),
    powershell: commandText.describe('For PowerShell, at its prompt or in a script'),
    reminders: z.array(remark).describe('What to prepare and to know'),
  })
  .meta({ id: 'InstallCommand' });
