import { sortFunctions } from './app-functions';
import { type FunctionMetadata, type RpcBinding } from './worker/rpc';

function functionWith(trigger: Record<string, unknown>, ...others: RpcBinding[]): FunctionMetadata {
  const bindings = Object.fromEntries(others.map((binding, index) => [`other${index}`, binding]));
  return {
    name: 'one',
    bindings: { trigger: { type: 'queueTrigger', direction: 'in', ...trigger }, ...bindings },
  };
}

describe('the functions of an app', () => {
  it('are sorted by trigger, whatever its letter case, with settings put in', () => {
    const sorted = sortFunctions([functionWith({ type: 'QueueTrigger', queueName: '%NAME%-in' })], {
      NAME: 'orders',
    });
    expect(sorted.queue[0]?.bindings.trigger?.queueName).toBe('orders-in');
    expect(sorted.http).toEqual([]);
  });

  it('are refused with the name of what is missing or not implemented', () => {
    const refusal = (target: FunctionMetadata) => () => sortFunctions([target], {});
    expect(refusal(functionWith({ queueName: '%NAME%' }))).toThrow(`'%NAME%' does not resolve`);
    expect(refusal(functionWith({ type: 'blobTrigger' }))).toThrow(
      `trigger 'blobTrigger' is not implemented`,
    );
    expect(refusal(functionWith({ type: 'entityTrigger' }))).toThrow(
      `trigger 'entityTrigger' is not implemented`,
    );
    expect(refusal(functionWith({ type: 'eventGridTrigger', cardinality: 'many' }))).toThrow(
      `cardinality 'many'`,
    );
    expect(refusal(functionWith({}, { type: 'blob', direction: 'in' }))).toThrow(`input binding 'blob'`);
    expect(refusal(functionWith({}, { type: 'table', direction: 'out' }))).toThrow(`output binding 'table'`);
    const retried: FunctionMetadata = {
      ...functionWith({}),
      retryOptions: { retryStrategy: 'fixedDelay', maxRetryCount: 1 },
    };
    expect(refusal(retried)).toThrow(`a retry policy on 'queueTrigger' is not implemented`);
  });
});
