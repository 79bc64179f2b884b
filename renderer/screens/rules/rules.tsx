import { Button, Loader } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useWords } from '../../i18n/use-words.ts';
import { loadedRules } from '../../rules/rules-state.ts';
import { useActions, useCall, useSaksi, useShortcuts } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { LeaveDialog } from './leave-dialog.tsx';
import { RulesEditor } from './rules-editor.tsx';

/** The store's rules, for managers: loaded fresh, unless something was changed and not saved. */
export function Rules() {
  const { t, error } = useWords();
  const { goTo, setRules } = useActions();
  const rules = useSaksi((state) => state.rules);
  const get = useCall('policy.get');
  const load = async () => {
    const result = await get.run({});
    if (result?.ok) setRules(loadedRules(result.value.policy));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is opened
  useEffect(() => {
    if (!rules.changed) void load();
  }, []);
  useShortcuts([['Escape', () => goTo('settings')]]);

  if (rules.draft !== null) {
    return (
      <>
        <RulesEditor draft={rules.draft} onReload={load} />
        <LeaveDialog />
      </>
    );
  }
  if (get.error !== null) {
    return (
      <div className={layout.empty} role="alert">
        <IconCloudOff size={44} stroke={1.5} aria-hidden />
        <h1>{t('rules.notLoaded')}</h1>
        <p>{error(get.error)}</p>
        <Button size="lg" autoFocus onClick={() => void load()}>
          {t('rules.retry')}
        </Button>
      </div>
    );
  }
  return (
    <div className={layout.empty} role="status">
      <Loader size={36} aria-hidden color="var(--brand)" />
      <h1>{t('rules.loading')}</h1>
    </div>
  );
}
