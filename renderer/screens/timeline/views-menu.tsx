import { Button, Popover } from '@mantine/core';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { AuditFilter, AuditView } from '../../../shared/audit/timeline.ts';
import type { WireError } from '../../../shared/errors.ts';
import { isEmpty } from '../../audit/filter-set.ts';
import { type Answer, isLocked, useAuditDesk } from '../../audit/reader.ts';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import classes from './timeline.module.css';

interface ViewsMenuProps {
  readonly filter: AuditFilter;
  onChoose(filter: AuditFilter): void;
}

/** Filters that somebody kept for themselves: choose one, keep what is set, take one away. */
export function ViewsMenu({ filter, onChoose }: ViewsMenuProps) {
  const { t, error: sentence } = useWords();
  const { reader, locked } = useAuditDesk();
  const [isOpen, setOpen] = useState(false);
  const [views, setViews] = useState<readonly AuditView[] | null>(null);
  const [name, setName] = useState('');
  const [going, setGoing] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);

  const ask = async (asked: Promise<Answer<readonly AuditView[]>>): Promise<boolean> => {
    setError(null);
    setGoing(null);
    const answer = await asked;
    if (answer.ok) setViews(answer.value);
    else if (isLocked(answer.error)) locked();
    else setError(answer.error);
    return answer.ok;
  };
  const open = (next: boolean) => {
    setOpen(next);
    if (next) void ask(reader.views());
  };
  const save = async () => {
    if (name.trim() !== '' && (await ask(reader.saveView({ name: name.trim(), filter })))) setName('');
  };
  return (
    <Popover
      opened={isOpen}
      onChange={open}
      position="bottom-end"
      width={340}
      trapFocus
      returnFocus
      closeOnEscape={false}
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconBookmark size={18} aria-hidden />}
          onClick={() => open(!isOpen)}
        >
          {t('timeline.views')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.menu ?? ''} aria-label={t('timeline.views')}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: Esc of what is inside; the page's own Esc must not hear it */}
        <div
          className={classes.views}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.preventDefault();
            setOpen(false);
          }}
        >
          {views !== null && views.length === 0 && <p className={layout.muted}>{t('timeline.viewsNone')}</p>}
          <ul>
            {(views ?? []).map((view) => (
              <li key={view.id}>
                <Button
                  className={classes.view}
                  variant="subtle"
                  justify="start"
                  onClick={() => {
                    onChoose(view.filter);
                    setOpen(false);
                  }}
                >
                  {view.name}
                </Button>
                {/* Asked twice: what is taken away does not come back. */}
                <Button
                  variant={going === view.id ? 'filled' : 'subtle'}
                  color={going === view.id ? 'saga' : 'gray'}
                  aria-label={t('timeline.viewRemove', { name: view.name })}
                  onClick={() =>
                    going === view.id ? void ask(reader.removeView(view.id)) : setGoing(view.id)
                  }
                >
                  {going === view.id ? t('timeline.viewSure') : <IconTrash size={18} aria-hidden />}
                </Button>
              </li>
            ))}
          </ul>
          {isEmpty(filter) ? (
            <p className={layout.help}>{t('timeline.viewNothing')}</p>
          ) : (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                void save();
              }}
            >
              <Field
                id="timeline-view"
                label={t('timeline.viewName')}
                value={name}
                maxLength={60}
                onChange={setName}
              />
              <Button type="submit" disabled={name.trim() === ''}>
                {t('timeline.viewSave')}
              </Button>
            </form>
          )}
          {error !== null && (
            <Notice tone="bad" urgent>
              {sentence(error)}
            </Notice>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
