import { Loader } from '@mantine/core';
import type { WireError } from '../../shared/errors.ts';
import { WEB_PATHS } from '../../shared/web-api.ts';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import layout from '../screens/layout.module.css';
import classes from './setup.module.css';

const COMMAND = 'npm run cloud -- admin web link';
/** Signs a manager in, to the customers of their store. */
export const MANAGER_COMMAND = `${COMMAND} --staff …`;

interface SignInProps {
  readonly error: WireError | null;
  readonly command?: string;
}

/** How to get in: by a link that only somebody with access to the server can make. */
export function SignIn({ error: refusal, command = COMMAND }: SignInProps) {
  const { t, error } = useWords();
  return (
    <div className={classes.center}>
      <section className={`${layout.card} ${classes.narrow}`}>
        <h1 className={layout.title}>{t('setup.signIn.title')}</h1>
        {refusal !== null && (
          <Notice tone="bad" urgent>
            {error(refusal)}
          </Notice>
        )}
        {command === MANAGER_COMMAND && (
          <a className={classes.link} href={WEB_PATHS.page}>
            {t('web.signIn.elsewhere')}
          </a>
        )}
        <p>{t('setup.signIn.how')}</p>
        <code className={classes.value}>{command}</code>
        <p className={layout.help}>
          {command === COMMAND ? t('setup.signIn.once') : t('setup.customers.linkOnce')}
        </p>
      </section>
    </div>
  );
}

export function Starting() {
  const { t } = useWords();
  return (
    <div className={layout.empty} role="status">
      <Loader size={36} aria-hidden color="var(--brand)" />
      <h1>{t('setup.loading')}</h1>
    </div>
  );
}
