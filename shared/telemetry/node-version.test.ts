import { readFileSync } from 'node:fs';
import path from 'node:path';
import { warnOfOldNode } from './node-version';
import { lineLog } from './telemetry';

const warnings = (inAzure: boolean, version: string): unknown[] => {
  const lines: unknown[] = [];
  warnOfOldNode(
    lineLog((line, level) => lines.push([level, JSON.parse(line)])),
    inAzure,
    version,
  );
  return lines;
};

it('OPS-1: warns in Azure of a Node that is older than the service is deployed on', () => {
  expect(warnings(true, '20.19.5')).toEqual([
    ['warn', { event: 'node.too-old', version: '20.19.5', oldest: 22 }],
  ]);
  expect(warnings(true, '22.0.0')).toEqual([]);
  expect(warnings(true, '24.1.0')).toEqual([]);
  expect(warnings(false, '20.19.5')).toEqual([]);
});

it('OPS-1: agrees with the engines of the deployment package', () => {
  const source = readFileSync(path.join(__dirname, '../../scripts/build/package.mjs'), 'utf8');
  const [, oldest] = /DEPLOYED_ON = '>=(\d+)'/.exec(source) ?? [];
  expect(warnings(true, `${Number(oldest) - 1}.0.0`)).toHaveLength(1);
  expect(warnings(true, `${oldest}.0.0`)).toHaveLength(0);
});
