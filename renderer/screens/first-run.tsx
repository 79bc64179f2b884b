import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { formatPairingCode, parsePairingCode } from '../../shared/pairing.ts';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import { useActions, useCall } from '../state/hooks.ts';
import classes from './first-run.module.css';
import layout from './layout.module.css';

/** The address with a scheme and nothing but spaces taken off; null when it is no web address. */
function webAddress(text: string): string | null {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url.href.replace(/\/$/, '') : null;
}

/** Pairing: the server's address and the one-time code. */
export function FirstRun() {
  const { t, error } = useWords();
  const { goTo } = useActions();
  const pair = useCall('pairing.pair');
  const form = useForm({
    mode: 'controlled',
    initialValues: { address: '', code: '' },
    validate: {
      address: (value) => (webAddress(value) === null ? t('firstRun.addressWrong') : null),
      code: (value) => (parsePairingCode(value) === null ? t('firstRun.codeWrong') : null),
    },
    validateInputOnBlur: false,
  });
  const submit = form.onSubmit(({ address, code }) => {
    const parsed = parsePairingCode(code);
    const gatewayUrl = webAddress(address);
    if (parsed !== null && gatewayUrl !== null)
      void pair.run({ gatewayUrl, pairingCode: formatPairingCode(parsed) });
  });
  return (
    <div className={classes.columns}>
      <form className={`${layout.card} ${classes.form}`} onSubmit={submit} noValidate>
        <div>
          <h1 className={layout.title}>{t('firstRun.title')}</h1>
          <p className={layout.help}>{t('firstRun.intro')}</p>
        </div>
        <TextInput
          {...form.getInputProps('address')}
          size="lg"
          label={t('firstRun.address')}
          description={t('firstRun.addressHelp')}
          placeholder="https://saksi.example.id"
          type="url"
          autoComplete="off"
          spellCheck={false}
          autoFocus
        />
        <TextInput
          {...form.getInputProps('code')}
          size="lg"
          label={t('firstRun.code')}
          description={t('firstRun.codeHelp')}
          placeholder="XXXXX-XXXXX-XXXXX-XXXXX"
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          classNames={{ input: classes.code ?? '' }}
          onBlur={() => {
            const parsed = parsePairingCode(form.values.code);
            if (parsed !== null) form.setFieldValue('code', formatPairingCode(parsed));
          }}
        />
        {pair.error !== null && (
          <Notice tone="bad" urgent>
            {error(pair.error)}
          </Notice>
        )}
        <Button type="submit" size="lg" loading={pair.busy}>
          {pair.busy ? t('firstRun.pairing') : t('firstRun.pair')}
        </Button>
      </form>
      <section className={classes.steps} aria-labelledby="steps">
        <h2 id="steps">{t('firstRun.stepsTitle')}</h2>
        <ol>
          <li>{t('firstRun.step1')}</li>
          <li>{t('firstRun.step2')}</li>
          <li>{t('firstRun.step3')}</li>
        </ol>
        <Button variant="default" mt="md" onClick={() => goTo('devices')}>
          {t('devices.title')}
        </Button>
      </section>
    </div>
  );
}
