import { Button, Switch } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { OtherChannel } from '../../../shared/channel-policy.ts';
import type { CustomerFile } from '../../../shared/privacy.ts';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { saveFile } from '../../messages/save-file.ts';
import layout from '../../screens/layout.module.css';
import setup from '../setup.module.css';
import { Consents } from './consents.tsx';
import classes from './customers.module.css';
import { EraseCustomer } from './erase-customer.tsx';
import type { Customers } from './use-customers.ts';

export interface PaneProps {
  readonly customers: Customers;
  readonly file: CustomerFile;
}

const CHANNELS: readonly OtherChannel[] = ['sms', 'email'];

/** All about one customer. */
export function CustomerPane({ customers, file }: PaneProps) {
  const { t, amount, error } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { failed } = customers;
  const none = t('setup.customers.no');
  const facts = [
    ['phone', file.phone ?? none],
    ['memberNo', file.memberNo ?? none],
    ['email', file.email ?? none],
  ] as const;
  return (
    <section className={`${layout.card} ${setup.panel}`} aria-labelledby="customer-name">
      <div className={setup.content}>
        <h1 id="customer-name" ref={heading} tabIndex={-1} className={layout.title}>
          {file.name}
        </h1>
        {failed?.what === 'export' && (
          <Notice tone="bad" urgent>
            {error(failed.error)}
          </Notice>
        )}
        <dl className={setup.facts}>
          {facts.map(([name, value]) => (
            <div key={name} className={setup.fact}>
              <dt>{t(`setup.customers.fact.${name}`)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {file.balances.map(({ asset, available, reserved }) => (
            <div key={asset} className={setup.fact}>
              <dt>{t(`asset.${asset}`)}</dt>
              <dd>{amount(available + reserved, asset, file.currency)}</dd>
            </div>
          ))}
        </dl>
        <Reach customers={customers} file={file} />
        <Consents customers={customers} file={file} />
        <Kept customers={customers} file={file} />
        <EraseCustomer customers={customers} file={file} />
      </div>
    </section>
  );
}

/** Which ways a code may go that WhatsApp does not bring. */
function Reach({ customers, file }: PaneProps) {
  const { t, error } = useWords();
  const allowed = file.codeChannels ?? CHANNELS;
  const set = (channel: OtherChannel, on: boolean) => {
    const next = CHANNELS.filter((one) => (one === channel ? on : allowed.includes(one)));
    const codeChannels = next.length === CHANNELS.length ? null : next;
    const { storeId } = customers;
    void customers.change('reach', (api) => api.reach({ storeId, customer: { id: file.id }, codeChannels }));
  };
  return (
    <section className={classes.part} aria-label={t('setup.customers.reach')}>
      <h2>{t('setup.customers.reach')}</h2>
      <p className={layout.help}>{t('setup.customers.reachHelp')}</p>
      {customers.failed?.what === 'reach' && (
        <Notice tone="bad" urgent>
          {error(customers.failed.error)}
        </Notice>
      )}
      {CHANNELS.map((channel) => (
        <Switch
          key={channel}
          size="md"
          checked={allowed.includes(channel)}
          disabled={customers.busy === 'reach'}
          label={t(`setup.customers.by.${channel}`)}
          onChange={(event) => set(channel, event.currentTarget.checked)}
        />
      ))}
    </section>
  );
}

/** All that is kept of the customer, as a file to hand out. */
function Kept({ customers, file }: PaneProps) {
  const { t } = useWords();
  const download = async () => {
    const kept = await customers.ask('export', (api) => api.export(customers.storeId, file.id));
    if (kept === null) return;
    const text = `${JSON.stringify(kept, null, 2)}\n`;
    // No name in the name of the file: it lies in the folder of downloads.
    saveFile({ name: `customer-${file.id}.json`, type: 'application/json', text });
  };
  return (
    <section className={classes.part} aria-label={t('setup.customers.kept')}>
      <h2>{t('setup.customers.kept')}</h2>
      <p className={layout.help}>{t('setup.customers.keptHelp')}</p>
      <div className={setup.actions}>
        <Button
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden />}
          loading={customers.busy === 'export'}
          onClick={() => void download()}
        >
          {t('setup.customers.download')}
        </Button>
      </div>
    </section>
  );
}
