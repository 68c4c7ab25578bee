/**
 * Answers questions about versions of policies. Small ones are evaluated at once; others in a worker thread, so that no
 * customer waits while the policy of another one is compiled or its patterns are searched.
 */
import type { Services } from '../../../shared/services';
import { ThreadPool } from '../../../shared/threads/thread-pool';
import type { Policy, PolicyKind, SessionEvent, SessionFacts } from '../engine';
import { systemPolicy } from '../policy-kinds';
import type { PolicyVersion } from '../policy-version';
import { readPolicyDocument } from '../versions/policy-bodies';
import { compiledBytes } from './policy-memory';
import { type AnyCompiled, PolicyCache } from './policy-cache';
import {
  answerQuestion,
  type Question,
  type QuestionName,
  type Questions,
  type ResponseOutcome,
} from './policy-question';
import type { PolicyTask, PolicyTaskResult, TimedAnswer } from './policy-thread';

/** Compiling a policy within these limits takes a few milliseconds. */
const MAX_SMALL_DOCUMENT_BYTES = 16_384;
const MAX_SMALL_COMPILED_BYTES = 600_000;
/** Compiling a larger policy takes so long that those with smaller ones would notice. */
const MAX_MEDIUM_DOCUMENT_BYTES = 262_144;
/** The memory of all compiled policies of the process: 400 MB. */
const MAX_CACHED_BYTES = { small: 40_000_000, medium: 100_000_000, large: 260_000_000 };
const DEADLINE_SECONDS = 15;
/** What is copied to a thread at once. */
const MAX_EVENTS_PER_QUESTION = 64;

const limits = { file: 'policy-thread.js', maxThreads: 1, maxWaiting: 1_000, maxWaitingPerCustomer: 100 };
const medium = new ThreadPool({ ...limits, heapMegabytes: 192, workerData: MAX_CACHED_BYTES.medium });
const large = new ThreadPool({ ...limits, heapMegabytes: 448, workerData: MAX_CACHED_BYTES.large });

/** A version of a policy of a site, and where to read it. */
export interface PolicyReference extends PolicyVersion {
  services: Pick<Services, 'blobs' | 'workLimits'>;
  customerId: string;
  siteId: string;
}

/** What the main thread knows of a version. */
interface Known {
  /** Where questions are answered; undefined: on the main thread. */
  pool: ThreadPool | undefined;
  /** The same for responses to events. */
  poolOfResponses: ThreadPool | undefined;
  /** The event types that triggers are for, or that are logged: asked with every batch of events. */
  types: unknown;
}

/** More versions than a process meets between two starts. */
const MAX_KNOWN = 100_000;

/** What one process knows of policies; tests with several services have several. */
class KnownPolicies {
  private readonly known = new Map<string, Known>();
  private readonly loading = new Map<string, Promise<AnyCompiled | undefined>>();
  private readonly cache = new PolicyCache(MAX_CACHED_BYTES.small);

  /** The answer, or undefined when there is no such version. */
  async ask(reference: PolicyReference, kind: PolicyKind, question: Question): Promise<unknown> {
    const key = keyOf(reference, kind);
    const known = this.known.get(key) ?? (await this.place(key, reference, kind));
    if (!known) return undefined;
    const isAboutTypes = question.name === 'triggerTypes' || question.name === 'loggedTypes';
    if (isAboutTypes && known.types !== undefined) return known.types;
    const pool = question.name === 'respond' ? known.poolOfResponses : known.pool;
    const result = pool
      ? await askThread(pool, reference, { key, question })
      : await this.answerHere(key, reference, kind, question);
    if (!result) return undefined;
    const { answer, milliseconds } = result;
    if (isAboutTypes) known.types = answer;
    const events = question.name === 'respond' ? (answer as ResponseOutcome[]).length : 0;
    reference.services.workLimits.matching.matched(reference.customerId, events, milliseconds);
    return answer;
  }

  /** Decides where a version is evaluated, when it is first asked something. */
  private async place(key: string, reference: PolicyReference, kind: PolicyKind): Promise<Known | undefined> {
    const document = systemPolicy(kind, reference.policyId) ? undefined : await readDocument(reference);
    if (!document && !systemPolicy(kind, reference.policyId)) return undefined;
    const pool = document && poolOf(document);
    const poolOfResponses =
      pool ?? (document?.includes('"matches"') && medium.isAvailable ? medium : undefined);
    const known: Known = { pool, poolOfResponses, types: undefined };
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(key, known);
    return known;
  }

