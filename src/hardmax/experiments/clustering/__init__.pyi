from .run import study as study
