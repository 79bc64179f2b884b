import {
  convertCssVariables,
  createTheme,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  type MantineColorsTuple,
  mergeMantineTheme,
} from '@mantine/core';

/** Pandan: the green of the leaf, down to the ink of the header. */
const pandan: MantineColorsTuple = [
  '#e9f4f1',
  '#d3e8e2',
  '#a7d3c8',
  '#63c9b7',
  '#41ad9b',
  '#268f7f',
  '#147567',
  '#0d6258',
  '#0b4f4a',
  '#083a37',
];

/** Kunyit: turmeric, for what waits for a person. */
const kunyit: MantineColorsTuple = [
  '#fdf4df',
  '#fae7bb',
  '#f6d283',
  '#f2bd4c',
  '#e9a724',
  '#c98a0e',
  '#9c6800',
  '#7a4f00',
  '#5b3a00',
  '#3d2700',
];

/** Saga: the red of the saga seed, for what was refused. */
const saga: MantineColorsTuple = [
  '#fcebe8',
  '#f9d5cf',
  '#f4b0a6',
  '#ff9c8f',
  '#e3695a',
  '#cc4435',
  '#a8261c',
  '#8c1c14',
  '#6b130d',
  '#4a0b07',
];

export const theme = createTheme({
  colors: { pandan, kunyit, saga },
  primaryColor: 'pandan',
  primaryShade: { light: 8, dark: 3 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '10px', lg: '14px', xl: '20px' },
  fontFamily: '"Segoe UI Variable Text", "Segoe UI", "Noto Sans", system-ui, "Liberation Sans", sans-serif',
  fontFamilyMonospace: '"Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace',
  headings: {
    fontFamily:
      '"Segoe UI Variable Display", "Segoe UI", "Noto Sans", system-ui, "Liberation Sans", sans-serif',
    fontWeight: '650',
  },
  focusRing: 'auto',
  respectReducedMotion: true,
  cursorType: 'pointer',
  // Said outright, so that it is on the element and base.css can meet it.
  components: { Button: { defaultProps: { variant: 'filled' } } },
});

/**
 * The theme's variables as a style sheet. It is written to `generated/variables.css` and served like any other
 * file, so that the page's policy needs no `'unsafe-inline'` for styles; a test holds the file to the theme.
 */
export function themeVariablesCss(): string {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  return `${convertCssVariables(defaultCssVariablesResolver(merged))}\n`;
}
