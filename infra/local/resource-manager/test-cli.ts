/** For tests: the Azure CLI, with the stand-ins as its cloud. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type TestAzure } from '../azure/test-azure';

/** Whether it is installed on this machine. */
export const isCliInstalled = spawnSync('az', ['--version'], { stdio: 'ignore' }).error === undefined;

/** The environment of a command that keeps its state below `folder` and trusts the local authority. */
export function cliEnvironment({ certificateFiles }: TestAzure, folder: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    AZURE_CONFIG_DIR: path.join(folder, 'config'),
    AZURE_CORE_COLLECT_TELEMETRY: 'no',
    REQUESTS_CA_BUNDLE: certificateFiles.ca,
  };
}

/** The commands that make the stand-ins the cloud of the CLI. */
export function cloudCommands({ resourceManagerUrl, loginUrl }: TestAzure): string[][] {
  const endpoints = {
    'resource-manager': resourceManagerUrl,
    'active-directory': `${loginUrl}/adfs`,
    'active-directory-resource-id': 'https://management.azure.com/',
    'active-directory-graph-resource-id': 'https://graph.windows.net/',
    gallery: 'https://gallery.azure.com/',
    management: resourceManagerUrl,
  };
  const flags = Object.entries(endpoints).flatMap(([name, url]) => [`--endpoint-${name}`, url]);
  return [
    ['cloud', 'register', '--name', 'local', '--profile', 'latest', ...flags],
    ['cloud', 'set', '--name', 'local'],
  ];
}
