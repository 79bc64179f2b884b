import { Button } from '@mantine/core';
import { useWords } from '../../i18n/use-words.ts';
import { useActions } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './signals.module.css';

const PAGES = ['digest', 'signals', 'cases'] as const;
export type DeskPage = (typeof PAGES)[number];

/** The heading of a page about fraud, and the way to the others. */
export function DeskHead({ page }: { readonly page: DeskPage }) {
  const { t } = useWords();
  const { goTo } = useActions();
  const titles = { digest: t('digest.title'), signals: t('findings.title'), cases: t('cases.title') };
  return (
    <div className={classes.head}>
      <h1 className={layout.title}>{titles[page]}</h1>
      <div className={layout.row}>
        {PAGES.filter((other) => other !== page).map((other) => (
          <Button key={other} variant="default" onClick={() => goTo(other)}>
            {titles[other]}
          </Button>
        ))}
      </div>
    </div>
  );
}
