/** Process entry of the local Cosmos DB gateway. */
import { createCosmosGateway } from './gateway';
import { parseCommandLine } from './command-line';

async function main(): Promise<void> {
  const { port, ...options } = parseCommandLine(process.argv.slice(2), process.env);
  const gateway = createCosmosGateway(options);
  const url = await gateway.listen(port);
  process.once('SIGTERM', () => {
    void gateway.close().then(() => process.exit(0));
  });
  console.log(`ready ${url}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
