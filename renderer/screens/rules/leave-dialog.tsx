import { Button, Modal } from '@mantine/core';
import { useEffect } from 'react';
import classes from '../../components/confirm-cancel.module.css';
import { KeyHint } from '../../components/key-hint.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { NO_RULES } from '../../rules/rules-state.ts';
import { useActions, useSaksi } from '../../state/hooks.ts';

/** Asks before changed rules are dropped; Enter and Esc both stay. */
export function LeaveDialog() {
  const { t } = useWords();
  const leaving = useSaksi((state) => state.leaving);
  const { stay, setRules, goTo, setOverlayOpen, askSignOut } = useActions();
  const opened = leaving !== null;
  useEffect(() => {
    setOverlayOpen(opened);
    return () => setOverlayOpen(false);
  }, [opened, setOverlayOpen]);
  const leave = () => {
    setRules(NO_RULES);
    stay();
    if (leaving === 'sign_out') askSignOut();
    else if (leaving !== null) goTo(leaving);
  };
  return (
    <Modal
      opened={opened}
      onClose={stay}
      title={t('rules.leaveTitle')}
      centered
      size={480}
      radius="lg"
      withCloseButton={false}
      // The page does not scroll; and locking it would need an inline style sheet.
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      classNames={{ title: classes.title ?? '', body: classes.body ?? '' }}
    >
      <p>{t('rules.leaveHelp')}</p>
      <div className={classes.buttons}>
        <Button size="lg" onClick={stay} data-autofocus rightSection={<KeyHint>{t('key.esc')}</KeyHint>}>
          {t('rules.stay')}
        </Button>
        <Button size="lg" variant="outline" color="var(--bad)" onClick={leave}>
          {t('rules.leave')}
        </Button>
      </div>
    </Modal>
  );
}
