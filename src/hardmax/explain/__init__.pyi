from .explanation import Camp as Camp
from .explanation import Explanation as Explanation
from .explanation import explain_document as explain_document
