from .bundled import bundled_models as bundled_models
from .bundled import load as load
from .bundled import model_folder as model_folder
from .estimator import HardmaxClassifier as HardmaxClassifier
from .fit import fit as fit
from .runs import train_run as train_run
from .trained_model import TrainedModel as TrainedModel
