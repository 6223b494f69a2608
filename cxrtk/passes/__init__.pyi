from .convert_step import ConvertStep as ConvertStep
from .inputs import inputs_of as inputs_of
from .mask_step import MaskStep as MaskStep
from .options import Options as Options
from .outputs import write_table as write_table
from .reading import read_ahead as read_ahead
from .walk import Result as Result
from .walk import run as run
