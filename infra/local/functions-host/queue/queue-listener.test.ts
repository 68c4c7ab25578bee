import { type QueueClient, RestError } from '@azure/storage-queue';
import { createHostLog } from '../host-log';
import { parseHostJson } from '../host-settings';
import { Invoker } from '../invoker';
import { type FunctionMetadata } from '../worker/rpc';
import { QueueListener } from './queue-listener';

const LEASE_SECONDS = 2;
const settings = {
  ...parseHostJson('{"version":"2.0"}').extensions.queues,
  messageEncoding: 'none' as const,
  batchSize: 4,
  newBatchThreshold: 2,
  maxDequeueCount: 3,
  visibilityTimeoutMs: 5000,
};

interface StoredMessage {
  messageId: string;
  messageText: string;
  popReceipt: string;
  dequeueCount: number;
  visibleMs: number;
}

/** A queue in memory with visibility and pop receipts. */
class MemoryQueue {
  readonly name: string = 'work';
  messages: StoredMessage[] = [];
  /** How long a request for messages takes. */
  receiveMs = 0;
  private receipts = 0;

  asClient(): QueueClient {
    return this as unknown as QueueClient;
  }

  send(...texts: string[]): void {
    for (const messageText of texts)
      this.messages.push({
        messageId: messageText,
        messageText,
        popReceipt: '',
        dequeueCount: 0,
        visibleMs: 0,
      });
  }

  async createIfNotExists(): Promise<void> {}

  async sendMessage(messageText: string): Promise<void> {
    this.send(messageText);
  }

  async receiveMessages(options: { numberOfMessages: number; visibilityTimeout: number }) {
    if (this.receiveMs > 0) await new Promise((resolve) => setTimeout(resolve, this.receiveMs));
    const taken = this.messages.filter(({ visibleMs }) => visibleMs <= Date.now());
    const receivedMessageItems = taken.slice(0, options.numberOfMessages).map((message) => {
      message.dequeueCount += 1;
      this.hide(message, options.visibilityTimeout);
      const time = new Date();
      return { ...message, insertedOn: time, expiresOn: time, nextVisibleOn: time };
    });
    return { receivedMessageItems };
  }

  async updateMessage(id: string, receipt: string, _text: undefined, seconds: number) {
    const message = this.held(id, receipt);
    this.hide(message, seconds);
    return { popReceipt: message.popReceipt };
  }

  async deleteMessage(id: string, receipt: string): Promise<void> {
    const message = this.held(id, receipt);
    this.messages = this.messages.filter((other) => other !== message);
  }

  private hide(message: StoredMessage, seconds: number): void {
    this.receipts += 1;
    message.popReceipt = String(this.receipts);
    message.visibleMs = Date.now() + seconds * 1000;
  }

  private held(id: string, receipt: string): StoredMessage {
    const message = this.messages.find(({ messageId }) => messageId === id);
    if (!message) throw new RestError('gone', { code: 'MessageNotFound', statusCode: 404 });
    if (message.popReceipt !== receipt)
      throw new RestError('taken', { code: 'PopReceiptMismatch', statusCode: 400 });
    return message;
  }
}

/** A listener whose function takes `functionMs`, and fails for texts that begin with "bad". */
function listen(functionMs: number) {
  const [queue, poisonQueue] = [new MemoryQueue(), new MemoryQueue()];
  const runs: { text: string; atMs: number }[] = [];
  const lines: string[] = [];
  const load = { now: 0, most: 0 };
  const log = createHostLog('warning', (line) => lines.push(line));
  const target: FunctionMetadata = {
    name: 'work',
    bindings: { message: { type: 'queueTrigger', direction: 'in', queueName: 'work' } },
  };
  const invoke = async (_name: string, request: { inputData: readonly { data: { string?: string } }[] }) => {
    const text = request.inputData[0]?.data.string ?? '';
    runs.push({ text, atMs: Date.now() });
    load.now += 1;
    load.most = Math.max(load.most, load.now);
    await new Promise((resolve) => setTimeout(resolve, functionMs));
    load.now -= 1;
    if (text.startsWith('bad')) throw new Error('cannot take it');
    return { status: 'success' as const, outputData: [] };
  };
  const listener = new QueueListener({
    target,
    queue: queue.asClient(),
    poisonQueue: poisonQueue.asClient(),
    settings,
    leaseSeconds: LEASE_SECONDS,
    invoker: new Invoker({ invoke }, { inputs: {}, outputs: {} }, log),
    log,
  });
  return { listener, queue, poisonQueue, runs, lines, load };
}

