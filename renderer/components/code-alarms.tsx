import { Button } from '@mantine/core';
import { useWords } from '../i18n/use-words.ts';
import { useCall, useView } from '../state/hooks.ts';
import { Notice } from './notice.tsx';
import classes from './trouble.module.css';

/** Codes that whoever got one says they never asked for, over every screen, until a supervisor or a manager has seen it. */
export function CodeAlarms() {
  const { t, moment, error } = useWords();
  const { codeAlarms, session } = useView();
  const seen = useCall('alarm.seen');
  const [first] = codeAlarms;
  if (first === undefined) return null;
  const maySee = session !== null && session.role !== 'cashier';
  return (
    <div className={classes.banners}>
      <Notice tone="bad" urgent>
        <div className={classes.banner}>
          <p>
            {t(`codeAlarm.about.${first.about}`, { time: moment(first.at) })}{' '}
            {first.saleRef !== null && t('codeAlarm.sale', { sale: first.saleRef })}{' '}
            {codeAlarms.length > 1 && t('codeAlarm.more', { number: codeAlarms.length - 1 })}{' '}
            {!maySee && t('codeAlarm.who')} {seen.error !== null && error(seen.error)}
          </p>
          {maySee && (
            <Button
              variant="default"
              loading={seen.busy}
              onClick={() => void seen.run({ alarmId: first.id })}
            >
              {t('codeAlarm.seen')}
            </Button>
          )}
        </div>
      </Notice>
    </div>
  );
}
