/** Errors in the shape of Resource Manager: code, message, target, details. */
import { HttpError } from '../stand-in-support/errors';

/** What stands in `error` of an answer, an operation or a deployment. */
export interface ErrorInfo {
  code: string;
  message: string;
  target?: string;
  details?: ErrorInfo[];
  additionalInfo?: { type: string; info: object }[];
}

export class ArmError extends HttpError {
  constructor(
    status: number,
    readonly info: ErrorInfo,
    headers: Record<string, string> = {},
  ) {
    super(status, info.code, info.message, { headers });
    this.name = 'ArmError';
  }
}

/** `details` and `target` only where there are any. */
export function armError(
  status: number,
  code: string,
  message: string,
  more: Omit<ErrorInfo, 'code' | 'message'> = {},
): ArmError {
  return new ArmError(status, { code, message, ...more });
}

export function infoOf(error: HttpError): ErrorInfo {
  return error instanceof ArmError ? error.info : { code: error.code, message: error.message };
}

export function armErrorBody(error: HttpError): object {
  return { error: infoOf(error) };
}
