"""Sliders, and as JavaScript what Gradio's lack: they keep to numbers, and tell when a change settled."""

import gradio as gr

LIVE = "mq-live"  # the class of a slider whose settled changes are told
# A slider with nothing or nonsense typed in jumps to its least value; here it goes back to where it was, and
# a number beyond its ends to the end. This runs before Gradio's own listeners.
STEADY = """
const typed = (event) => event.target.matches?.('[data-testid=number-input]');
const keep = (event) => {
    if (!typed(event)) return;
    const input = event.target, given = input.value, {min, max, dataset} = input;
    input.value = given === '' ? dataset.was : Math.min(Math.max(given, min), max);
    dataset.was = input.value;
    if (input.value !== given) input.dispatchEvent(new Event('input', {bubbles: true}));
};
document.addEventListener('focus', (event) => {
    if (typed(event)) event.target.dataset.was = event.target.value;
}, true);
for (const name of ['change', 'blur']) document.addEventListener(name, keep, true);
"""
# The browser's own change event comes when the mouse lets go, and for keys, Enter and leaving the field too.
# Keys come in rows: the last one counts.
SETTLED = (
    """
let waiting;
element.closest('.column').addEventListener('change', (event) => {
    if (!event.target.closest('."""
    + LIVE
    + """')) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => trigger('submit'), 250);
});
"""
)


def slider(
    low: float,
    high: float,
    value: float,
    step: float,
    label: str,
    elem_id: str,
    *,
    live: bool = False,
    hint: str | None = None,
) -> gr.Slider:
    """A slider narrow enough for two in a row on a phone; a live one tells when a change has settled."""
    return gr.Slider(
        low,
        high,
        value,
        step=step,
        label=label,
        info=hint,
        min_width=130,
        elem_id=elem_id,
        elem_classes=[LIVE] if live else None,
    )
