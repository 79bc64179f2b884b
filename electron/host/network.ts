import { networkInterfaces } from 'node:os';

/** The machine's addresses as one text: another text, another network. Says nothing of whether it leads anywhere. */
export function networkAddresses(): string {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses?.map(({ address }) => address) ?? [])
    .join();
}
