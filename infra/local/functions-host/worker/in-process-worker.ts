/** A worker in the host's own process: loads the app bundle and runs it through `@azure/functions`. */
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import {
  CoreModule,
  type FunctionCallback,
  type ProgrammingModel,
  type RegisteredFunction,
} from './core-module';
import {
  type ParameterBinding,
  type RpcException,
  type RpcInvocationRequest,
  type RpcInvocationResponse,
  type RpcLog,
  type TypedData,
} from './rpc';
import { type Worker } from './worker';

const CORE_MODULE = '@azure/functions-core';

/** Loads the CommonJS bundle at `appPath` and runs its `appStart` hooks. Rejects with what the app throws while loading. */
export async function loadApp(appPath: string, writeLog: (entry: RpcLog) => void): Promise<Worker> {
  const core = new CoreModule(writeLog);
  supplyCoreModule(core);
  createRequire(__filename)(path.resolve(appPath));
  const model = core.model;
  if (!model) throw new Error(`${appPath} registered no function: it does not use @azure/functions 4`);
  const capabilities = (await model.getCapabilities?.({})) ?? {};
  const appHookData = {};
  await core.runHooks('appStart', { hookData: {}, appHookData });
  core.lock();
  return {
    functions: [...core.functions.values()].map((registered) => registered.metadata),
    httpUri: capabilities.HttpUri,
    invoke: async (functionName, request) => {
      const registered = core.functions.get(functionName);
      if (!registered)
        throw new Error(`Function code for '${functionName}' is not loaded and cannot be invoked.`);
      try {
        return await invoke(core, model, registered, request, appHookData);
      } catch (error) {
        return { status: 'failure', exception: toRpcException(error) };
      }
    },
    stop: () => core.runHooks('appTerminate', { hookData: {}, appHookData }),
  };
}

/** The runtime's module does not exist on disk: a require of it returns ours. Must run before the app is loaded. */
function supplyCoreModule(core: CoreModule): void {
  // Not in Node's type definitions, but every require calls it, from a bundle as from a package.
  const loader = Module as typeof Module & { _load(request: string, ...rest: unknown[]): unknown };
  const load = loader._load.bind(loader);
  loader._load = (request, ...rest) => (request === CORE_MODULE ? core.exports : load(request, ...rest));
}

/** The steps of Microsoft's worker: arguments, preInvocation hooks, the function, postInvocation hooks, response. */
async function invoke(
  core: CoreModule,
  model: ProgrammingModel,
  registered: RegisteredFunction,
  request: RpcInvocationRequest,
  appHookData: object,
): Promise<RpcInvocationResponse> {
  const { invocationId } = request;
  const functionName = registered.metadata.name;
  const coreContext = {
    invocationId,
    request,
    metadata: registered.metadata,
    state: undefined as string | undefined,
    invocationContext: undefined as object | undefined,
    log: (level: RpcLog['level'], category: RpcLog['category'], message: string) =>
      core.log({ level, category, message, functionName, invocationId }, coreContext.invocationContext),
  };
  const invocation = await model.getInvocationModel(coreContext);
  const { context, inputs } = await invocation.getArguments();
  coreContext.invocationContext = context;

  const shared = { hookData: {}, appHookData, invocationContext: context };
  const before: { inputs: unknown[]; functionCallback: FunctionCallback } = {
    inputs,
    functionCallback: registered.callback,
    ...shared,
  };
  coreContext.state = 'preInvocationHooks';
  await core.runHooks('preInvocation', before);

  const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
  coreContext.state = 'invocation';
  try {
    after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error ?? new Error('Unknown error');
  }
  coreContext.state = 'postInvocationHooks';
  await core.runHooks('postInvocation', after);
  coreContext.state = undefined;
  if (after.error !== null && after.error !== undefined)
    return { status: 'failure', exception: toRpcException(after.error) };

  const response = await invocation.getResponse(context, after.result);
  return {
    status: 'success',
    outputData: (response.outputData ?? []) as readonly ParameterBinding[],
    returnValue: response.returnValue as TypedData | null | undefined,
  };
}

/** A thrown value, as the worker reports it; anything but an error is shown as JSON. */
function toRpcException(error: unknown): RpcException {
  if (error instanceof Error) return { message: error.message, stackTrace: error.stack ?? '' };
  const message = typeof error === 'string' ? error : (JSON.stringify(error) ?? String(error));
  return { message, stackTrace: '' };
}
