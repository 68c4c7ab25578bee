/** Refused sign-ins of an application: the errors of Microsoft Entra ID, made readable. Pure. */
import { AzureError } from './azure-error';

/**
 * What to do about each error that a client secret can lead to.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
 */
const ADVICE: Readonly<Record<string, string>> = {
  AADSTS7000215: 'The client secret is wrong. Enter the value of the secret, not its id.',
  AADSTS7000222: 'The client secret has expired. Create another one for the application, and enter it.',
  AADSTS700016:
    'The application does not exist in this directory. Check the application (client) id and the directory (tenant) id.',
  AADSTS90002: 'The directory does not exist. Check the directory (tenant) id.',
  AADSTS900023: 'The directory does not exist. Check the directory (tenant) id.',
  AADSTS7000112: 'The application is disabled in this directory. Enable sign-in for it.',
  AADSTS53003: 'A Conditional Access policy blocks the application. Exclude it, or allow its addresses.',
};

/** Entra is overloaded or has a passing fault. */
const TEMPORARY = ['AADSTS90033', 'AADSTS90055', 'AADSTS50196', 'AADSTS90024'];

/**
 * The error of a credential as one of Azure: with the code of Entra and status 401 when the sign-in was refused, without
 * a status when there was no answer.
 */
export function signInError(error: unknown): AzureError {
  if (error instanceof AzureError) return error;
  const text = error instanceof Error ? error.message : '';
  const [, code = '', reason = ''] = /(AADSTS\d+): (.*?)(?: Trace ID:|$)/s.exec(text) ?? [];
  if (code === '')
    return new AzureError({
      code: 'SignInFailed',
      message: 'Microsoft Entra ID did not answer the sign-in.',
    });
  const correlationId = /Correlation ID: ([0-9a-f-]{36})/i.exec(text)?.[1];
  const message = [ADVICE[code], reason].filter(Boolean).join(' ');
  return new AzureError({ code, message, correlationId }, TEMPORARY.includes(code) ? 503 : 401);
}
