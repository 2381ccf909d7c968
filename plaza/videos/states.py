"""draft → uploading → processing → published or failed; a failed one is uploaded anew.

Each step is one conditional UPDATE of the row's own columns: of two that try it at once, one does it.
"""

from __future__ import annotations

from typing import Any

from plaza.videos.models import Video

State = Video.State
STEPS = {
    State.UPLOADING: (State.DRAFT, State.FAILED),
    State.PROCESSING: (State.UPLOADING,),
    State.PUBLISHED: (State.PROCESSING,),
    State.FAILED: (State.PROCESSING,),
    State.DRAFT: (State.UPLOADING,),  # the upload was given up
}


def move(video: int, to: Video.State, **values: Any) -> bool:
    """Whether it was in a state from which this one is reached; other columns are written with it."""
    return bool(Video.objects.filter(pk=video, state__in=STEPS[to]).update(state=to, **values))
