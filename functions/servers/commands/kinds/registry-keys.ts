/** The registry keys that administrators may read and write, all below the trees of the product (TRB-2). */

export const REGISTRY_KEYS = [
  'SOFTWARE\\Citrix\\SmartAuditor\\Server',
  'SOFTWARE\\Citrix\\SmartAuditor\\SessionEvents',
  'SOFTWARE\\Citrix\\SessionRecording',
] as const;
export type RegistryKey = (typeof REGISTRY_KEYS)[number];
