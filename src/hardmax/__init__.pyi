from .classifier.bundled import bundled_models as bundled_models
from .classifier.bundled import load as load
from .classifier.estimator import HardmaxClassifier as HardmaxClassifier
from .classifier.trained_model import TrainedModel as TrainedModel
from .data.reviews import Reviews as Reviews
from .data.sample import sample_reviews as sample_reviews
from .data.sources import read_reviews as read_reviews
from .data.sources import read_texts as read_texts
from .dynamics.examples import PRESETS as PRESETS
from .dynamics.examples import preset as preset
from .dynamics.limits import Limit as Limit
from .dynamics.limits import limit as limit
from .dynamics.rules import Hardmax as Hardmax
from .dynamics.rules import Rule as Rule
from .dynamics.rules import Softmax as Softmax
from .dynamics.simulation import simulate as simulate
from .dynamics.trajectory import Status as Status
from .dynamics.trajectory import Trajectory as Trajectory
from .errors import InputError as InputError
from .errors import MissingExtraError as MissingExtraError
from .explain.explanation import Explanation as Explanation
from .network.attention import HardmaxAttention as HardmaxAttention
from .training.settings import Settings as Settings

__version__: str
