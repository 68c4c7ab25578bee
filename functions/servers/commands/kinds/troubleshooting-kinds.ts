/** Commands with which administrators find out what is wrong with a server, and repair it (TRB-1, TRB-2, TRB-3). */
import { z } from 'zod';
import { checks } from './checks';
import { DIAGNOSTIC_CHECKS } from './diagnostic-checks';
import type { CommandKindSpec } from './command-kind';
import { foundRegistryData, foundRegistryValue, registryData, registryValueName } from './registry-value';
import { logServiceNames, SERVICE_NAMES, serviceName, serviceState } from './services';

const quick = { silenceSeconds: 300, maxRunSeconds: 600 };
const SHA256 = /^[0-9a-f]{64}$/;

const storedUpload = { services: logServiceNames };

export const troubleshootingKinds = {
  diagnostics: {
    description:
      'Make all checks that apply to the machine, at least these: ' +
      DIAGNOSTIC_CHECKS.map(({ id, name }) => `\`${id}\` (${name})`).join(', ') +
      '. A check that fails is no failure of the command.',
    parameters: z.object({}).describe('None'),
    data: z.strictObject({ kind: z.literal('diagnostics'), checks }).meta({ id: 'DiagnosticsData' }),
    ...quick,
    maxRunSeconds: 900,
  },
  checkServices: {
    description: 'Read the state of the services.',
    parameters: z
      .object({ services: z.array(serviceName).min(1).max(SERVICE_NAMES.length).describe('Which') })
      .meta({ id: 'CheckServicesParameters' }),
    data: z
      .strictObject({
        kind: z.literal('checkServices'),
        services: z.array(serviceState).min(1).max(SERVICE_NAMES.length).describe('The state of each'),
      })
      .meta({ id: 'CheckServicesData' }),
    ...quick,
  },
  restartService: {
    description:
      'Stop the service, if it is running, and start it. Successful when it is running afterwards; else failed, with the ' +
      'reason. Restart no other service. When the cloud client itself is restarted by it, report the result afterwards.',
    parameters: z.object({ service: serviceName }).meta({ id: 'RestartServiceParameters' }),
    data: z
      .strictObject({ kind: z.literal('restartService'), service: serviceState })
      .meta({ id: 'RestartServiceData' }),
    ...quick,
  },
  readRegistry: {
    description: 'Read these values in the 64-bit view of the registry. A missing key or value is null.',
    parameters: z
      .object({ values: z.array(registryValueName).min(1).max(100) })
      .meta({ id: 'ReadRegistryParameters' }),
    data: z
      .strictObject({ kind: z.literal('readRegistry'), values: z.array(foundRegistryValue).min(1).max(100) })
      .meta({ id: 'ReadRegistryData' }),
    ...quick,
  },
  writeRegistry: {
    description:
      'Write one value in the 64-bit view of the registry; the key and the value are created where they are missing. ' +
      'Failed, and nothing is written, when the value is there with another type. Refuse every key that is not on ' +
      'the list, also when it is spelt differently.',
    parameters: registryValueName.extend({ value: registryData }).meta({ id: 'WriteRegistryParameters' }),
    data: registryValueName
      .extend({
        kind: z.literal('writeRegistry'),
        old: foundRegistryData.describe('What was there before; null: there was no such value'),
        new: registryData.describe('What is there now'),
      })
      .meta({ id: 'WriteRegistryData' }),
    ...quick,
  },
  uploadLog: {
    description:
      'Put the logs of the services into one zip file of at most `maxBytes` (leave out the oldest entries of what is ' +
      'larger) and send it to `url` by one PUT with the header `x-ms-blob-type: BlockBlob`. 409 means that it was ' +
      'uploaded before, for instance by an attempt that was interrupted: report its size and hash.',
    storedParameters: z.object(storedUpload),
    parameters: z
      .object({
        ...storedUpload,
        url: z
          .url()
          .describe('Permits creating this one blob until `urlExpiresAt`, not reading or replacing it'),
        urlExpiresAt: z.iso.datetime().describe('When the URL expires'),
        maxBytes: z.int().describe('A larger file is refused and deleted'),
      })
      .meta({ id: 'UploadLogParameters' }),
    data: z
      .strictObject({
        kind: z.literal('uploadLog'),
        sizeBytes: z.int().min(1),
        sha256: z.string().regex(SHA256).describe('Of the file, in lower-case hexadecimal digits'),
      })
      .meta({ id: 'UploadLogData' }),
    silenceSeconds: 600,
    maxRunSeconds: 1_800,
  },
} as const satisfies Record<string, CommandKindSpec>;
