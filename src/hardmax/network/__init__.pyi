from .attention import HardmaxAttention as HardmaxAttention
from .network import HardmaxNetwork as HardmaxNetwork
from .predict import trajectories as trajectories
from .shape import Shape as Shape
