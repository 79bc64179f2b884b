import { CloseButton, Drawer } from '@mantine/core';
import { KeyHint } from '../../components/key-hint.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useSaksi } from '../../state/hooks.ts';
import { ApprovalList } from './approval-list.tsx';
import { Ask } from './ask.tsx';
import classes from './panel.module.css';

/**
 * Approvals beside the screen: what is open, or a new request. The screen below keeps what is being typed, so that a
 * look at an approval costs the customer at the till nothing.
 */
export function ApprovalsPanel() {
  const { t } = useWords();
  const { openPanel } = useActions();
  const panel = useSaksi((state) => (state.link === 'lost' ? 'closed' : state.panel));
  const canAsk = useSaksi((state) => state.view?.session != null);
  const close = () => openPanel('closed');
  const asking = panel === 'ask' && canAsk;
  return (
    <Drawer
      opened={panel !== 'closed'}
      onClose={close}
      position="right"
      size={940}
      title={asking ? t('ask.title') : t('approvals.title')}
      withCloseButton={false}
      closeOnEscape={false}
      // The shell knows where the focus was; by now it is inert and has lost it.
      returnFocus={false}
      // The page does not scroll; and locking it would need an inline style sheet.
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      classNames={{
        content: classes.content ?? '',
        header: classes.header ?? '',
        title: classes.title ?? '',
        body: classes.body ?? '',
      }}
    >
      <div className={classes.close}>
        <KeyHint>{t('key.esc')}</KeyHint>
        <CloseButton size={44} aria-label={t('approvals.close')} onClick={close} />
      </div>
      {asking ? <Ask /> : <ApprovalList />}
    </Drawer>
  );
}
