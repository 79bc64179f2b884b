import { Button } from '@mantine/core';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { EMPTY_SHIFT } from '../../shift/count-draft.ts';
import { useActions, useCall } from '../../state/hooks.ts';
import { CountEntry } from './count-entry.tsx';
import classes from './shift.module.css';

/** The blind count: what should be there is not known here before it is confirmed. */
export function Counting() {
  const { t, error } = useWords();
  const { setShift } = useActions();
  const count = useCall('cashShift.count');
  return (
    <CountEntry
      title={t('shift.count')}
      help={t('shift.countHelp')}
      submit={t('shift.confirm')}
      busy={count.busy}
      note={() =>
        count.error === null ? null : (
          <Notice tone="bad" urgent>
            {error(count.error)}
          </Notice>
        )
      }
      side={
        <Button
          variant="default"
          size="lg"
          className={classes.wide ?? ''}
          rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
          onClick={() => setShift({ counting: false })}
        >
          {t('attention.back')}
        </Button>
      }
      onSubmit={async (counted) => {
        const result = await count.run({ count: counted });
        if (result?.ok) setShift(EMPTY_SHIFT);
      }}
    />
  );
}
