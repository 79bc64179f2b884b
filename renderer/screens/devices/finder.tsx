import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { typedTransport } from '../../../shared/device-address.ts';
import type { Discovered, PrinterLanguage, TransportConfig } from '../../../shared/device-config.ts';
import type { WireError } from '../../../shared/errors.ts';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import classes from './devices.module.css';
import { isSame, type Target, transportOf } from './draft.ts';

interface FinderProps {
  readonly found: Discovered | null;
  readonly busy: boolean;
  readonly failure: WireError | null;
  readonly target: Target;
  /** The one that is chosen now. */
  readonly transport: TransportConfig;
  onSearch(): void;
  onChoose(transport: TransportConfig, guess: PrinterLanguage | null): void;
}

/** What this computer shows, and an address for what only the network knows. */
export function Finder(props: FinderProps) {
  const { found, busy, failure, target, transport, onSearch, onChoose } = props;
  const { t, error } = useWords();
  const [address, setAddress] = useState('');
  const [wrong, setWrong] = useState(false);
  const byAddress = () => {
    const tcp = typedTransport(address);
    setWrong(tcp === null);
    if (tcp !== null) onChoose(tcp, null);
  };
  return (
    <section className={`${layout.card} ${classes.card}`} aria-label={t('devices.found')}>
      <div className={`${layout.row} ${layout.between}`}>
        <h2>{t('devices.found')}</h2>
        <Button variant="default" loading={busy} onClick={onSearch} autoFocus>
          {t('devices.search')}
        </Button>
      </div>
      {failure !== null && <Notice tone="bad">{error(failure)}</Notice>}
      {found?.problems.map(({ source, detail }) => (
        <Notice key={source} tone="wait">
          {t(`devices.problem.${source}`)} {detail}
        </Notice>
      ))}
      {found?.devices.length === 0 && <p className={layout.help}>{t('devices.nothing')}</p>}
      {found?.devices.map((device) => (
        <button
          type="button"
          key={`${device.kind}:${device.address}`}
          className={classes.device}
          aria-pressed={isSame(device, transport)}
          disabled={target === 'drawer' && device.kind === 'queue'}
          onClick={() => onChoose(transportOf(device), device.language)}
        >
          <strong>{[device.vendor, device.product].filter(Boolean).join(' ') || device.address}</strong>
          <span>
            {t(`devices.kind.${device.bluetooth ? 'bluetooth' : device.kind}`)} · {device.address}
            {device.serialNumber !== '' && ` · ${device.serialNumber}`}
          </span>
        </button>
      ))}
      <form
        className={classes.address}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          byAddress();
        }}
      >
        <TextInput
          className={classes.grow ?? ''}
          size="lg"
          label={t('devices.address')}
          placeholder="192.168.1.50:9100"
          autoComplete="off"
          spellCheck={false}
          maxLength={260}
          value={address}
          error={wrong ? t('devices.addressWrong') : null}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <Button type="submit" size="lg" variant="default">
          {t('devices.choose')}
        </Button>
      </form>
    </section>
  );
}
