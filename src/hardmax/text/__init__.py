"""From texts to words, tokens and their ids; no torch."""

from hardmax.text.bags import Bags
from hardmax.text.pipelines import PIPELINES, words_of
from hardmax.text.reading import Reading
from hardmax.text.vocabulary import Vocabulary

__all__ = ["PIPELINES", "Bags", "Reading", "Vocabulary", "words_of"]
