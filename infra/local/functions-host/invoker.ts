/**
 * Runs functions for the triggers: fills input bindings, executes output bindings, logs failures, counts running
 * functions.
 */
import { randomUUID } from 'node:crypto';
import { describeException, type HostLog, messageOf } from './host-log';
import { traceContextOf } from './trace-context';
import {
  type FunctionMetadata,
  type RpcBinding,
  type RpcException,
  type RpcInvocationResponse,
  type RpcRetryContext,
  type RpcTraceContext,
  type TypedData,
} from './worker/rpc';
import { type Worker } from './worker/worker';

/** The input of one execution from its trigger. */
export interface TriggerCall {
  readonly data: TypedData;
  readonly metadata: Readonly<Record<string, TypedData>>;
  /** Why it runs, as the real host logs it, such as `New queue message detected on 'orders'.` */
  readonly reason: string;
  readonly retryContext?: RpcRetryContext;
  /** Of the request that is answered; absent: the execution is a trace of its own. */
  readonly traceContext?: RpcTraceContext;
  /** A read, by its HTTP method: it sends nothing anywhere. */
  readonly isSafe?: boolean;
  /** Set when the id must be known outside, as for a proxied HTTP request. */
  readonly invocationId?: string;
}

export type InvocationResult =
  | { readonly ok: true; readonly returnValue: TypedData | null | undefined }
  | { readonly ok: false; readonly exception: RpcException };

/** The bindings besides triggers that this host supports, by type in lower case. */
export interface BindingHandlers {
  readonly inputs: Readonly<Record<string, (binding: RpcBinding) => TypedData>>;
  readonly outputs: Readonly<Record<string, (binding: RpcBinding, value: TypedData) => Promise<void>>>;
}

/** host.json `functionTimeout`. */
export interface FunctionTimeout {
  readonly limitMs: number;
  /** The function still runs, and only the end of its worker can stop it. */
  readonly onExceeded: () => void;
}

export class Invoker {
  private readonly running = new Set<Promise<unknown>>();
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly worker: Pick<Worker, 'invoke'>,
    private readonly handlers: BindingHandlers,
    private readonly log: HostLog,
    private readonly timeout?: FunctionTimeout,
  ) {}

  /** Calls `listener` whenever a function has ended that may have sent messages. */
  onEnded(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Runs a function once. Never rejects: every failure is a result and one line in the log. */
  run(target: FunctionMetadata, call: TriggerCall): Promise<InvocationResult> {
    const run = this.execute(target, call).finally(() => {
      this.running.delete(run);
      if (!call.isSafe) for (const listener of this.listeners) listener();
    });
    this.running.add(run);
    return run;
  }

  /** Waits for the running executions, at most `timeoutMs`. Returns how many executions were still running then. */
  async drain(timeoutMs: number): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)));
    const allEnded = async () => {
      while (this.running.size > 0) await Promise.all(this.running);
    };
    await Promise.race([allEnded(), timeout]);
    clearTimeout(timer);
    return this.running.size;
  }

  private async execute(target: FunctionMetadata, call: TriggerCall): Promise<InvocationResult> {
    const invocationId = call.invocationId ?? randomUUID();
    const category = `Function.${target.name}`;
    const startedAt = performance.now();
    this.log.write(
      'debug',
      category,
      `Executing 'Functions.${target.name}' (Reason='${call.reason}', Id=${invocationId})`,
    );
    const result = await this.invokeInTime(target, call, invocationId);
    const outcome = `Id=${invocationId}, Duration=${Math.round(performance.now() - startedAt)}ms`;
    if (result.ok) {
      this.log.write('debug', category, `Executed 'Functions.${target.name}' (Succeeded, ${outcome})`);
    } else {
      const failure = describeException(result.exception);
      this.log.write(
        'error',
        category,
        `Executed 'Functions.${target.name}' (Failed, ${outcome}) ${failure}`,
      );
    }
    return result;
  }

  /** The real host's FunctionExecutor: the execution has failed, whatever the function does afterwards. */
  private async invokeInTime(
    target: FunctionMetadata,
    call: TriggerCall,
    invocationId: string,
  ): Promise<InvocationResult> {
    const { timeout } = this;
    const invocation = this.invokeWorker(target, call, invocationId);
    if (!timeout) return invocation;
    let timer: NodeJS.Timeout | undefined;
    const exceeded = new Promise<InvocationResult>((resolve) => {
      timer = setTimeout(() => {
        const message = `Timeout value of ${timeout.limitMs} ms was exceeded by function: Functions.${target.name}`;
        resolve({ ok: false, exception: { message, stackTrace: '' } });
        timeout.onExceeded();
      }, timeout.limitMs);
    });
    const result = await Promise.race([invocation, exceeded]);
    clearTimeout(timer);
    return result;
  }

  private async invokeWorker(
    target: FunctionMetadata,
    call: TriggerCall,
    invocationId: string,
  ): Promise<InvocationResult> {
    try {
      const response = await this.worker.invoke(target.name, {
        invocationId,
        inputData: this.inputData(target, call.data),
        triggerMetadata: { ...call.metadata, sys: systemMetadata(target.name) },
        retryContext: call.retryContext,
        traceContext: call.traceContext ?? traceContextOf(),
      });
      if (response.status === 'failure') return { ok: false, exception: response.exception };
      await this.writeOutputs(target, response);
      return { ok: true, returnValue: response.returnValue };
    } catch (error) {
      const stackTrace = error instanceof Error ? (error.stack ?? '') : '';
      return { ok: false, exception: { message: messageOf(error), stackTrace } };
    }
  }

  private inputData(target: FunctionMetadata, triggerData: TypedData) {
    return Object.entries(target.bindings)
      .filter(([, binding]) => binding.direction === 'in')
      .map(([name, binding]) => {
        if (isTrigger(binding)) return { name, data: triggerData };
        const fill = this.handlers.inputs[binding.type.toLowerCase()];
        if (!fill) throw new Error(`Input binding '${binding.type}' is not implemented`);
        return { name, data: fill(binding) };
      });
  }

  /** Output bindings are executed after the function: if one fails, the execution fails, as in the real host. */
  private async writeOutputs(
    target: FunctionMetadata,
    response: Extract<RpcInvocationResponse, { status: 'success' }>,
  ): Promise<void> {
    const values = [...response.outputData, { name: '$return', data: response.returnValue }];
    await Promise.all(
      values.map(async ({ name, data }) => {
        const binding = target.bindings[name];
        if (!binding || !data) return;
        await this.handlers.outputs[binding.type.toLowerCase()]?.(binding, data);
      }),
    );
  }
}

/** The trigger of a function. Throws when it has none, which the programming model does not allow. */
export function triggerOf(target: FunctionMetadata): RpcBinding {
  const trigger = Object.values(target.bindings).find(isTrigger);
  if (!trigger) throw new Error(`Function '${target.name}' has no trigger`);
  return trigger;
}

function isTrigger(binding: RpcBinding): boolean {
  return /trigger$/i.test(binding.type);
}

/** Binding data that the real host adds to every execution. */
function systemMetadata(functionName: string): TypedData {
  return {
    json: JSON.stringify({
      MethodName: functionName,
      UtcNow: new Date().toISOString(),
      RandGuid: randomUUID(),
    }),
  };
}
