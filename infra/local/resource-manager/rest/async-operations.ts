/** Work that continues after the answer, and its status for polling clients. In memory: lost at a restart. */
import { randomUUID } from 'node:crypto';
import { HttpError } from '../../stand-in-support/errors';
import { type Reply } from '../../stand-in-support/server';
import { armError, type ErrorInfo, infoOf } from '../arm-error';

interface Operation {
  status: 'InProgress' | 'Succeeded' | 'Failed';
  startTime: string;
  endTime?: string;
  error?: ErrorInfo;
}

export const RETRY_AFTER = { 'retry-after': '1' };

export class AsyncOperations {
  private readonly operations = new Map<string, Operation>();
  private readonly inProgress = new Set<Promise<void>>();

  /** Starts the work and returns its polling path, below the subscription. */
  start(namespace: string, location: string, work: () => Promise<void>): string {
    const id = randomUUID();
    const operation: Operation = { status: 'InProgress', startTime: new Date().toISOString() };
    this.operations.set(id, operation);
    const done = work()
      .then(
        () => Object.assign(operation, { status: 'Succeeded' }),
        (error: unknown) => Object.assign(operation, { status: 'Failed', error: toInfo(error) }),
      )
      .then(() => {
        operation.endTime = new Date().toISOString();
        this.inProgress.delete(done);
      });
    this.inProgress.add(done);
    return `/providers/${namespace}/locations/${location}/operations/${id}`;
  }

  /** For `Azure-AsyncOperation`. */
  status(id: string): Reply {
    const operation = this.find(id);
    const headers = operation.status === 'InProgress' ? RETRY_AFTER : {};
    return { status: 200, headers, body: { id, name: id, ...operation } };
  }

  /** Resolves when all started work has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.inProgress);
  }

  private find(id: string): Operation {
    const operation = this.operations.get(id);
    if (operation !== undefined) return operation;
    throw armError(404, 'OperationNotFound', `The operation '${id}' could not be found.`);
  }
}

function toInfo(error: unknown): ErrorInfo {
  if (error instanceof HttpError) return infoOf(error);
  if (error instanceof Error && error.name === 'BrokenConnectionError') {
    return {
      code: 'InternalServerError',
      message: 'An unexpected error occurred while processing the request.',
    };
  }
  console.error('Resource Manager:', error);
  return { code: 'InternalServerError', message: 'The local Resource Manager failed; see its log.' };
}
