/** For tests and benchmarks: the input of a template beside the plan. */
import type { TemplateContext } from '../template/parameters';

export const CONTEXT: TemplateContext = {
  siteId: '0190b6a2-7c1e-7d4f-8a3b-5e6f708192a3',
  customerId: '8c1f0d7e-5a4b-4c3d-9e2f-1a2b3c4d5e6f',
  serviceUrl: 'https://recording.contoso.example',
  cloudClientPackageUrl: 'https://downloads.contoso.example/SRCloudClientService.msi',
  cloudClientPackageSha256: 'A'.repeat(64),
  suffix: 'ehs4bh2',
  planFingerprint: 'c0ffee00c0ffee00',
};
