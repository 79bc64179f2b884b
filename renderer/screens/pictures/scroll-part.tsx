import type { ReactNode } from 'react';
import classes from './pictures.module.css';

interface ScrollPartProps {
  readonly label: string;
  /** As high as what is in it. */
  readonly whole?: boolean;
  readonly children: ReactNode;
}

/** A table that may be wider than the page. */
export function ScrollPart({ label, whole = false, children }: ScrollPartProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section className={classes.scroll} data-whole={whole} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
