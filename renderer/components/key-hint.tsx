import classes from './key-hint.module.css';

/** The key that does the same. Read out from `aria-keyshortcuts` of its button, not from here. */
export function KeyHint({ children }: { readonly children: string }) {
  return (
    <span className={classes.key} aria-hidden="true">
      {children}
    </span>
  );
}
