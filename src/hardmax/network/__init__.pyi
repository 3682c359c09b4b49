from .attention import HardmaxAttention as HardmaxAttention
from .network import HardmaxNetwork as HardmaxNetwork
from .shape import Shape as Shape
