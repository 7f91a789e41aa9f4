from jobs.records import JobRecord
from tests.jobs.fakes import Clock
from ui.pacing import Pacing


def test_news_are_told_at_once_and_counting_a_few_times_a_second() -> None:
    clock = Clock()
    pacing = Pacing(0.1, clock)
    record = JobRecord(
        key="k", kind="image_to_mesh", state="running", request={}, created=0.0, stage="meshing"
    )
    assert pacing.due(record)
    assert not pacing.due(record.changed(step=1))
    assert pacing.due(record.changed(step=1, preview="preview-001.jpg"))
    assert not pacing.due(record.changed(step=2, preview="preview-001.jpg"))
    clock.move(0.2)
    assert pacing.due(record.changed(step=3, preview="preview-001.jpg"))
    assert pacing.due(record.changed(state="done", preview="preview-001.jpg"))
