from .history import History as History
from .loop import Outcome as Outcome
from .prepare import Examples as Examples
from .prepare import Prepared as Prepared
from .prepare import prepare as prepare
from .settings import PRESETS as PRESETS
from .settings import Settings as Settings
from .settings import Training as Training