  private async answerHere(key: string, reference: PolicyReference, kind: PolicyKind, question: Question) {
    const compiled = this.cache.get(key) ?? (await this.load(key, reference, kind));
    if (!compiled) return undefined;
    const startedAt = performance.now();
    const answer = answerQuestion(compiled, question);
    return { answer, milliseconds: performance.now() - startedAt };
  }

  /** Several that need the same policy at once wait for the same. */
  private load(key: string, reference: PolicyReference, kind: PolicyKind): Promise<AnyCompiled | undefined> {
    const loading = this.loading.get(key);
    if (loading) return loading;
    const load = async () => {
      const system = systemPolicy(kind, reference.policyId);
      if (system) return this.cache.add(key, system, 0);
      const document = await readDocument(reference);
      return document && this.cache.add(key, JSON.parse(document.toString()) as Policy, document.length);
    };
    const loaded = load().finally(() => this.loading.delete(key));
    this.loading.set(key, loaded);
    return loaded;
  }
}

const processes = new WeakMap<PolicyReference['services']['blobs'], KnownPolicies>();

/**
 * The answer of a version of a policy, or undefined when there is no such version.
 * @throws Problem `too-many-requests` or `unavailable` when too much is waiting for the worker threads
 */
export async function askPolicy<Name extends QuestionName>(
  reference: PolicyReference,
  name: Name,
  input: Questions[Name]['input'],
): Promise<Questions[Name]['answer'] | undefined> {
  const { blobs } = reference.services;
  let known = processes.get(blobs);
  if (!known) processes.set(blobs, (known = new KnownPolicies()));
  // The name says which input and answer it is; the compiler cannot relate them.
  const answer = await known.ask(reference, KINDS[name], { name, input } as Question);
  return answer as Questions[Name]['answer'] | undefined;
}

const KINDS: { readonly [Name in QuestionName]: Questions[Name]['kind'] } = {
  decide: 'recording',
  detects: 'eventDetection',
  loggedTypes: 'eventDetection',
  preEventSeconds: 'eventResponse',
  triggerTypes: 'eventResponse',
  respond: 'eventResponse',
};

/**
 * The responses of a version of a policy to events, in their order and in slices, between which other requests have their
 * turn; a customer who has used up its time for matching waits. Ends when there is no such version.
 * @throws Problem `too-many-requests` when it would have to wait for too long
 */
export async function* responsesTo(
  reference: PolicyReference,
  facts: SessionFacts,
  events: readonly SessionEvent[],
): AsyncGenerator<{ event: SessionEvent; outcome: ResponseOutcome }[]> {
  let rest = events;
  while (rest.length > 0) {
    await reference.services.workLimits.matching.pause(reference.customerId);
    const some = rest.slice(0, MAX_EVENTS_PER_QUESTION);
    const outcomes = await askPolicy(reference, 'respond', { facts, events: some });
    if (!outcomes) return;
    yield outcomes.flatMap((outcome, index) => (some[index] ? [{ event: some[index], outcome }] : []));
    rest = rest.slice(outcomes.length);
    if (rest.length > 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function poolOf(document: Buffer): ThreadPool | undefined {
  const pool = document.length > MAX_MEDIUM_DOCUMENT_BYTES ? large : medium;
  if (!pool.isAvailable || isSmall(document)) return undefined;
  return pool;
}

function isSmall(document: Buffer): boolean {
  if (document.length > MAX_SMALL_DOCUMENT_BYTES) return false;
  const policy = JSON.parse(document.toString()) as Policy;
  return compiledBytes(policy, document.length) <= MAX_SMALL_COMPILED_BYTES;
}

/** A thread that does not have the policy, or not any more, is sent it. */
async function askThread(
  pool: ThreadPool,
  reference: PolicyReference,
  task: PolicyTask,
): Promise<TimedAnswer | undefined> {
  const { customerId } = reference;
  const run = async (input: PolicyTask, transfer: ArrayBuffer[] = []) =>
    (await pool.run({ customerId, input, transfer, deadlineSeconds: DEADLINE_SECONDS })) as PolicyTaskResult;
  const first = await run(task);
  if ('answer' in first) return first;
  const found = await readDocument(reference);
  if (!found) return undefined;
  const document = new Uint8Array(found);
  const second = await run({ ...task, document }, [document.buffer]);
  return 'answer' in second ? second : undefined;
}

function readDocument(reference: PolicyReference): Promise<Buffer | undefined> {
  const { services, customerId, siteId, policyId, version } = reference;
  return readPolicyDocument(services, customerId, siteId, { policyId, version });
}

function keyOf({ customerId, siteId, policyId, version }: PolicyReference, kind: PolicyKind): string {
  const owner = systemPolicy(kind, policyId) ? [] : [customerId, siteId];
  return JSON.stringify([kind, ...owner, policyId, version]);
}
