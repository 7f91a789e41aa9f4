"""Answers that Gradio's page would not read, because it believes that a stream still runs which has ended.

The server ends the stream of answers once nothing is left to answer. An event that joins the queue before the
page has noticed would wait for the next stream, and so would its button, which takes no second press.
"""

import gradio as gr

from ui.events import quiet

# Any event that joins later opens the next stream, and it brings what was left behind. So where one joined
# while a stream lived, an event that does nothing follows soon after the stream's end.
_AWAKEN = """
let joined = [];
const look = (stream, ended) => {
    const doubtful = joined.some((join) => join.responseEnd > stream.startTime && join.startTime < ended);
    joined = joined.filter((join) => join.responseEnd > ended);
    if (doubtful) trigger('submit');
};
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    if (entry.name.includes('/queue/join')) joined.push(entry);
    if (entry.name.includes('/queue/data')) setTimeout(look, 250, entry, performance.now());
})).observe({type: 'resource', buffered: true});
"""


def fetch_lost_answers() -> None:
    """Watch the page's own requests; made inside the page."""
    watch = gr.HTML("", js_on_load=_AWAKEN, apply_default_css=False, elem_classes=["mq-unseen"])
    quiet(watch.submit, open_stream, None, None, trigger_mode="multiple")


def open_stream() -> None:
    """Nothing: that it was asked for is enough."""
