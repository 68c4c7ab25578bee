/**
 * `npm run templates -- --matrix DIR` writes the templates of every combination of options, to be checked by other
 * tools; `npm run templates -- --golden` writes the packages that the tests hold generated ones against.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Json, Template } from '../arm-templates/template/arm';
import { makeTemplate } from '../arm-templates/template/template';
import { packageFiles } from '../arm-templates/package/package';
import { CONTEXT } from '../arm-templates/testing/context';
import { goldenPlans } from '../arm-templates/testing/golden';
import { choices, planOfChoice } from '../arm-templates/testing/matrix';
import { runCommand, UsageError } from './cli/command';

const GOLDEN = 'arm-templates/golden';

/**
 * DIR/NNN.json with the plan's values as defaults, and each nested template in DIR/nested/; as they are delivered
 * DIR/main/NNN.json and DIR/parameters/NNN.json.
 */
async function writeMatrix(folder: string): Promise<number> {
  for (const name of ['', 'nested', 'main', 'parameters'])
    await mkdir(path.join(folder, name), { recursive: true });
  const all = choices();
  for (const [index, choice] of all.entries()) {
    const { main, nested, parameters } = makeTemplate(planOfChoice(choice), CONTEXT);
    const number = String(index + 1).padStart(3, '0');
    const write = (file: string, value: unknown) =>
      writeFile(path.join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
    await write(`${number}.json`, withDefaults(main, parameters));
    await write(`main/${number}.json`, main);
    await write(`parameters/${number}.json`, parameters);
    for (const [name, template] of nested)
      await write(`nested/${number}-${name}.json`, withDefaults(template, parameters));
  }
  return all.length;
}

function withDefaults(template: Template, values: Record<string, Json>): Template {
  const filled = Object.entries(template.parameters).map(([name, declaration]) => {
    const defaultValue = values[name] ?? declaration.defaultValue;
    return [name, defaultValue === undefined ? declaration : { ...declaration, defaultValue }] as const;
  });
  return { ...template, parameters: Object.fromEntries(filled) };
}

async function writeGolden(): Promise<void> {
  await rm(GOLDEN, { recursive: true, force: true });
  for (const [name, plan] of goldenPlans()) {
    for (const { path: file, text } of packageFiles(plan, makeTemplate(plan, CONTEXT))) {
      const target = path.join(GOLDEN, name, file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text);
    }
  }
}

void runCommand({
  name: 'npm run templates',
  description: 'Writes ARM templates: of every combination of options, or the golden files of the tests.',
  options: {
    matrix: {
      type: 'string',
      value: 'DIR',
      help: 'writes every combination to this folder, for other tools to check',
    },
    golden: { type: 'boolean', help: `writes ${GOLDEN}/ anew; look at the difference before you commit it` },
  },
  examples: [
    ['--matrix /tmp/templates', 'all combinations, with their parts and parameters'],
    ['--golden', 'after an intended change of the generator'],
  ],
  onInterrupt: 'Interrupted: the files are incomplete.',
  async run({ matrix, golden }) {
    if (matrix === undefined && !golden) throw new UsageError('Say --matrix DIR or --golden.');
    if (golden) await writeGolden();
    if (matrix !== undefined) console.log(`${await writeMatrix(matrix)} templates in ${matrix}`);
  },
});
