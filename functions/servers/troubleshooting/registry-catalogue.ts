/** The registry values that administrators may want to see, with their types and defaults (TRB-2). */
import type { RegistryKey } from '../commands/kinds/registry-keys';
import type { RegistryData } from '../commands/kinds/registry-value';

interface CatalogueEntry {
  readonly key: RegistryKey;
  readonly name: string;
  readonly type: RegistryData['type'];
  /** What holds while there is no such value; absent: nothing does. */
  readonly standard?: string | number;
  readonly description: string;
  /** It is without effect on what this service does. */
  readonly notice?: string;
}

const SERVER = 'SOFTWARE\\Citrix\\SmartAuditor\\Server';
const EVENTS = 'SOFTWARE\\Citrix\\SmartAuditor\\SessionEvents';

export const REGISTRY_CATALOGUE: readonly CatalogueEntry[] = [
  {
    key: SERVER,
    name: 'LinkHost',
    type: 'REG_SZ',
    description: 'Base of the links to recordings in mails that the server itself sends.',
    notice: 'Without effect on mails of this service: the link host of the site settings decides.',
  },
  {
    key: SERVER,
    name: 'EmailThreshold',
    type: 'REG_DWORD',
    standard: 25,
    description: 'Mails a second that the server itself sends at most: 1 to 100, anything else counts as 25.',
    notice: 'Without effect on mails of this service: the e-mail threshold of the site settings decides.',
  },
  {
    key: SERVER,
    name: 'WebSocketServerVersion',
    type: 'REG_SZ',
    description:
      'Web streaming service of the on-premises player: 2.0 is hosted in IIS. To switch to it, run SsRecUtils.exe -enablestreamingservice.',
  },
  {
    key: 'SOFTWARE\\Citrix\\SessionRecording',
    name: 'BlockSizeMultiple',
    type: 'REG_DWORD',
    standard: 4,
    description: 'Size of a transport packet: 4 is 16 KB, 8 is 32 KB, which is advised.',
  },
  {
    key: EVENTS,
    name: 'DisableIdleEvent',
    type: 'REG_DWORD',
    standard: 0,
    description: '1 switches idle events off, 0 on.',
  },
  {
    key: EVENTS,
    name: 'IdleEventThrottle',
    type: 'REG_DWORD',
    standard: 30,
    description: 'Seconds without activity of the user until an idle event is recorded.',
  },
  {
    key: EVENTS,
    name: 'IdleEventActiveThrottle',
    type: 'REG_DWORD',
    standard: 2,
    description: 'Seconds within which graphics packets count together as an activity.',
  },
  {
    key: EVENTS,
    name: 'IdleEventActivePktNumThrottle',
    type: 'REG_DWORD',
    standard: 3,
    description: 'Number of graphics packets that count as an activity.',
  },
  {
    key: EVENTS,
    name: 'IdleEventActivePktSizeThrottle',
    type: 'REG_DWORD',
    standard: 300,
    description: 'Size in bytes below which graphics packets do not count.',
  },
];

/** The entry of a value, or undefined for values that are not in the catalogue. Names are compared without case. */
export function catalogueEntry(key: RegistryKey, name: string): CatalogueEntry | undefined {
  return REGISTRY_CATALOGUE.find((entry) => entry.key === key && sameName(entry.name, name));
}

/** Whether two names of values are the same to Windows. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
