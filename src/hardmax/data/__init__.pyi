from .imdb import download as download
from .reviews import Reviews as Reviews
from .reviews import Texts as Texts
from .sample import sample_reviews as sample_reviews
from .sources import read_reviews as read_reviews
from .sources import read_texts as read_texts
from .sources import splits_of as splits_of
from .sources import write_processed as write_processed
