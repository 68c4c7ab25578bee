/** The connectivity guide: which addresses of this deployment a machine reaches, through which ports (ONB-2). */
import { z } from 'zod';
import type { Config } from '../../shared/config';
import { needsNoCertificate, usesSinglePort } from './client-version';
import { bashPortCheck, type PortCheck, powershellPortCheck } from './port-check-scripts';
import { playbackPreparations, portsSentence, remark } from './preparations';

const address = z
  .object({
    url: z
      .string()
      .describe('Address, without a path')
      .meta({ examples: ['https://recording.contoso.example'] }),
    host: z
      .string()
      .describe('Name of the host')
      .meta({ examples: ['recording.contoso.example'] }),
    ports: z.array(z.int().meta({ examples: [443] })).describe('TCP ports, outbound'),
  })
  .meta({ id: 'OnboardingAddress' });

const addressGroup = z
  .object({
    group: z.enum(['service', 'signIn', 'storage']).describe('What the addresses belong to'),
    purpose: z
      .string()
      .describe('What they are needed for')
      .meta({ examples: ['The API of the service'] }),
    addresses: z.array(address).describe('Each with its ports'),
  })
  .meta({ id: 'OnboardingAddressGroup' });

type AddressGroup = z.output<typeof addressGroup>;

export const connectivityGuide = z
  .object({
    clientVersion: z
      .string()
      .optional()
      .describe('Version that the guide is for; absent while none is published')
      .meta({ examples: ['7.42.15010.4'] }),
    summary: z
      .string()
      .describe('The ports in a sentence')
      .meta({ examples: ['Allow outbound TCP port 443 (HTTPS and WebSocket).'] }),
    ports: z
      .array(
        z.object({
          port: z
            .int()
            .describe('Outbound TCP port')
            .meta({ examples: [443] }),
          protocols: z.array(z.enum(['HTTP', 'HTTPS', 'WebSocket'])).describe('What is spoken through it'),
          destinations: z
            .array(z.enum(['service', 'signIn', 'storage']))
            .describe('Groups of addresses that are reached through it'),
        }),
      )
      .describe('Every port that the version needs'),
    addressGroups: z.array(addressGroup).describe('The addresses of this deployment'),
    preparations: z
      .array(remark)
      .describe('What the recording server needs besides; empty where nothing is needed'),
    scripts: z
      .object({
        powershell: z
          .string()
          .describe('Checks every address and port; run it on the machine')
          .meta({ examples: ['Set-StrictMode -Version Latest'] }),
        bash: z
          .string()
          .describe('The same for bash')
          .meta({ examples: ['#!/usr/bin/env bash'] }),
      })
      .describe('Scripts that check the ports'),
  })
  .meta({ id: 'ConnectivityGuide' });

/** Through these a client of before 7.40.13020.11 connects to the service by WebSocket. */
const OLD_WEBSOCKET_PORTS = [8_088, 9_090, 9_091, 9_092, 9_093, 9_094];

type Addresses = Pick<Config, 'publicUrl' | 'administrators' | 'storage' | 'deployment'>;

/**
 * The guide for a version of the cloud client.
 * @param version undefined: the latest, unknown one
 * @param isCloudPlayerAlone whether recordings are played with the cloud player only
 */
export function guideFor(
  config: Addresses,
  version: string | undefined,
  isCloudPlayerAlone: boolean,
): z.input<typeof connectivityGuide> {
  const addressGroups = groupsOf(config, version);
  const checks = checksOf(addressGroups);
  return {
    clientVersion: version,
    summary: portsSentence(version),
    ports: portsOf(version),
    addressGroups,
    preparations: isCloudPlayerAlone && needsNoCertificate(version) ? [] : playbackPreparations(version),
    scripts: { powershell: powershellPortCheck(checks), bash: bashPortCheck(checks) },
  };
}

function portsOf(version: string | undefined): z.input<typeof connectivityGuide>['ports'] {
  const everywhere = ['service', 'signIn', 'storage'] as const;
  if (usesSinglePort(version))
    return [{ port: 443, protocols: ['HTTPS', 'WebSocket'], destinations: [...everywhere] }];
  return [
    { port: 80, protocols: ['HTTP'], destinations: [...everywhere] },
    { port: 443, protocols: ['HTTPS'], destinations: [...everywhere] },
    ...OLD_WEBSOCKET_PORTS.map((port) => ({
      port,
      protocols: ['WebSocket' as const],
      destinations: ['service' as const],
    })),
  ];
}

function groupsOf(config: Addresses, version: string | undefined): AddressGroup[] {
  const { publicUrl, administrators, storage, deployment } = config;
  const more = usesSinglePort(version) ? [] : [80];
  const ofService = usesSinglePort(version) ? [] : [80, ...OLD_WEBSOCKET_PORTS];
  const downloads = deployment.cloudClientPackageUrl === undefined ? [] : [deployment.cloudClientPackageUrl];
  return [
    {
      group: 'service',
      purpose: 'The API of the service: recording servers sign in, report and are controlled here',
      addresses: addressesOf([publicUrl], ofService),
    },
    {
      group: 'signIn',
      purpose: 'Administrators sign in here: only machines need it from which the service is administered',
      addresses: addressesOf([administrators.issuerTemplate.replace('{tenantid}', 'common')], more),
    },
    {
      group: 'storage',
      purpose: 'Recordings are uploaded to here, and updates of the cloud client downloaded from here',
      addresses: addressesOf([storage.blobEndpoint, ...downloads], more),
    },
  ];
}

/** Each host once, with the port of its own URL and those that the version needs besides. */
function addressesOf(urls: readonly string[], more: readonly number[]): AddressGroup['addresses'] {
  const found = new Map<string, AddressGroup['addresses'][number]>();
  for (const url of urls) {
    const { origin, hostname, port, protocol } = new URL(url);
    const own = port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
    const ports = [...new Set([own, ...more])].sort((a, b) => a - b);
    found.set(origin, { url: origin, host: hostname.replaceAll(/[[\]]/g, ''), ports });
  }
  return [...found.values()];
}

function checksOf(groups: readonly AddressGroup[]): PortCheck[] {
  const checks = groups.flatMap(({ addresses }) =>
    addresses.flatMap(({ host, ports }) => ports.map((port) => ({ host, port }))),
  );
  return [...new Map(checks.map((check) => [`${check.host} ${check.port}`, check])).values()];
}
