import { expect, test } from 'vitest';
import { themeVariablesCss } from './theme.ts';

test('the served variables are those of the theme (vitest -u writes them anew)', async () => {
  const css = themeVariablesCss();
  expect(css).toContain('--mantine-color-pandan-8');
  await expect(css).toMatchFileSnapshot('./generated/variables.css');
});
