import Bowser from 'bowser';

const LENGTH_MAX = 60;

/** What a browser says of itself, for whoever tells their sessions apart: 'Chrome, Android'. Null: nothing that is known. */
export function browserName(userAgent: string | undefined): string | null {
  if (userAgent === undefined || userAgent === '') return null;
  const { browser, os } = Bowser.parse(userAgent.slice(0, 512));
  const words = [browser.name, os.name].filter((word) => word !== undefined && word !== '');
  return words.length === 0 ? null : words.join(', ').slice(0, LENGTH_MAX);
}
