import { Button } from '@mantine/core';
import { type SyntheticEvent, useEffect, useRef, useState } from 'react';
import type { SetupState } from '../../shared/setup-api.ts';
import { Field } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import layout from '../screens/layout.module.css';
import classes from './setup.module.css';
import type { Setup } from './use-setup.ts';

interface AccountsProps {
  readonly setup: Setup;
  readonly state: SetupState;
}

/** The default one has no name until somebody gives it one. */
function useNames(): (account: SetupState['accounts'][number]) => string {
  const { t } = useWords();
  return ({ name }) => (name === '' ? t('setup.accounts.first') : name);
}

/** Whose set-up it is; nothing is shown while there is but one. */
export function AccountName({ state }: Pick<AccountsProps, 'state'>) {
  const nameOf = useNames();
  const account = state.accounts.find(({ id }) => id === state.account);
  if (state.accounts.length < 2 || account === undefined) return null;
  return <p className={classes.accountName}>{nameOf(account)}</p>;
}

/** Which account the steps are about. */
export function AccountChoice({ setup, state }: AccountsProps) {
  const { t } = useWords();
  const nameOf = useNames();
  if (state.accounts.length < 2) return null;
  return (
    <label className={classes.accountChoice}>
      {t('setup.accounts.of')}
      <select
        className={layout.control}
        value={state.account}
        onChange={({ target }) => setup.show(target.value)}
      >
        {state.accounts.map((account) => (
          <option key={account.id} value={account.id}>
            {nameOf(account)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Which shop is whose, and how there comes to be another account. */
export function AccountsPanel({ setup, state }: AccountsProps) {
  const { t, error } = useWords();
  const nameOf = useNames();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className={`${layout.card} ${classes.panel}`} aria-labelledby="accounts-title">
      <div className={classes.content}>
        <h1 id="accounts-title" ref={heading} tabIndex={-1} className={layout.title}>
          {t('setup.accounts.title')}
        </h1>
        <p className={layout.help}>{t('setup.accounts.why')}</p>
        {setup.error !== null && (
          <Notice tone="bad" urgent>
            {error(setup.error)}
          </Notice>
        )}
        <h2 className={classes.part}>{t('setup.accounts.shops')}</h2>
        {state.shops.length === 0 && <Notice tone="wait">{t('setup.noShops')}</Notice>}
        <ul className={classes.shops}>
          {state.shops.map(({ id, name, account: own }) => (
            <li key={id}>
              <span className={classes.shopName}>{name}</span>
              <select
                className={layout.control}
                aria-label={t('setup.accounts.choose', { shop: name })}
                value={own}
                disabled={setup.busy !== null || state.accounts.length < 2}
                onChange={({ target }) => void setup.act('assign', { storeId: id, account: target.value })}
              >
                {state.accounts.map((account) => (
                  <option key={account.id} value={account.id}>
                    {nameOf(account)}
                  </option>
                ))}
              </select>
            </li>
          ))}
        </ul>
        <h2 className={classes.part}>{t('setup.accounts.more')}</h2>
        <NewAccount setup={setup} />
      </div>
    </section>
  );
}

function NewAccount({ setup }: Pick<AccountsProps, 'setup'>) {
  const { t } = useWords();
  const [name, setName] = useState('');
  const add = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim() !== '') await setup.add(name.trim());
  };
  return (
    <form className={classes.form} onSubmit={add} noValidate>
      <Field
        id="account-name"
        label={t('setup.accounts.name')}
        value={name}
        maxLength={80}
        onChange={setName}
      />
      <div className={classes.actions}>
        <Button type="submit" disabled={name.trim() === ''} loading={setup.busy === 'accounts'}>
          {t('setup.accounts.add')}
        </Button>
      </div>
    </form>
  );
}
