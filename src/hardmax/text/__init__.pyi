from .bags import Bags as Bags
from .pipelines import PIPELINES as PIPELINES
from .pipelines import words_of as words_of
from .reading import Reading as Reading
from .vocabulary import Vocabulary as Vocabulary
