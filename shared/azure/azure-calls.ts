/** Calls of Azure Resource Manager: what every client of it shares. */
import { isRestError, type PipelineResponse } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { AzureError, readAzureError, retryAfterSeconds } from './azure-error';
import { signInError } from './sign-in-errors';

/** A subscription, and how to call Resource Manager about it. */
export interface AzureSubscription {
  subscriptionId: string;
  credential: TokenCredential;
  /** Resource Manager; absent: that of public Azure. */
  endpoint?: string | undefined;
}

export const AZURE_SCOPE = 'https://management.azure.com/.default';
const CALL_MILLISECONDS = 60_000;

export interface CallOptions {
  abortSignal: AbortSignal;
}

/** Runs a call, which is aborted when it takes too long. @throws AzureError */
export async function callAzure<T>(
  work: (options: CallOptions) => Promise<T>,
  milliseconds = CALL_MILLISECONDS,
): Promise<T> {
  try {
    return await work({ abortSignal: AbortSignal.timeout(milliseconds) });
  } catch (error) {
    throw asAzureError(error);
  }
}

/** The body of an answer with status 200. @throws AzureError for any other status */
export function successfulBody({ status, bodyAsText, headers }: PipelineResponse): unknown {
  const body = parsed(bodyAsText);
  if (status === 200) return body;
  throw new AzureError(
    readAzureError(body, headers.get('x-ms-correlation-request-id')),
    status,
    retryAfterSeconds((name) => headers.get(name), new Date()),
  );
}

function asAzureError(error: unknown): unknown {
  if (error instanceof AzureError) return error;
  if (isRestError(error)) {
    const headers = error.response?.headers;
    const body = parsed(error.response?.bodyAsText);
    const info = readAzureError(body, headers?.get('x-ms-correlation-request-id'));
    const named =
      body === undefined ? { ...info, code: error.code ?? info.code, message: error.message } : info;
    return new AzureError(
      named,
      error.statusCode,
      retryAfterSeconds((name) => headers?.get(name), new Date()),
    );
  }
  if (!(error instanceof Error)) return error;
  // Of a credential that the caller made.
  if (/^(?:Authentication|CredentialUnavailable)/.test(error.name)) return signInError(error);
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return new AzureError({ code: 'NoAnswer', message: 'Azure did not answer in time.' });
  return error;
}

function parsed(text: string | null | undefined): unknown {
  try {
    return text ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined;
  }
}
