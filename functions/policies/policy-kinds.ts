/** The table of the three kinds of policies: everything that differs between them. */
import type { z } from 'zod';
import {
  type CompiledDetectionPolicy,
  compile,
  type CompiledRecordingPolicy,
  type CompiledResponsePolicy,
  type DetectionPolicy,
  detectionPolicySchema,
  DO_NOT_DETECT,
  DO_NOT_RESPOND,
  type PolicyKind,
  type RecordingPolicy,
  recordingPolicySchema,
  type ResponsePolicy,
  responsePolicySchema,
  stampRules,
  SYSTEM_RECORDING_POLICIES,
} from './engine';

/** The stored and compiled types of each kind. */
export interface PolicyOf {
  recording: RecordingPolicy;
  eventDetection: DetectionPolicy;
  eventResponse: ResponsePolicy;
}
export interface CompiledOf {
  recording: CompiledRecordingPolicy;
  eventDetection: CompiledDetectionPolicy;
  eventResponse: CompiledResponsePolicy;
}

/** A policy as an administrator sends it. */
export interface PolicyBody<K extends PolicyKind> {
  name: string;
  description: string;
  rules: (Omit<PolicyOf[K]['rules'][number], 'id' | 'createdAt'> & { id?: string | undefined })[];
}

type BodySchema<K extends PolicyKind> = z.ZodType<PolicyBody<K>> & {
  shape: { rules: z.ZodArray<z.ZodObject> };
};

export interface KindDefinition<K extends PolicyKind> {
  kind: K;
  /** The path segment of its collection below a site. */
  collection: string;
  /** Prefix of the names of its operations and schemas. */
  title: string;
  /** Singular and plural in sentences. */
  noun: { one: string; many: string };
  body: BodySchema<K>;
  systemDefined: readonly (PolicyOf[K] & { readonly id: string })[];
  compile: (policy: PolicyOf[K]) => CompiledOf[K];
}

export const POLICY_KINDS: { readonly [K in PolicyKind]: KindDefinition<K> } = {
  recording: {
    kind: 'recording',
    collection: 'recordingPolicies',
    title: 'RecordingPolicy',
    noun: { one: 'a recording policy', many: 'recording policies' },
    body: recordingPolicySchema,
    systemDefined: SYSTEM_RECORDING_POLICIES,
    compile,
  },
  eventDetection: {
    kind: 'eventDetection',
    collection: 'eventDetectionPolicies',
    title: 'EventDetectionPolicy',
    noun: { one: 'an event detection policy', many: 'event detection policies' },
    body: detectionPolicySchema,
    systemDefined: [DO_NOT_DETECT],
    compile,
  },
  eventResponse: {
    kind: 'eventResponse',
    collection: 'eventResponsePolicies',
    title: 'EventResponsePolicy',
    noun: { one: 'an event response policy', many: 'event response policies' },
    body: responsePolicySchema,
    systemDefined: [DO_NOT_RESPOND],
    compile,
  },
};

/** The rules of a body with ids and creation times (`stampRules`); `previous` are those of the version that it replaces. */
export function storedRules<K extends PolicyKind>(
  body: Pick<PolicyBody<K>, 'rules'>,
  previous: PolicyOf[K]['rules'],
  stamp: { newId: () => string; now: string },
): PolicyOf[K]['rules'] {
  // The output of the schema of the kind, with the two fields that it lacks.
  return stampRules(body.rules, previous, stamp) as readonly object[] as PolicyOf[K]['rules'];
}

/** Limits the body of a request that saves a policy. */
export const MAX_POLICY_BYTES = 4 * 1_048_576;

/** System-defined policies change only with the service itself. */
export const SYSTEM_POLICY_VERSION = 1;

/** The system-defined policy of the kind with this id, if there is one. */
export function systemPolicy<K extends PolicyKind>(kind: K, id: string) {
  const { systemDefined }: KindDefinition<K> = POLICY_KINDS[kind];
  return systemDefined.find((policy) => policy.id === id);
}
