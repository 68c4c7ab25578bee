/**
 * `npm run replay-dead-letters [-- --dry-run] [--prefix TEXT]`: publishes again what Event Grid could not deliver.
 * Of the local service (`PORT`), or, with `--blob-endpoint URL --topic-endpoint URL`, of one in Azure, signed in as
 * `az login` has it. Nothing is done twice: the pipeline deduplicates events by id.
 */
import { basePort } from './cli/base-port';
import { runCommand, UsageError } from './cli/command';
import { line, step, table } from './demo/print';
import { replayDeadLetters } from './replay/replay-dead-letters';
import { azureTarget, localTarget } from './replay/target';

interface Options {
  'blob-endpoint'?: string;
  'topic-endpoint'?: string;
  prefix: string;
  'dry-run': boolean;
}

async function replay(options: Options): Promise<void> {
  const {
    'blob-endpoint': blobEndpoint,
    'topic-endpoint': topicEndpoint,
    'dry-run': dryRun,
    prefix,
  } = options;
  if ((blobEndpoint === undefined) !== (topicEndpoint === undefined))
    throw new UsageError('--blob-endpoint and --topic-endpoint belong together.');
  const target =
    blobEndpoint === undefined || topicEndpoint === undefined
      ? await localTarget(basePort())
      : azureTarget(blobEndpoint, topicEndpoint);
  step(`${dryRun ? 'Would be published again' : 'Publishing again'} from ${target.deadLetters.url}`);
  const letters = await replayDeadLetters(target, { prefix, dryRun });
  table(
    ['blob', 'events', 'dead-letter reason', 'now'],
    letters.map(({ name, events, reasons, outcome }) => [name, events, reasons.join(', '), outcome]),
  );
  const left = letters.filter(({ isLeft }) => isLeft).length;
  line(`${letters.length} blobs, ${dryRun ? 'none touched' : `${left} of them left where they are`}`);
  if (left > 0 && !dryRun) process.exitCode = 1;
}

void runCommand({
  name: 'npm run replay-dead-letters',
  description:
    'Publishes again what Event Grid could not deliver, of the local service or of one in Azure. Repeating it is safe:\n' +
    'the pipeline deduplicates events by id. Exit code 1 when something is left.',
  options: {
    'blob-endpoint': { type: 'string', value: 'URL', help: 'the storage account of a service in Azure' },
    'topic-endpoint': {
      type: 'string',
      value: 'URL',
      help: 'its Event Grid topic; signed in as az login has it',
    },
    prefix: { type: 'string', default: '', help: 'blobs whose name begins with this text' },
    'dry-run': {
      type: 'boolean',
      default: false,
      help: 'shows what would be published, and changes nothing',
    },
  },
  environment: { PORT: 'where the local service runs (default: 7071)' },
  examples: [
    ['--dry-run', 'what lies there'],
    ['--blob-endpoint URL --topic-endpoint URL', 'of a service in Azure'],
  ],
  onInterrupt: 'Interrupted: blobs that were not published yet are left where they are.',
  run: replay,
});
