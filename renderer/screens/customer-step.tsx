import { Loader } from '@mantine/core';
import { IconSearch, IconUserQuestion, IconUsers } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { Keypad } from '../components/keypad.tsx';
import { LineNotice } from '../components/line-notice.tsx';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import { isSearchable, type Search } from '../state/customer-search.ts';
import { useActions, useSaksi, useShortcuts } from '../state/hooks.ts';
import type { FoundCustomer } from '../state/store.ts';
import { useCustomerSearch } from '../state/use-customer-search.ts';
import { CashSale } from './cash-sale/cash-sale.tsx';
import { CustomerRow } from './customer-row.tsx';
import classes from './customer-step.module.css';
import layout from './layout.module.css';

/** One field for phone, member number and name; the results below it. */
export function CustomerStep() {
  const { t } = useWords();
  const query = useSaksi((state) => state.draft.query);
  const { setDraft } = useActions();
  const { search, now } = useCustomerSearch(query);
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const customers = search.state === 'found' && search.query === query.trim() ? search.found.customers : [];
  const ageMs = search.state === 'found' ? search.found.ageMs : null;

  const type = (text: string) => {
    setDraft({ query: text });
    setAt(0);
    field.current?.focus();
  };
  const choose = (customer: FoundCustomer, age: number | null) =>
    setDraft({ customer, ageMs: age, digits: '', drawer: false, asset: richerAsset(customer) });

  const enter = async () => {
    const highlighted = customers[at];
    if (highlighted !== undefined) return choose(highlighted, ageMs);
    if (!isSearchable(query)) return;
    // A scanner types faster than the search rests: look at once, and go on when there is only one.
    const found = await now();
    const only = found?.customers.length === 1 ? found.customers[0] : undefined;
    if (found !== null && only !== undefined) choose(only, found.ageMs);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Enter') {
      event.preventDefault();
      void enter();
    } else if (step !== 0 && customers.length > 0) {
      event.preventDefault();
      setAt((now) => (now + step + customers.length) % customers.length);
    }
  };
  useShortcuts([
    ['Escape', () => type('')],
    ['F2', () => type('')],
  ]);

  return (
    <div className={layout.split}>
      <section className={layout.left}>
        <div className={`${layout.row} ${layout.between}`}>
          <h1 className={layout.title}>{t('redeem.title')}</h1>
          <span className={layout.help}>{t('redeem.keys')}</span>
        </div>
        <div className={classes.field}>
          <IconSearch size={26} aria-hidden className={classes.icon} />
          <input
            ref={field}
            className={classes.input}
            type="text"
            role="combobox"
            aria-label={t('redeem.search')}
            aria-expanded={customers.length > 0}
            aria-controls="customers"
            aria-autocomplete="list"
            aria-activedescendant={customers.length > 0 ? `customer-${at}` : undefined}
            placeholder={t('redeem.placeholder')}
            value={query}
            maxLength={64}
            autoComplete="off"
            spellCheck={false}
            // biome-ignore lint/a11y/noAutofocus: the field that this screen is for
            autoFocus
            onChange={(event) => type(event.target.value)}
            onKeyDown={onKeyDown}
          />
          {search.state === 'searching' && <Loader size={24} aria-hidden color="var(--brand)" />}
        </div>
        <LineNotice ageMs={customers.length > 0 ? ageMs : null} />
        <p className={layout.hidden} role="status">
          {spoken(search, t)}
        </p>
        <div
          className={`${classes.results} ${layout.grow}`}
          id="customers"
          role="listbox"
          aria-label={t('redeem.title')}
        >
          {customers.map((customer, index) => (
            <CustomerRow
              key={customer.id}
              id={`customer-${index}`}
              customer={customer}
              highlighted={index === at}
              ageMs={ageMs}
              onChoose={() => choose(customer, ageMs)}
            />
          ))}
        </div>
        {customers.length === 0 && <SearchState search={search} />}
      </section>
      <section className={layout.right}>
        <Keypad
          onDigit={(digit) => type(query + digit)}
          onBack={() => type(query.slice(0, -1))}
          onClear={() => type('')}
        />
        <CashSale onClosed={() => field.current?.focus()} />
      </section>
    </div>
  );
}

/** Deposit, unless only points are there to spend. */
function richerAsset({ balances }: FoundCustomer): 'deposit' | 'points' {
  const available = (asset: string) => balances.find((balance) => balance.asset === asset)?.available ?? 0;
  return available('deposit') <= 0 && available('points') > 0 ? 'points' : 'deposit';
}

function spoken(search: Search, t: ReturnType<typeof useWords>['t']): string {
  if (search.state === 'searching') return t('redeem.searching');
  if (search.state !== 'found') return '';
  const { length } = search.found.customers;
  return length === 0 ? t('redeem.none') : t('redeem.found', { number: length });
}

/** What there is to say while there are no results. */
function SearchState({ search }: { readonly search: Search }) {
  const { t, error } = useWords();
  if (search.state === 'failed') {
    return (
      <Notice tone="bad" urgent>
        {error(search.error)}
      </Notice>
    );
  }
  const none = search.state === 'found' && search.found.customers.length === 0;
  const Icon = none ? IconUserQuestion : IconUsers;
  return (
    <div className={layout.empty}>
      <Icon size={44} stroke={1.5} aria-hidden />
      {none ? (
        <>
          <strong>{t('redeem.none')}</strong>
          <p>{t('redeem.noneHelp')}</p>
        </>
      ) : (
        <p>{search.state === 'searching' ? t('redeem.searching') : t('redeem.hint')}</p>
      )}
    </div>
  );
}
