declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}

declare module '*.css';

interface Window {
  /** Exposed by the preload script; absent in an ordinary browser. */
  readonly saksi?: import('../shared/bridge.ts').SaksiBridge;
}
