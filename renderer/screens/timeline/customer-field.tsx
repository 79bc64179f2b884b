import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import { type Answer, useAuditDesk } from '../../audit/reader.ts';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import classes from './timeline.module.css';

const REST_MS = 300;
/** As the gateway wants it of a search. */
const QUERY_MIN = 2;
const SHOWN_MAX = 6;

type Found = Answer<readonly { readonly id: string; readonly name: string }[]>;

/** Looks for a customer to narrow the list to. */
export function CustomerField({ onChoose }: { onChoose(customer: { id: string; name: string }): void }) {
  const { t, error } = useWords();
  const { reader } = useAuditDesk();
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const text = query.trim();
  useEffect(() => {
    setFound(null);
    if (text.length < QUERY_MIN) return undefined;
    let isNewest = true;
    const timer = setTimeout(async () => {
      const answer = await reader.customers(text);
      if (isNewest) setFound(answer);
    }, REST_MS);
    return () => {
      isNewest = false;
      clearTimeout(timer);
    };
  }, [reader, text]);
  const failed: WireError | null = found?.ok === false ? found.error : null;
  const customers = found?.ok === true ? found.value.slice(0, SHOWN_MAX) : [];
  return (
    <div className={classes.part}>
      <label htmlFor="timeline-customer">{t('timeline.filter.customer')}</label>
      <input
        id="timeline-customer"
        className={`${layout.control} ${classes.search}`}
        type="search"
        placeholder={t('timeline.filter.customerFind')}
        maxLength={64}
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={({ target }) => setQuery(target.value)}
      />
      {customers.map((customer) => (
        <Button
          key={customer.id}
          variant="default"
          justify="start"
          onClick={() => {
            onChoose(customer);
            setQuery('');
          }}
        >
          {customer.name}
        </Button>
      ))}
      {found?.ok === true && customers.length === 0 && (
        <p role="status">{t('timeline.filter.customerNone')}</p>
      )}
      {failed !== null && <p role="status">{error(failed)}</p>}
    </div>
  );
}
