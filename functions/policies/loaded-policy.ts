/** Loads policies of a site: those that administrators created and those that the service defines. */
import type { Stored } from '../../shared/cosmos/document-type';
import { isUuid, sha256Hex } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { findSite } from '../sites';
import { readPointer } from './active/active-policies';
import type { PolicyKind } from './engine';
import { type ActivePointer, type PolicyHead, policyType } from './policy-documents';
import { readPolicyBody } from './versions/policy-bodies';
import {
  type KindDefinition,
  POLICY_KINDS,
  type PolicyOf,
  SYSTEM_POLICY_VERSION,
  systemPolicy,
} from './policy-kinds';

/** A policy of any kind as lists show it. */
export interface PolicySummary {
  id: string;
  name: string;
  description: string;
  version: number;
  systemDefined: boolean;
  active: boolean;
  createdAt?: string;
  createdBy?: string;
  modifiedAt?: string;
  modifiedBy?: string;
}

/** A policy with everything that operations need. */
export interface LoadedPolicy<K extends PolicyKind> {
  summary: PolicySummary;
  rules: PolicyOf[K]['rules'];
  /** Changes when the policy changes and when it is activated or deactivated. */
  etag: string;
  /** The stored document; undefined for system-defined policies. */
  head: Stored<PolicyHead> | undefined;
  /** Which policies were active when the policy was read. */
  pointer: ActivePointer & { etag?: string };
}

type Reading = Pick<Services, 'database' | 'blobs'>;

/** The policy with its rules, or undefined when the site has no policy of this kind with this id. */
export async function findPolicy<K extends PolicyKind>(
  services: Reading,
  kind: K,
  customerId: string,
  siteId: string,
  policyId: string,
): Promise<LoadedPolicy<K> | undefined> {
  const system = systemPolicy(kind, policyId);
  if (system) {
    if (!(await findSite(services, customerId, siteId))) return undefined;
    const pointer = await readPointer(services.database, customerId, siteId);
    const summary = summaryOfSystem(system, pointer[kind]?.policyId === policyId);
    return {
      summary,
      rules: system.rules,
      etag: etagOf('system-defined', summary),
      head: undefined,
      pointer,
    };
  }
  // Read the head first: an activation from now on replaces it, so that a change based on it fails.
  const head = await findHead(services, kind, customerId, siteId, policyId);
  if (!head) return undefined;
  const pointer = await readPointer(services.database, customerId, siteId);
  const body = await readPolicyBody(services, customerId, siteId, { policyId, version: head.version });
  if (!body) throw new Error(`policy ${policyId} has no body of version ${head.version}`);
  const summary = summaryOf(head, pointer);
  const { rules } = body.policy as PolicyOf[K];
  return { summary, rules, etag: etagOf(head.etag, summary), head, pointer };
}

/** The head of a policy that an administrator created. */
async function findHead(
  { database }: Pick<Services, 'database'>,
  kind: PolicyKind,
  customerId: string,
  siteId: string,
  policyId: string,
) {
  const head = isUuid(policyId) ? await database.control(customerId).read(policyType, policyId) : undefined;
  return head?.siteId === siteId && head.kind === kind ? head : undefined;
}

/** At most `limit` policies of a kind following the one with the id `after`; system-defined ones come first. */
export async function listPolicies<K extends PolicyKind>(
  { database }: Pick<Services, 'database'>,
  kind: K,
  customerId: string,
  siteId: string,
  page: { limit: number; after: string | undefined },
): Promise<PolicySummary[]> {
  const pointer = await readPointer(database, customerId, siteId);
  const { systemDefined }: KindDefinition<K> = POLICY_KINDS[kind];
  const last = systemDefined.findIndex(({ id }) => id === page.after);
  const isAfterSystemDefined = page.after !== undefined && last < 0;
  const system = isAfterSystemDefined ? [] : systemDefined.slice(last + 1, last + 1 + page.limit);
  const heads =
    system.length === page.limit
      ? []
      : await database.control(customerId).list(policyType, {
          where: 'c.siteId = @siteId AND c.kind = @kind',
          parameters: { siteId, kind },
          after: isAfterSystemDefined ? page.after : undefined,
          limit: page.limit - system.length,
        });
  return [
    ...system.map((policy) => summaryOfSystem(policy, pointer[kind]?.policyId === policy.id)),
    ...heads.map((head) => summaryOf(head, pointer)),
  ];
}

function summaryOfSystem(
  { id, name, description }: { id: string; name: string; description: string },
  active: boolean,
): PolicySummary {
  return { id, name, description, version: SYSTEM_POLICY_VERSION, systemDefined: true, active };
}

function summaryOf(head: PolicyHead, pointer: ActivePointer): PolicySummary {
  const { id, kind, name, description, version, createdAt, createdBy, modifiedAt, modifiedBy } = head;
  return {
    id,
    name,
    description,
    version,
    systemDefined: false,
    active: pointer[kind]?.policyId === id,
    createdAt,
    createdBy: createdBy.name,
    modifiedAt,
    modifiedBy: modifiedBy.name,
  };
}

function etagOf(revision: string, { id, active }: PolicySummary): string {
  return `"${sha256Hex(JSON.stringify([revision, id, active])).slice(0, 32)}"`;
}
