from . import derived as derived
