import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { auditOutcomeSchema } from '../../../shared/audit/event.ts';
import { AUDIT_GROUPS, type AuditFilter, auditGroupSchema } from '../../../shared/audit/timeline.ts';
import { digitsOf, fractionDigits, groupedText, symbolOf } from '../../amount/amount-input.ts';
import { useEventWords } from '../../audit/event-words.ts';
import { changed } from '../../audit/filter-set.ts';
import { useAuditDesk } from '../../audit/reader.ts';
import { Chips } from '../../components/chips.tsx';
import layout from '../layout.module.css';
import { CustomerField } from './customer-field.tsx';
import classes from './timeline.module.css';

interface FilterPanelProps {
  readonly filter: AuditFilter;
  onFilter(filter: AuditFilter): void;
  onCustomer(id: string, name: string): void;
  onClose(): void;
}

const KINDS = Object.values(AUDIT_GROUPS).flat();

/** All that the list can be narrowed by, beside the list that it narrows. */
export function FilterPanel({ filter, onFilter, onCustomer, onClose }: FilterPanelProps) {
  const words = useEventWords();
  const { t } = words;
  const { about } = useAuditDesk();
  const { stores, tills, staff } = about;
  const time = words.timeOf(filter.storeId ?? null);
  const set = (change: Parameters<typeof changed>[1]) => onFilter(changed(filter, change));
  const nameOf = ({ name, active }: (typeof staff)[number]) =>
    active ? name : t('timeline.filter.gone', { name });
  const decide = staff.filter(({ role }) => role !== 'cashier');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section className={`${layout.card} ${classes.side}`} tabIndex={0} aria-label={t('timeline.filters')}>
      <h2 className={classes.sideTitle}>{t('timeline.filters')}</h2>
      <div className={classes.fields}>
        <Part name={t('timeline.filter.groups')}>
          <Chips
            many
            label={t('timeline.filter.groups')}
            chips={auditGroupSchema.options.map((value) => ({ value, text: t(`timeline.group.${value}`) }))}
            values={filter.groups ?? []}
            onChange={(groups) => set({ groups })}
          />
        </Part>
        <Select
          label={t('timeline.filter.kind')}
          every={t('timeline.filter.every')}
          value={filter.kinds?.length === 1 ? filter.kinds[0] : undefined}
          options={KINDS.map((kind) => ({ id: kind, name: words.kindText(kind) }))}
          onChange={(kind) => set({ kinds: kind === undefined ? undefined : [kind] })}
        />
        <Part name={t('timeline.filter.outcomes')}>
          <Chips
            many
            label={t('timeline.filter.outcomes')}
            chips={auditOutcomeSchema.options.map((value) => ({
              value,
              text: t(`timeline.outcome.${value}`),
            }))}
            values={filter.outcomes ?? []}
            onChange={(outcomes) => set({ outcomes })}
          />
        </Part>
        {stores.length > 1 && (
          <Select
            label={t('timeline.filter.store')}
            every={t('timeline.filter.every')}
            value={filter.storeId}
            options={stores}
            onChange={(storeId) => set({ storeId })}
          />
        )}
        <Select
          label={t('timeline.filter.till')}
          every={t('timeline.filter.everyTill')}
          value={filter.tillId}
          options={tills}
          onChange={(tillId) => set({ tillId })}
        />
        <Select
          label={t('timeline.filter.staff')}
          every={t('timeline.filter.everyone')}
          value={filter.staffId}
          options={staff.map((one) => ({ id: one.id, name: nameOf(one) }))}
          onChange={(staffId) => set({ staffId })}
        />
        <Select
          label={t('timeline.filter.approver')}
          every={t('timeline.filter.everyone')}
          value={filter.approverId}
          options={decide.map((one) => ({ id: one.id, name: nameOf(one) }))}
          onChange={(approverId) => set({ approverId })}
        />
        <CustomerField
          onChoose={({ id, name }) => {
            onCustomer(id, name);
            set({ customerId: id });
          }}
        />
        <div className={classes.pair}>
          {(['from', 'to'] as const).map((end) => (
            <label key={end} className={classes.part}>
              {t(`timeline.filter.${end}`)}
              <input
                type="datetime-local"
                className={`${layout.control} ${classes.moment}`}
                value={filter[end] === undefined ? '' : time.fieldText(filter[end])}
                onChange={({ target }) => set({ [end]: time.ofField(target.value) ?? undefined })}
              />
            </label>
          ))}
        </div>
        <div className={classes.pair}>
          {(['amountFrom', 'amountTo'] as const).map((end) => (
            <AmountField
              key={end}
              label={t(`timeline.filter.${end}`)}
              value={filter[end]}
              onChange={(amount) => set({ [end]: amount })}
            />
          ))}
        </div>
      </div>
      <Button fullWidth onClick={onClose}>
        {t('timeline.filtersDone')}
      </Button>
    </section>
  );
}

function Part({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={classes.part}>
      {/* The group below has it as its legend. */}
      <span aria-hidden="true">{name}</span>
      {children}
    </div>
  );
}

interface SelectProps {
  readonly label: string;
  /** What stands for no choice. */
  readonly every: string;
  readonly value: string | undefined;
  readonly options: readonly { readonly id: string; readonly name: string }[];
  onChange(id: string | undefined): void;
}

function Select({ label, every, value, options, onChange }: SelectProps) {
  return (
    <label className={classes.part}>
      {label}
      <select
        className={layout.control}
        value={value ?? ''}
        onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
      >
        <option value="">{every}</option>
        {options.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface AmountFieldProps {
  readonly label: string;
  /** Minor units. */
  readonly value: number | undefined;
  onChange(value: number | undefined): void;
}

function AmountField({ label, value, onChange }: AmountFieldProps) {
  const { currency, language } = useEventWords();
  const text =
    value === undefined ? '' : groupedText(String(value), fractionDigits('deposit', currency), language);
  return (
    <label className={classes.part}>
      {`${label}, ${symbolOf(currency, language)}`}
      <input
        className={layout.control}
        inputMode="numeric"
        autoComplete="off"
        value={text}
        onChange={({ target }) => {
          const amount = Number(digitsOf(target.value));
          onChange(amount > 0 && Number.isSafeInteger(amount) ? amount : undefined);
        }}
      />
    </label>
  );
}
