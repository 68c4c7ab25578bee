/** The app of the benchmark: one orchestration that starts this many activities at once and waits for all. */
import * as df from 'durable-functions';

df.app.activity('add', { handler: ({ value }: { value: number }) => value + 1 });

df.app.orchestration('fanOut', function* (context) {
  const count = context.df.getInput<number>();
  const tasks = Array.from({ length: count }, (_, value) => context.df.callActivity('add', { value }));
  const results = (yield context.df.Task.all(tasks)) as number[];
  return results.reduce((sum, value) => sum + value, 0);
});
