/** What a deployment package costs: making a plan's template and files, and the zip of them. */
import { packageFiles } from '../../../arm-templates/package/package';
import { zipStream } from '../../../arm-templates/package/zip';
import { sitePlan, type SitePlan } from '../../../arm-templates/plan/site-plan';
import { makeTemplate } from '../../../arm-templates/template/template';
import { CONTEXT } from '../../../arm-templates/testing/context';
import { choices, planOfChoice } from '../../../arm-templates/testing/matrix';
import { PARIS } from '../../../arm-templates/testing/plans';
import { quantile, summarise } from '../statistics';
import { figure, type Table, withSpread } from '../table';

const WARM_UP_ROUNDS = 2;
const ROUNDS = 5;
const MACHINES = 50;
const ZIPS = 400;

/** Plans of every combination of options, each step for itself. */
export async function benchTemplates(): Promise<Table[]> {
  return [generation(), await zipping()];
}

function milliseconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function generation(): Table {
  const plans = choices().map(planOfChoice);
  const steps: [string, (index: number) => unknown][] = [
    ['check the plan', () => sitePlan.parse(PARIS)],
    ['make the template', (index) => makeTemplate(plans[index] ?? planOfFifty(), CONTEXT)],
    ['make all files', (index) => filesOf(plans[index] ?? planOfFifty())],
  ];
  const rows = steps.map(([name, work]) => {
    const times: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const found = plans.map((_, index) => milliseconds(() => work(index)));
      if (round >= WARM_UP_ROUNDS) times.push(...found);
    }
    return [name, withSpread(summarise(times), 2), figure(quantile(times, 0.99), 2)];
  });
  return {
    title: 'Deployment packages: making them',
    note: `Milliseconds a plan, warm, over ${plans.length} plans of every combination; 20 ms are allowed.`,
    columns: ['step', 'ms', '99th percentile'],
    rows,
  };
}

const filesOf = (plan: SitePlan) => packageFiles(plan, makeTemplate(plan, CONTEXT));
const planOfFifty = () => sitePlan.parse({ ...PARIS, machines: { ...PARIS.machines, count: MACHINES } });

/** Heap and buffers while zips of the largest site are read one after the other. */
async function zipping(): Promise<Table> {
  const plan = planOfFifty();
  const times: number[] = [];
  let bytes = 0;
  const before = held();
  let most = 0;
  for (let count = 0; count < ZIPS; count++) {
    const start = performance.now();
    bytes = 0;
    const reader = zipStream(filesOf(plan)).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length;
    times.push(performance.now() - start);
    most = Math.max(most, held() - before);
  }
  return {
    title: `Deployment packages: the zip of ${MACHINES} machines, as a stream`,
    note: `${ZIPS} zips one after the other; memory is what the process holds beyond what it held before, garbage included.`,
    columns: ['', 'ms a zip', 'KiB a zip', 'most MiB held'],
    rows: [
      ['files + zip', withSpread(summarise(times), 2), figure(bytes / 1024, 1), figure(most / 1_048_576, 1)],
    ],
  };
}

function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
