/** Saksi's sign: an eye whose iris is a coin. */
export function Mark({ size }: { readonly size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 48 48" fill="none" aria-hidden="true">
      <path
        d="M3 24C9.5 13.5 16.3 9 24 9s14.5 4.500 21 15c-6.500 10.500-13.300 15-21 15S9.500 34.500 3 24Z"
        stroke="var(--mark)"
        strokeWidth="3.500"
        strokeLinejoin="round"
      />
      <circle cx="24" cy="24" r="8.500" fill="var(--mark)" />
      <circle cx="24" cy="24" r="3.500" fill="var(--header)" />
    </svg>
  );
}
