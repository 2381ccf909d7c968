"""The animals: one module per theme, one model per case."""

from .constraints import *  # noqa: F403
from .documents import *  # noqa: F403
from .keys import *  # noqa: F403
from .names import *  # noqa: F403
from .numbers import *  # noqa: F403
from .oddities import *  # noqa: F403
from .relations import *  # noqa: F403
from .texts import *  # noqa: F403
from .times import *  # noqa: F403
