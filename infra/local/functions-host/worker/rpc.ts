/** The data exchanged between host and worker, in the shapes of the Functions RPC contract (FunctionRpc.proto). */

/** One value on the wire: exactly one of the fields is set; none is null. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
  readonly http?: RpcHttp;
}

export interface NullableString {
  readonly value: string;
}

/** An HTTP request on the way in, an HTTP response on the way out. */
export interface RpcHttp {
  readonly method?: string;
  readonly url?: string;
  readonly nullableHeaders?: Record<string, NullableString>;
  readonly nullableQuery?: Record<string, NullableString>;
  readonly nullableParams?: Record<string, NullableString>;
  readonly statusCode?: string;
  readonly headers?: Record<string, string>;
  readonly cookies?: readonly RpcHttpCookie[];
  readonly body?: TypedData | null;
}

export interface RpcHttpCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: NullableString;
  readonly path?: NullableString;
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly maxAge?: { readonly value: number };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: string;
}

/** A trigger, input or output of a function, with the properties that its kind of binding defines. */
export interface RpcBinding {
  readonly type: string;
  readonly direction: 'in' | 'out';
  readonly [property: string]: unknown;
}

/** What `retry` of a function says; durations are whole seconds, as the worker sends them. */
export interface RpcRetryOptions {
  readonly retryStrategy: 'fixedDelay' | 'exponentialBackoff';
  readonly maxRetryCount: number;
  readonly delayInterval?: { readonly seconds: number };
  readonly minimumInterval?: { readonly seconds: number };
  readonly maximumInterval?: { readonly seconds: number };
}

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, RpcBinding>>;
  readonly retryOptions?: RpcRetryOptions;
}

export interface RpcException {
  readonly message: string;
  readonly stackTrace: string;
}

export interface RpcTraceContext {
  readonly traceParent: string;
  readonly traceState: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RpcRetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception?: RpcException;
}

export interface ParameterBinding {
  readonly name: string;
  readonly data: TypedData;
}

export interface RpcInvocationRequest {
  readonly invocationId: string;
  readonly inputData: readonly ParameterBinding[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly retryContext?: RpcRetryContext;
  readonly traceContext?: RpcTraceContext;
}

export type RpcInvocationResponse =
  | {
      readonly status: 'success';
      readonly outputData: readonly ParameterBinding[];
      readonly returnValue?: TypedData | null;
    }
  | { readonly status: 'failure'; readonly exception: RpcException };

export type RpcLogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

export interface RpcLog {
  readonly level: RpcLogLevel;
  /** `system` is the runtime's own line, `user` one that the app wrote. */
  readonly category: 'user' | 'system' | 'customMetric';
  readonly message: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}
