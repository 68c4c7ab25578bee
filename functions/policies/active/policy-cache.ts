/** Compiled policies by key, least recently used first, within a limit of memory. */
import { compile, type Policy } from '../engine';
import { compiledBytes } from './policy-memory';
import type { CompiledOf } from '../policy-kinds';

/** A compiled policy of any kind. */
export type AnyCompiled = CompiledOf[keyof CompiledOf];

export class PolicyCache {
  private readonly entries = new Map<string, { compiled: AnyCompiled; bytes: number }>();
  private totalBytes = 0;

  /** `maxBytes`: of all policies together; a single larger one is kept until the next one comes. */
  constructor(private readonly maxBytes: number) {}

  get(key: string): AnyCompiled | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.compiled;
  }

  /** Compiles a policy whose JSON has so many bytes, making room for it first. */
  add(key: string, policy: Policy, documentBytes: number): AnyCompiled {
    const bytes = compiledBytes(policy, documentBytes);
    for (const oldest of this.entries.keys()) {
      if (this.totalBytes + bytes <= this.maxBytes) break;
      this.remove(oldest);
    }
    const compiled = compileAny(policy);
    this.remove(key);
    this.entries.set(key, { compiled, bytes });
    this.totalBytes += bytes;
    return compiled;
  }

  clear(): void {
    this.entries.clear();
    this.totalBytes = 0;
  }

  private remove(key: string): void {
    this.totalBytes -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }
}

function compileAny(policy: Policy): AnyCompiled {
  switch (policy.kind) {
    case 'recording':
      return compile(policy);
    case 'eventDetection':
      return compile(policy);
    case 'eventResponse':
      return compile(policy);
  }
}