async function end(listener: QueueListener): Promise<void> {
  const stopped = listener.stop();
  await jest.advanceTimersByTimeAsync(2000);
  await stopped;
}

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => jest.useRealTimers());

it('runs a message once whose function takes many times as long as the message is hidden', async () => {
  const { listener, queue, runs } = listen(20_000);
  queue.send('long');
  listener.start();
  await jest.advanceTimersByTimeAsync(30_000);
  expect([runs.length, queue.messages.length]).toEqual([1, 0]);
  await end(listener);
});

it('notices that a message was taken over, and leaves it to its new owner', async () => {
  const { listener, queue, runs, lines } = listen(3000);
  queue.send('bad');
  listener.start();
  await jest.advanceTimersByTimeAsync(100);
  const [message] = queue.messages;
  Object.assign(message ?? {}, { popReceipt: 'another process', visibleMs: Date.now() + 3_600_000 });
  await jest.advanceTimersByTimeAsync(10_000);
  expect(runs).toHaveLength(1);
  expect(lines).toContainEqual(
    expect.stringContaining(`'bad' of queue 'work' was taken over while its function ran`),
  );
  expect(queue.messages).toMatchObject([{ popReceipt: 'another process' }]);
  await end(listener);
});

it('runs batchSize + newBatchThreshold messages at once, at most', async () => {
  const { listener, queue, load } = listen(1000);
  queue.send(...Array.from({ length: 20 }, (_, index) => `message ${index}`));
  listener.start();
  await jest.advanceTimersByTimeAsync(20_000);
  expect(load.most).toBe(settings.batchSize + settings.newBatchThreshold);
  expect(queue.messages).toEqual([]);
  await end(listener);
});

it('retries a failing message after visibilityTimeout, and moves it to the poison queue after maxDequeueCount attempts', async () => {
  const { listener, queue, poisonQueue, runs } = listen(10);
  queue.send('bad');
  listener.start();
  await jest.advanceTimersByTimeAsync(30_000);
  const [first = 0, second = 0, third = 0, ...others] = runs.map(({ atMs }) => atMs);
  expect(others).toEqual([]);
  for (const pause of [second - first, third - second]) {
    expect(pause).toBeGreaterThanOrEqual(settings.visibilityTimeoutMs);
    expect(pause).toBeLessThan(settings.visibilityTimeoutMs + 1500);
  }
  expect(poisonQueue.messages).toMatchObject([{ messageText: 'bad' }]);
  expect(queue.messages).toEqual([]);
  await end(listener);
});

it('finishes what runs when it is stopped, and gives back what only just came', async () => {
  const { listener, queue, runs } = listen(3000);
  queue.send('running');
  listener.start();
  await jest.advanceTimersByTimeAsync(50);
  queue.receiveMs = 300;
  await jest.advanceTimersByTimeAsync(100);
  queue.send('late');
  const stopped = listener.stop();
  await jest.advanceTimersByTimeAsync(500);
  await stopped;
  expect(queue.messages.map(({ messageText, visibleMs }) => [messageText, visibleMs <= Date.now()])).toEqual([
    ['running', false],
    ['late', true],
  ]);
  const finished = listener.finished();
  await jest.advanceTimersByTimeAsync(4000);
  await finished;
  expect(runs.map(({ text }) => text)).toEqual(['running']);
  expect(queue.messages).toMatchObject([{ messageText: 'late' }]);
});
