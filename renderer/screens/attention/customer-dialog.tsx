import { Button } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import type { OutboxItemView } from '../../../shared/bridge.ts';
import { Dialog, DialogButtons } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useCall } from '../../state/hooks.ts';
import type { FoundCustomer } from '../../state/store.ts';
import { useCustomerSearch } from '../../state/use-customer-search.ts';
import { CustomerRow } from '../customer-row.tsx';
import classes from './attention.module.css';

interface CustomerDialogProps {
  readonly item: OutboxItemView;
  onDone(): void;
  onClose(): void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** Looks for the customer whose redemption it was, where the first one that was named is gone. */
export function CustomerDialog({ item, onDone, onClose }: CustomerDialogProps) {
  const { t, error } = useWords();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState<FoundCustomer | null>(null);
  const { search } = useCustomerSearch(query);
  const edit = useCall('outbox.editCustomer');
  const found = search.state === 'found' ? search.found : null;
  const customers = found?.customers ?? [];
  const at = customers.findIndex(({ id }) => id === chosen?.id);
  const name = async () => {
    if (chosen === null) return;
    const result = await edit.run({ itemId: item.id, customerId: chosen.id });
    if (result?.ok) onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.key === 'Enter') {
      event.preventDefault();
      // The first Enter takes the only one, the next one names them.
      if (chosen === null && customers.length === 1) setChosen(customers[0] ?? null);
      else void name();
    } else if (step !== undefined && customers.length > 0) {
      event.preventDefault();
      setChosen(
        customers[
          at === -1 && step === -1 ? customers.length - 1 : (at + step + customers.length) % customers.length
        ] ?? null,
      );
    }
  };
  return (
    <Dialog title={t('attention.customerTitle')} size={640} onClose={onClose}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows and Enter of the field inside */}
      <div className={classes.form} onKeyDown={onKeyDown}>
        <Field
          id="attention-customer"
          label={t('redeem.search')}
          value={query}
          placeholder={t('redeem.placeholder')}
          maxLength={64}
          autoFocus
          help={t('attention.customerHelp')}
          onChange={(text) => {
            setQuery(text);
            setChosen(null);
            edit.clear();
          }}
        />
        <div className={classes.found} role="listbox" aria-label={t('redeem.title')}>
          {customers.slice(0, 20).map((customer, index) => (
            <CustomerRow
              key={customer.id}
              id={`attention-customer-${index}`}
              customer={customer}
              highlighted={customer.id === chosen?.id}
              ageMs={found?.ageMs ?? null}
              onChoose={() => setChosen(customer)}
            />
          ))}
        </div>
        {found !== null && customers.length === 0 && <p role="status">{t('redeem.none')}</p>}
        {search.state === 'failed' && <Notice tone="bad">{error(search.error)}</Notice>}
        {edit.error !== null && (
          <Notice tone="bad" urgent>
            {error(edit.error)}
          </Notice>
        )}
      </div>
      <DialogButtons>
        <Button
          size="lg"
          variant="default"
          onClick={onClose}
          rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
        >
          {t('attention.back')}
        </Button>
        <Button size="lg" disabled={chosen === null} loading={edit.busy} onClick={() => void name()}>
          {chosen === null
            ? t('attention.action.editCustomer')
            : t('attention.customerYes', { name: chosen.name })}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
