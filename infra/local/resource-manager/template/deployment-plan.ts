/** What is known of a deployment before it runs: its resources, and which of them waits for which. */
import { type Scope, type Target } from '../expressions/scope';
import { type ValueObject } from '../expressions/values';
import { type TemplateParameters } from './parameters';
import { type Referenced } from './scopes';
import { type Template } from './template';

export interface DeploymentPlan {
  template: Template;
  target: Target;
  scope: Scope;
  /** Those of an outer scope belong to the template around. */
  parameters: TemplateParameters | undefined;
  instances: ResourceInstance[];
  dependencies: Dependencies;
}

export interface ResourceInstance {
  id: string;
  /** As the template writes it, with the parents' types. */
  type: string;
  name: string;
  apiVersion: string;
  /** Key of the resource where `resources` is an object. */
  symbol: string | undefined;
  loop: { name: string; index: number; batchSize: number | undefined } | undefined;
  /** False where its condition is false, and for `existing` ones. */
  isDeployed: boolean;
  dependsOn: string[];
  referenced: Referenced[];
  /** Its members that are evaluated when its turn comes. */
  declared: ValueObject;
  scope: Scope;
  /** What is known before the deployment. */
  early: ValueObject;
  /** Of a nested deployment, where it can be known beforehand. */
  nested?: DeploymentPlan;
}

/** For each resource, those that must be deployed before it. */
export type Dependencies = ReadonlyMap<ResourceInstance, ReadonlySet<ResourceInstance>>;
