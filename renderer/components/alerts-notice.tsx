import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { useWords } from '../i18n/use-words.ts';
import { useActions, useSaksi } from '../state/hooks.ts';
import { Notice } from './notice.tsx';
import classes from './trouble.module.css';

/** The gateway is asked so often. */
const EVERY_MS = 60_000;

/** Over every screen but its own, for managers: there are findings that nobody has looked at. */
export function AlertsNotice() {
  const { t } = useWords();
  const { call, goTo, setAlerts } = useActions();
  const isManager = useSaksi((state) => state.view?.session?.role === 'manager');
  const staffId = useSaksi((state) => state.view?.session?.staffId);
  const page = useSaksi((state) => state.page);
  const count = useSaksi((state) => state.alerts);

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew for whoever signs in, and when a page about it is left
  useEffect(() => {
    if (!isManager) {
      setAlerts(0);
      return undefined;
    }
    let left = false;
    const ask = async () => {
      const result = await call('alerts.waiting', {});
      // Without a line what was known stays.
      if (!left && result.ok) setAlerts(result.value.count);
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => {
      left = true;
      clearInterval(timer);
    };
  }, [isManager, staffId, page]);

  if (count === 0 || page === 'digest' || page === 'signals' || page === 'cases') return null;
  return (
    <div className={classes.banners}>
      <Notice tone="wait" urgent>
        <div className={classes.banner}>
          <p>{t('alerts.waiting', { number: count })}</p>
          <Button variant="default" onClick={() => goTo('digest')}>
            {t('alerts.look')}
          </Button>
        </div>
      </Notice>
    </div>
  );
}
