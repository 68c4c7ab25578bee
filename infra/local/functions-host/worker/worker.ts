/** The interface between the host and the process that runs the app's code: only RPC-shaped data is exchanged. */
import { type FunctionMetadata, type RpcInvocationRequest, type RpcInvocationResponse } from './rpc';

export interface Worker {
  /** What the app registered while it was loaded. */
  readonly functions: readonly FunctionMetadata[];
  /** Where HTTP requests are to be proxied to, when the app switched HTTP streams on. */
  readonly httpUri?: string;
  /** Runs a function once. Failures of the function are an answer; a rejection is a fault of the worker itself. */
  invoke(functionName: string, request: RpcInvocationRequest): Promise<RpcInvocationResponse>;
  /** Runs the app's `appTerminate` hooks. */
  stop(): Promise<void>;
}
