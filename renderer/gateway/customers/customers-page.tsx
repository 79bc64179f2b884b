import { Button } from '@mantine/core';
import { IconSearch, IconUserSearch } from '@tabler/icons-react';
import type { i18n as I18n } from 'i18next';
import { type SyntheticEvent, useEffect, useState } from 'react';
import { WEB_PATHS } from '../../../shared/web-api.ts';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../../screens/layout.module.css';
import { Frame } from '../frame.tsx';
import setup from '../setup.module.css';
import { MANAGER_COMMAND, SignIn, Starting } from '../sign-in.tsx';
import type { CustomersApi } from './api.ts';
import { CustomerPane } from './customer-pane.tsx';
import classes from './customers.module.css';
import { type Customers, useCustomers } from './use-customers.ts';

interface CustomersPageProps {
  readonly api: CustomersApi;
  readonly linkToken: string | null;
  readonly i18n: I18n;
  readonly kept: Pick<Storage, 'getItem' | 'setItem'>;
  /** What is searched for at once. */
  readonly search?: string;
}

/** A store's customers: how they are reached, what they agreed to, what is kept of them. */
export function CustomersPage({ api, linkToken, i18n, kept, search }: CustomersPageProps) {
  const customers = useCustomers(api, linkToken);
  const { phase, failed } = customers;
  return (
    <Frame
      i18n={i18n}
      kept={kept}
      page="customers"
      onSignOut={phase === 'signed_in' ? customers.signOut : undefined}
    >
      {phase === 'signed_out' ? (
        <SignIn error={failed?.error ?? null} command={MANAGER_COMMAND} />
      ) : phase === 'starting' ? (
        <Starting />
      ) : (
        <Columns customers={customers} {...(search === undefined ? {} : { search })} />
      )}
    </Frame>
  );
}

function Columns({ customers, search = '' }: { readonly customers: Customers; readonly search?: string }) {
  const { t, error } = useWords();
  const [q, setQ] = useState(search);
  const { stores, storeId, found, file, busy, failed, find } = customers;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    if (search !== '') void find(search);
  }, []);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (q.trim().length >= 2) void find(q.trim());
  };
  return (
    <div className={setup.columns}>
      <section className={classes.search} aria-label={t('setup.customers.search')}>
        {stores?.stores.some(({ staffId }) => staffId !== null) && (
          <a className={setup.elsewhere} href={WEB_PATHS.page}>
            {t('web.title')}
          </a>
        )}
        {stores !== null && stores.stores.length > 1 && (
          <div className={classes.store}>
            <label htmlFor="store">{t('setup.customers.store')}</label>
            <select
              id="store"
              className={layout.control}
              value={storeId}
              onChange={(event) => customers.chooseStore(event.target.value)}
            >
              {stores.stores.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </div>
        )}
        <form className={classes.form} onSubmit={submit} noValidate>
          <Field
            id="q"
            label={t('setup.customers.query')}
            value={q}
            maxLength={64}
            help={t('setup.customers.queryHelp')}
            onChange={setQ}
          />
          <Button
            type="submit"
            leftSection={<IconSearch size={18} aria-hidden />}
            disabled={q.trim().length < 2}
            loading={busy === 'find'}
          >
            {t('setup.customers.find')}
          </Button>
        </form>
        <div aria-live="polite">
          {(failed?.what === 'find' || failed?.what === 'open') && (
            <Notice tone="bad">{error(failed.error)}</Notice>
          )}
          {found?.length === 0 && <Notice tone="info">{t('setup.customers.none')}</Notice>}
        </div>
        {found !== null && found.length > 0 && (
          <ul className={classes.found}>
            {found.map(({ id, name, memberNo, phoneMasked }) => (
              <li key={id}>
                <button
                  type="button"
                  className={classes.entry}
                  aria-current={file?.id === id ? 'true' : undefined}
                  onClick={() => void customers.open(id)}
                >
                  <span className={classes.name}>{name}</span>
                  <span className={classes.numbers}>
                    {[memberNo, phoneMasked].filter((it) => it !== null).join(' · ')}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </section>
      {file !== null ? (
        <CustomerPane key={file.id} customers={customers} file={file} />
      ) : (
        <section className={`${layout.card} ${layout.empty}`}>
          {customers.erased === null ? (
            <>
              <IconUserSearch size={40} aria-hidden />
              <h1>{t('setup.customers.choose')}</h1>
              <p>{t('setup.customers.chooseHelp')}</p>
            </>
          ) : (
            <div role="status">
              <h1>{t('setup.customers.erased')}</h1>
              <p>{t('setup.customers.erasedHelp', { messages: customers.erased.messages })}</p>
            </div>
          )}
        </section>
      )}
    </div>
  );
}
