/**
 * `npm run replay-dead-letters [-- --dry-run] [--prefix TEXT]`: publishes again what Event Grid could not deliver.
 * Of the local service (`PORT`), or, with `--blob-endpoint URL --topic-endpoint URL`, of one in Azure, signed in as
 * `az login` has it. Nothing is done twice: the pipeline deduplicates events by id.
 */
import { parseArgs } from 'node:util';
import { line, step, table } from './demo/print';
import { replayDeadLetters } from './replay/replay-dead-letters';
import { azureTarget, localTarget } from './replay/target';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'blob-endpoint': { type: 'string' },
      'topic-endpoint': { type: 'string' },
      prefix: { type: 'string', default: '' },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  const { 'blob-endpoint': blobEndpoint, 'topic-endpoint': topicEndpoint, 'dry-run': dryRun } = values;
  if ((blobEndpoint === undefined) !== (topicEndpoint === undefined))
    throw new Error('--blob-endpoint and --topic-endpoint belong together.');
  const target =
    blobEndpoint === undefined || topicEndpoint === undefined
      ? await localTarget(Number(process.env.PORT ?? 7071))
      : azureTarget(blobEndpoint, topicEndpoint);
  step(`${dryRun ? 'Would be published again' : 'Publishing again'} from ${target.deadLetters.url}`);
  const letters = await replayDeadLetters(target, { prefix: values.prefix, dryRun });
  table(
    ['blob', 'events', 'dead-letter reason', 'now'],
    letters.map(({ name, events, reasons, outcome }) => [name, events, reasons.join(', '), outcome]),
  );
  const left = letters.filter(({ isLeft }) => isLeft).length;
  line(`${letters.length} blobs, ${dryRun ? 'none touched' : `${left} of them left where they are`}`);
  if (left > 0 && !dryRun) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
