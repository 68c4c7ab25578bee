/** The built-in module `@azure/functions-core`, through which an app registers its functions, model and hooks. */
import { type FunctionMetadata, type RpcLog, type RpcLogLevel } from './rpc';

type HookCallback = (context: object) => unknown;
export type FunctionCallback = (...args: unknown[]) => unknown;

/** What `@azure/functions` implements for the runtime: one of these turns RPC data into handler arguments and back. */
export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
  getInvocationModel(context: object): InvocationModel | Promise<InvocationModel>;
}

interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<{ outputData?: unknown; returnValue?: unknown }>;
}

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

class Disposable {
  constructor(private readonly release: () => void) {}
  dispose(): void {
    this.release();
  }
}

/** The state of one loaded app, and the module object that its libraries see. */
export class CoreModule {
  readonly functions = new Map<string, RegisteredFunction>();
  model: ProgrammingModel | undefined;
  private locked = false;
  private readonly hooks: Record<string, HookCallback[]> = {
    appStart: [],
    appTerminate: [],
    preInvocation: [],
    postInvocation: [],
    log: [],
  };

  constructor(private readonly writeLog: (entry: RpcLog) => void) {}

  /** What `require('@azure/functions-core')` answers; names and behaviour of Microsoft's Node worker. */
  readonly exports = {
    version: '3.10.1',
    hostVersion: '4.1037.0',
    Disposable,
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
      this.register(metadata, callback),
    registerHook: (name: string, callback: HookCallback) => this.registerHook(name, callback),
    setProgrammingModel: (model: ProgrammingModel) => {
      this.model = model;
    },
    getProgrammingModel: () => this.model,
    log: (level: RpcLogLevel, category: RpcLog['category'], message: string) =>
      this.log({ level, category, message }),
  };

  /** From now on functions can no longer be registered. */
  lock(): void {
    this.locked = true;
  }

  /** Runs the hooks of that name one after the other, in the order of registration. */
  async runHooks(name: string, context: object): Promise<void> {
    for (const hook of this.hooksNamed(name)) await hook(context);
  }

  /** Writes a line of the app or of its libraries, after the app's `log` hooks have seen it. */
  log(entry: RpcLog, invocationContext?: object): void {
    const seen = { ...entry, invocationContext, hookData: {} };
    for (const hook of this.hooksNamed('log')) void hook(seen);
    this.writeLog({ ...entry, level: seen.level, message: seen.message });
  }

  private register(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    if (this.locked) throw new Error('A function can only be registered during app startup.');
    if (this.functions.has(metadata.name)) {
      throw new Error(`A function with id "${metadata.name}" has already been registered.`);
    }
    this.functions.set(metadata.name, { metadata, callback });
    return new Disposable(() => this.functions.delete(metadata.name));
  }

  private registerHook(name: string, callback: HookCallback): Disposable {
    const hooks = this.hooksNamed(name);
    hooks.push(callback);
    return new Disposable(() => {
      const index = hooks.indexOf(callback);
      if (index >= 0) hooks.splice(index, 1);
    });
  }

  private hooksNamed(name: string): HookCallback[] {
    const hooks = this.hooks[name];
    if (hooks) return hooks;
    const error = new RangeError(`Unrecognized hook "${name}"`);
    // The library recognises an old runtime by this marker.
    throw Object.assign(error, { isAzureFunctionsSystemError: true });
  }
}
