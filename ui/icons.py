"""The few drawings of the page, as inline SVG that takes the colour of the text around it."""

MARK = (
    '<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">'
    '<rect width="32" height="32" rx="9" fill="var(--mq-accent)"/>'
    '<g fill="none" stroke="#fff" stroke-width="1.9" stroke-linejoin="round" stroke-linecap="round">'
    '<path d="M16 6.6 23.4 10.6 16 14.6 8.6 10.6Z"/><path d="M8.6 10.6v7.2l7.4 4 7.4-4v-7.2M16 14.6v7.2"/>'
    '<path d="M9.5 25.6h13"/></g></svg>'
)
PICTURE = (
    '<svg viewBox="0 0 48 48" width="44" height="44" fill="none" stroke="currentColor" stroke-width="1.6"'
    ' stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">'
    '<rect x="7" y="9" width="34" height="30" rx="5"/><circle cx="17" cy="19" r="3.4"/>'
    '<path d="m8 34 10-9 7 6 7-8 9 9"/></svg>'
)
MESH = (
    '<svg viewBox="0 0 48 48" width="44" height="44" fill="none" stroke="currentColor" stroke-width="1.6"'
    ' stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">'
    '<path d="M24 6 39 14.5v18L24 41 9 32.5v-18Z"/>'
    '<path d="m9 14.5 15 8.5 15-8.5M24 23v18"/></svg>'
)
DOWN = (
    '<svg viewBox="0 0 20 20" width="15" height="15" fill="none" stroke="currentColor" stroke-width="1.8"'
    ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
    '<path d="M10 3v9m0 0 3.5-3.5M10 12 6.5 8.5M4 16.5h12"/></svg>'
)
BIN = (
    '<svg viewBox="0 0 20 20" width="14" height="14" fill="none" stroke="currentColor" stroke-width="1.7"'
    ' stroke-linecap="round" aria-hidden="true"><path d="m5.5 5.5 9 9m0-9-9 9"/></svg>'
)
