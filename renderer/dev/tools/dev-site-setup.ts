import type { FullConfig } from '@playwright/test';
import { openDevSite } from './dev-site.ts';
import { DEV_SITE_URL, SCREENS_PROJECT } from './dev-test.ts';

/** Builds and serves the development page once for all workers, where any test of it may run. */
export default async function setUp({ projects }: FullConfig): Promise<(() => Promise<void>) | undefined> {
  if (!projects.some(({ name }) => name === SCREENS_PROJECT)) return undefined;
  const site = await openDevSite();
  process.env[DEV_SITE_URL] = site.url;
  return () => site.close();
}
