/** The product's mark: a keyhole. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <rect width="16" height="16" rx="4" fill="#0e6763" />
      <path
        d="M8 3.25a2.6 2.6 0 0 0-1.35 4.82L5.9 12.2a.5.5 0 0 0 .5.6h3.2a.5.5 0 0 0 .5-.6l-.75-4.13A2.6 2.6 0 0 0 8 3.25Z"
        fill="#fff"
      />
    </svg>
  )
}
